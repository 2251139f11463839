"""Print the JSON Schema of suite files, made from Great Expectations' own models; write it, and that of verdicts.

With it an editor completes suites and marks their errors: map `expectations/*/*.json` to `expectations/schema.json`.
"""

from typing import Annotated

import typer

from components.settings.lake_folder import ROOT
from etl.results.verdict_file import render_verdict_schema
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.contracts.schema.reference_page import PAGE, render_page
from sluice.contracts.schema.suite_schema import FILE, render_schema
from sluice.contracts.suite_files import short_path

VERDICT_FILE = ROOT / "docs/verdict.schema.json"
FILES = f"{short_path(FILE)}, {short_path(PAGE)} and, of verdicts, {short_path(VERDICT_FILE)}"


def run(
    write: Annotated[bool, typer.Option("--write", help=f"Write {FILES}.")] = False,
    check: Annotated[bool, typer.Option("--check", help=f"Say whether {FILES} are what would be written.")] = False,
) -> ExitCode:
    """Print the schema of suites, or write or check it, the page of keys and verdicts' schema; at fault where one is stale."""
    if write and check:
        raise WrongUse("--write changes what --check only looks at: give one of them")
    if not write and not check:
        print(render_schema(), end="")
        return ExitCode.DONE
    stale = False
    for file, text in ((FILE, render_schema()), (PAGE, render_page()), (VERDICT_FILE, render_verdict_schema())):
        if write:
            file.write_text(text, encoding="utf-8")
            continue
        same = file.is_file() and file.read_text(encoding="utf-8") == text
        stale = stale or not same
        state = "what the models and the library say" if same else "stale: run sluice schema --write"
        print(f"{short_path(file)} is {state}")
    return ExitCode.AT_FAULT if stale else ExitCode.DONE
