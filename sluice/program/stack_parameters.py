"""A stack as it is typed: one of those that have a file."""

from typing import Annotated

import typer

from etl.contract.faults import did_you_mean_ending
from sluice.program.stack_files import load_stack_file, stack_names


def parse_stack(text: str) -> str:
    """Return the name of a stack that has a file.

    Raises:
        BadParameter: it has none.
    """
    return _one_of(text, list(stack_names()))


def parse_deployed_stack(text: str) -> str:
    """Return the name of a stack that is on AWS.

    Raises:
        BadParameter: there is none of that name.
    """
    return _one_of(text, deployed_stacks())


def deployed_stacks() -> list[str]:
    """Return the stacks that are on AWS: an emulator's has endpoints of its own."""
    return [stack for stack in stack_names() if "aws:endpoints" not in load_stack_file(stack)]


def complete_stack(incomplete: str) -> list[str]:
    """Return the stacks that begin with a text, for the shell."""
    return [stack for stack in stack_names() if stack.startswith(incomplete)]


def _one_of(text: str, names: list[str]) -> str:
    if text in names:
        return text
    raise typer.BadParameter(f"there is no stack {text!r}: takes {', '.join(names)}{did_you_mean_ending(text, names)}")


StackArgument = Annotated[
    str,
    typer.Argument(
        metavar="STACK",
        parser=parse_stack,
        autocompletion=complete_stack,
        help="A stack that has a file Pulumi.<stack>.yaml.",
    ),
]
