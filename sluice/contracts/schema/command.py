"""Print the JSON Schema of suite files, made from Great Expectations' own models.

With it an editor completes suites and marks their errors: map `expectations/*/*.json` to `expectations/schema.json`.
"""

import argparse

from sluice.contracts.schema.reference_page import PAGE, render_page
from sluice.contracts.schema.suite_schema import FILE, render_schema
from sluice.contracts.suite_files import short_path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    names = f"{short_path(FILE)} and {short_path(PAGE)}"
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--write", action="store_true", help=f"write it, and the page of keys: {names}")
    form.add_argument("--check", action="store_true", help=f"say whether {names} are what would be written")


def run(options: argparse.Namespace) -> int:
    """Print the schema, or write or check it and the page; 1 where a file is another."""
    if not options.write and not options.check:
        print(render_schema(), end="")
        return 0
    stale = False
    for file, text in ((FILE, render_schema()), (PAGE, render_page())):
        if options.write:
            file.write_text(text, encoding="utf-8")
            continue
        same = file.is_file() and file.read_text(encoding="utf-8") == text
        stale = stale or not same
        state = "what the library says" if same else "stale: run python -m review schema --write"
        print(f"{short_path(file)} is {state}")
    return int(stale)
