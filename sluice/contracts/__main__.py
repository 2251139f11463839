"""`python -m review`: contracts as a reviewer reads them."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from sluice.console import WRONG_USE, CommandParser, print_error, run_to_exit_code
from sluice.contracts.suite_files import WrongUse

COMMANDS = {
    "lint": "what is wrong with the contracts, or says nothing",
    "diff": "what changed between two commits' contracts, for whom, and the version it needs",
    "prove": "that every rule bites: each reports a fault that is made for it, and none a valid day",
    "backtest": "what a changed contract would have refused of given data, next to the published one",
    "profile": "a draft of both suites from a sample, with the evidence for each rule",
    "docs": "a static site of all contracts and the latest verdicts",
    "export": "contracts as other tools read them: Open Data Contract Standard documents",
    "schema": "the JSON Schema of suite files, for completion and errors in an editor",
}
CODES = "exit codes: 0 nothing to mend, 1 something found, 2 wrong use, 3 anything else, 130 Ctrl-C"


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return run_to_exit_code("review", lambda: _run_command(argv))


def _run_command(argv: list[str] | None) -> int:
    parser = CommandParser(prog="python -m review", description=__doc__, epilog=CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = (sys.argv[1:] if argv is None else argv)[:1]
    for name, about in COMMANDS.items():
        # What another command imports takes longer than lint.
        if chosen == [name] or not chosen or chosen[0] not in COMMANDS:
            _declare_command(commands.add_parser, name, about)
        else:
            commands.add_parser(name, help=about)
    options = parser.parse_args(argv)
    try:
        return options.run(options)
    except WrongUse as error:
        print_error(f"{parser.prog} {options.command}: {error}", lines=True)
        return WRONG_USE


def _declare_command(add_parser: Callable[..., CommandParser], name: str, about: str) -> None:
    module = import_module(f"sluice.contracts.{name}.command")
    command = add_parser(
        name,
        help=about,
        description=f"{module.__doc__}",
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.arguments(command)
    command.set_defaults(run=module.run)


if __name__ == "__main__":
    sys.exit(main())
