"""`python -m sluice.contracts.check DATASET FILE...`, as `sluice check` takes it."""

import os
import sys
from typing import Any

import typer

from sluice.console import WRONG_USE, print_error, run_to_exit_code
from sluice.contracts.check import command
from sluice.contracts.check.errors import RunFailed, WrongUse


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    return run_to_exit_code("sluice check", lambda: _run_command(argv))


def _run_command(argv: list[str]) -> int:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("check", help=command.__doc__)(command.run)
    try:
        typer_command: Any = typer.main.get_command(app)
        return typer_command.main(argv, prog_name="sluice check", standalone_mode=False) or 0
    except (WrongUse, typer.TyperException) as fault:
        print_error(fault.format_message() if isinstance(fault, typer.TyperException) else fault, lines=True)
        return WRONG_USE
    except RunFailed as fault:
        print_error(fault, lines=True)
        return 3


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
