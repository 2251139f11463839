"""The forms that the answer of a command on contracts can have, and the options that choose one."""

from enum import StrEnum
from typing import Annotated

import typer

from sluice.cli.errors import WrongUse


class OutputForm(StrEnum):
    """How an answer is written: for a terminal, for a program, for a pull request."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


MarkdownOption = Annotated[bool, typer.Option("--markdown", help="A Markdown table, as for a pull request.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object, as for a program.")]


def choose_form(*, markdown: bool, json: bool) -> OutputForm:
    """Return the form that the options ask for.

    Raises:
        WrongUse: they ask for both.
    """
    if markdown and json:
        raise WrongUse("--markdown and --json are two forms of one answer: give one of them")
    return OutputForm.MARKDOWN if markdown else OutputForm.JSON if json else OutputForm.TEXT
