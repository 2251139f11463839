"""`python -m sandbox.engine [STACK...]`: the program through Pulumi's real engine, stack by stack, and an upgrade."""

import sys
import time
from collections.abc import Iterable

from sluice.console import OTHER_FAULT, Parser, complain, ending
from sluice.program import wheels
from sluice.program.engine.life import Step, life
from sluice.program.engine.pages import pages
from sluice.program.engine.project import CliMissing, StepFailed, need_cli, project
from sluice.program.engine.steps import Surprise
from sluice.program.engine.upgrade import STACKS as UPGRADED
from sluice.program.engine.upgrade import earlier, upgrade
from sluice.program.graph import STACKS

FAULTS = (StepFailed, Surprise)
PAGES = "pages"
"""Asks for what follows the pages, in place of a stack's name."""


def main(argv: list[str]) -> int:
    """Exit code 0, 1 where a step went otherwise, 3 where it cannot begin: no CLI, or not the earlier program."""
    parser = Parser(prog="sandbox.engine", description=__doc__)
    parser.add_argument(
        "stacks", nargs="*", metavar="STACK", help=f"{', '.join(STACKS)}, or {PAGES}; all of them without one"
    )
    takes = (*STACKS, PAGES)
    stacks = parser.parse_args(argv).stacks or list(takes)
    if unknown := sorted(set(stacks) - set(takes)):
        parser.error(f"no stack {', '.join(unknown)}: takes {', '.join(takes)}")
    try:
        need_cli()
        revision = earlier()
        wheels.main()  # the CLI is looked for first: without it nothing has to be downloaded
    except (CliMissing, LookupError) as fault:
        complain(str(fault))
        return OTHER_FAULT
    for stack in stacks:
        with project() as copied:
            if not walk(stack, pages(copied) if stack == PAGES else life(copied, stack)):
                return 1
        if stack in UPGRADED:
            with project(revision) as copied:
                if not walk(stack, upgrade(copied, stack, revision)):
                    return 1
    return 0


def walk(stack: str, steps: Iterable[Step]) -> bool:
    """Take each step and print a line with its seconds; False where one went otherwise, which is said on stderr."""
    for name, step in steps:
        began = time.monotonic()
        try:
            step()
        except FAULTS as fault:
            complain(f"{stack}: {name}: {fault}", lines=True)
            return False
        print(f"{stack}: {name}, {time.monotonic() - began:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(ending("sandbox.engine", lambda: main(sys.argv[1:])))
