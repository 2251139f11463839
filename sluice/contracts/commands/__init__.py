"""The commands of `python -m review`, a module each: its arguments, and what it does with them.

Hides nothing: it is what the commands share.
"""

import argparse

__all__ = ["add_output_formats"]


def add_output_formats(parser: argparse.ArgumentParser) -> None:
    """Add the forms that an answer can have."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="a Markdown table, as for a pull request")
    form.add_argument("--json", action="store_true", help="one JSON object, as for a program")
