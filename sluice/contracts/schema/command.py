"""Print the JSON Schema of suite files, made from Great Expectations' own models.

With it an editor completes suites and marks their errors: map `expectations/*/*.json` to `expectations/schema.json`.
"""

import argparse

from sluice.contracts.schema.suite_schema import FILE, render_schema
from sluice.contracts.suite_files import short_path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--write", action="store_true", help=f"write it to {short_path(FILE)}")
    form.add_argument("--check", action="store_true", help=f"say whether {short_path(FILE)} is what would be written")


def run(options: argparse.Namespace) -> int:
    """Print, write or check the schema; 1 where the file is another."""
    schema_text = render_schema()
    if options.write:
        FILE.write_text(schema_text)
    elif options.check:
        same = FILE.is_file() and FILE.read_text() == schema_text
        print(
            f"{short_path(FILE)} is {'what the library says' if same else 'stale: run python -m review schema --write'}"
        )
        return 0 if same else 1
    else:
        print(schema_text, end="")
    return 0
