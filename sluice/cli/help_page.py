"""Help pages for a terminal of any width: what a command is for, what it takes, examples, and the exit codes.

Lines break between words only (`sluice.word_wrap`), and what stands in a first column is never cut. Examples are there to be
copied, and stay whole.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.console import DEFAULT_COLUMNS, output_columns
from sluice.word_wrap import wrap_line

Rows = Sequence[tuple[str, str]]
INDENT = "  "
WIDEST_NAME = 24
"""Characters of a first column; what belongs to a longer name stands below it."""


def write_command_page(context: typer.Context, formatter: Any, examples: Sequence[str]) -> None:
    """Write the help of one command."""
    formatter.write(_page(context, _page_width(), [], [("Examples" if len(examples) > 1 else "Example", examples)]))


def write_group_page(context: typer.Context, formatter: Any, sections: Iterable[tuple[str, Rows]]) -> None:
    """Write the help of a group: `sections` are headings, each with names of commands and what these are for."""
    formatter.write(_page(context, _page_width(), sections, []))


def parameter_rows(context: typer.Context, kind: str) -> list[tuple[str, str]]:
    """Return name and help of each parameter of a kind, `argument` or `option`, in the command's order."""
    parameters: list[Any] = [
        parameter for parameter in context.command.get_params(context) if parameter.param_type_name == kind
    ]
    if kind == "argument":
        return [(_argument_name(parameter), parameter.help or "") for parameter in parameters if not parameter.hidden]
    return [record for parameter in parameters if (record := parameter.get_help_record(context))]


def usage_words(context: typer.Context) -> list[str]:
    """Return what is typed behind a command's name, what may be left out in brackets."""
    arguments: list[Any] = [
        parameter for parameter in context.command.params if parameter.param_type_name == "argument"
    ]
    required = [
        f"{option.opts[0]} {option.metavar or option.name.upper()}"
        for option in context.command.params
        if option.param_type_name == "option" and option.required
    ]
    shown = [
        _argument_name(argument) if argument.required else f"[{_argument_name(argument)}]" for argument in arguments
    ]
    subcommands = ["COMMAND", "..."] if hasattr(context.command, "list_commands") else []
    return [*shown, *required, "[OPTIONS]", *subcommands]


def wrap_words(text: str, width: int) -> list[str]:
    """Return the lines of a paragraph; a word that is longer than a line has one of its own."""
    return wrap_line(" ".join(text.split()), width) if text else []


def _page_width() -> int:
    """Return how wide a page is: text is read best in lines that are no longer than a usual terminal's."""
    return min(output_columns(), DEFAULT_COLUMNS)


def _argument_name(argument: Any) -> str:
    return f"{argument.metavar or argument.name.upper()}{'...' if argument.nargs != 1 else ''}"


def _page(
    context: typer.Context, width: int, commands: Iterable[tuple[str, Rows]], texts: Iterable[tuple[str, Sequence[str]]]
) -> str:
    usage = wrap_words(" ".join([context.command_path, *usage_words(context)]), width - len(INDENT))
    lines = [_heading("Usage"), *(f"{INDENT}{line}" for line in usage)]
    lines += _description(context.command.help or "", width)
    for heading, rows in commands:
        lines += ["", _heading(heading), *_definitions(rows, width)]
    for heading, kind in (("Arguments", "argument"), ("Options", "option")):
        if rows := parameter_rows(context, kind):
            lines += ["", _heading(heading), *_definitions(rows, width)]
    for heading, verbatim in texts:
        lines += ["", _heading(heading), *(f"{INDENT}{line}" for line in verbatim)]
    codes = [(str(code.value), code.meaning) for code in ExitCode]
    lines += ["", _heading("Exit codes"), *_definitions(codes, width)]
    return "\n".join([*lines, ""])


def _description(text: str, width: int) -> Iterator[str]:
    """Yield paragraphs, wrapped; those that are indented stay as they are, for they are to be copied."""
    for paragraph in re.split(r"\n[ ]*\n", inspect.cleandoc(text)):
        yield ""
        wrap = str.splitlines if paragraph.startswith(" ") else partial(wrap_words, width=width - len(INDENT))
        yield from (f"{INDENT}{line}" for line in wrap(paragraph))


def _definitions(rows: Rows, width: int) -> Iterator[str]:
    widest = min(WIDEST_NAME, width // 3)
    column = min(max((len(name) for name, _ in rows), default=0), widest) + len(INDENT)
    for name, meaning in rows:
        first, *others = wrap_words(meaning, width - column - len(INDENT)) or [""]
        if len(name) + len(INDENT) > column:
            yield from (f"{INDENT}{typer.style(part, fg='cyan')}" for part in wrap_line(name, width - len(INDENT), 2))
            yield f"{INDENT}{'':{column}}{first}"
        else:
            yield f"{INDENT}{typer.style(name, fg='cyan')}{'':{column - len(name)}}{first}".rstrip()
        yield from (f"{INDENT}{'':{column}}{line}" for line in others)


def _heading(text: str) -> str:
    return typer.style(f"{text}:", bold=True)
