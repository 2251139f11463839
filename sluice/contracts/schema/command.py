"""Print the JSON Schema of suite files, made from Great Expectations' own models; write it, and that of verdicts.

With it an editor completes suites and marks their errors: map `expectations/*/*.json` to `expectations/schema.json`.
"""

import argparse

from components.settings.lake_folder import ROOT
from etl.results.verdict_file import render_verdict_schema
from sluice.contracts.schema.reference_page import PAGE, render_page
from sluice.contracts.schema.suite_schema import FILE, render_schema
from sluice.contracts.suite_files import short_path

VERDICT_FILE = ROOT / "docs/verdict.schema.json"
FILES = f"{short_path(FILE)}, {short_path(PAGE)} and, of verdicts, {short_path(VERDICT_FILE)}"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--write", action="store_true", help=f"write {FILES}")
    form.add_argument("--check", action="store_true", help=f"say whether {FILES} are what would be written")


def run(options: argparse.Namespace) -> int:
    """Print the schema of suites, or write or check it, the page of keys and verdicts' schema; 1 where a file is another."""
    if not options.write and not options.check:
        print(render_schema(), end="")
        return 0
    stale = False
    for file, text in ((FILE, render_schema()), (PAGE, render_page()), (VERDICT_FILE, render_verdict_schema())):
        if options.write:
            file.write_text(text, encoding="utf-8")
            continue
        same = file.is_file() and file.read_text(encoding="utf-8") == text
        stale = stale or not same
        state = "what the models and the library say" if same else "stale: run python -m review schema --write"
        print(f"{short_path(file)} is {state}")
    return int(stale)
