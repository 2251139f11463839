"""`python -m sluice.program.engine [STACK...]`: the program through Pulumi's real engine, stack by stack, and an upgrade."""

import sys
import time
from collections.abc import Iterable

from sluice.cli.errors import run_to_exit_code
from sluice.cli.exit_codes import ExitCode
from sluice.cli.module_parser import CommandParser
from sluice.console import print_error
from sluice.program import wheels
from sluice.program.engine.life import Step, life_steps
from sluice.program.engine.pages import page_steps
from sluice.program.engine.project import CliMissing, StepFailed, need_cli, temporary_project
from sluice.program.engine.steps import UnexpectedChange
from sluice.program.engine.upgrade import STACKS as UPGRADED
from sluice.program.engine.upgrade import earlier_revision, upgrade_steps
from sluice.program.graph import STACKS

STEP_FAULTS = (StepFailed, UnexpectedChange)
PAGES_ARGUMENT = "pages"
"""Asks for what follows the pages, in place of a stack's name."""


def main(argv: list[str]) -> int:
    """Exit code 0, 1 where a step went otherwise, 3 where it cannot begin: no CLI, or not the earlier program."""
    parser = CommandParser(prog="sluice.program.engine", description=__doc__)
    parser.add_argument(
        "stacks", nargs="*", metavar="STACK", help=f"{', '.join(STACKS)}, or {PAGES_ARGUMENT}; all of them without one"
    )
    choices = (*STACKS, PAGES_ARGUMENT)
    stacks = parser.parse_args(argv).stacks or list(choices)
    if unknown := sorted(set(stacks) - set(choices)):
        parser.error(f"no stack {', '.join(unknown)}: takes {', '.join(choices)}")
    try:
        need_cli()
        revision = earlier_revision()
        wheels.build_bundle()  # the CLI is looked for first: without it nothing has to be downloaded
    except (CliMissing, LookupError) as fault:
        print_error(str(fault))
        return ExitCode.OTHER_FAULT
    for stack in stacks:
        with temporary_project() as project_copy:
            if not run_steps(
                stack, page_steps(project_copy) if stack == PAGES_ARGUMENT else life_steps(project_copy, stack)
            ):
                return 1
        if stack in UPGRADED:
            with temporary_project(revision) as project_copy:
                if not run_steps(stack, upgrade_steps(project_copy, stack, revision)):
                    return 1
    return 0


def run_steps(stack: str, steps: Iterable[Step]) -> bool:
    """Take each step and print a line with its seconds; False where one went otherwise, which is said on stderr."""
    for name, step in steps:
        began = time.monotonic()
        try:
            step()
        except STEP_FAULTS as fault:
            print_error(f"{stack}: {name}: {fault}", lines=True)
            return False
        print(f"{stack}: {name}, {time.monotonic() - began:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.program.engine", lambda: main(sys.argv[1:])))
