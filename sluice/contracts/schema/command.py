"""Print the JSON Schema of suite files, made from Great Expectations' own models.

With it an editor completes suites and marks their errors: map `expectations/*/*.json` to `expectations/schema.json`.
"""

import argparse

from sluice.contracts.schema.suite_schema import FILE, written
from sluice.contracts.suite_files import short


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--write", action="store_true", help=f"write it to {short(FILE)}")
    form.add_argument("--check", action="store_true", help=f"say whether {short(FILE)} is what would be written")


def run(options: argparse.Namespace) -> int:
    """Print, write or check the schema; 1 where the file is another."""
    made = written()
    if options.write:
        FILE.write_text(made)
    elif options.check:
        same = FILE.is_file() and FILE.read_text() == made
        print(f"{short(FILE)} is {'what the library says' if same else 'stale: run python -m review schema --write'}")
        return 0 if same else 1
    else:
        print(made, end="")
    return 0
