"""Print the JSON Schema of suite files, made from Great Expectations' own models; write it, and those of verdicts and results.

With it an editor completes suites and marks their errors: map `expectations/*/*.json` to `expectations/schema.json`.
"""

from typing import Annotated

import typer

from components.settings.lake_folder import ROOT
from etl.results.results_schema import render_results_schema
from etl.results.verdict_file import render_verdict_schema
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.console import print_lines
from sluice.contracts.schema import results_page
from sluice.contracts.schema.reference_page import PAGE, render_page
from sluice.contracts.schema.suite_schema import FILE, render_schema
from sluice.contracts.suite_files import short_path

VERDICT_FILE = ROOT / "docs/verdict.schema.json"
RESULTS_FILE = ROOT / "docs/results.schema.json"
FILES = (
    f"{short_path(FILE)}, {short_path(PAGE)}, of verdicts {short_path(VERDICT_FILE)} and, of results, "
    f"{short_path(RESULTS_FILE)} and {short_path(results_page.PAGE)}"
)


def run(
    write: Annotated[bool, typer.Option("--write", help=f"Write {FILES}.")] = False,
    check: Annotated[bool, typer.Option("--check", help=f"Say whether {FILES} are what would be written.")] = False,
) -> ExitCode:
    """Print the schema of suites; or write or check it, those of verdicts and results, and pages; at fault if one is stale."""
    if write and check:
        raise WrongUse("--write changes what --check only looks at: give one of them")
    if not write and not check:
        print(render_schema(), end="")
        return ExitCode.DONE
    stale = False
    texts = {
        **{FILE: render_schema(), PAGE: render_page(), VERDICT_FILE: render_verdict_schema()},
        **{RESULTS_FILE: render_results_schema(), results_page.PAGE: results_page.render_page()},
    }
    for file, text in texts.items():
        if write:
            file.write_text(text, encoding="utf-8")
            continue
        same = file.is_file() and file.read_text(encoding="utf-8") == text
        stale = stale or not same
        state = "what the models and the library say" if same else "stale: run sluice schema --write"
        print_lines(f"{short_path(file)} is {state}")
    return ExitCode.AT_FAULT if stale else ExitCode.DONE
