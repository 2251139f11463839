"""`make commands`: docs/commands.md, from the table of commands and what each command takes."""

import inspect
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from components.settings.lake_folder import ROOT
from sluice.cli.app import PROGRAM, build_app, load_command
from sluice.cli.commands import COMMANDS, CommandEntry
from sluice.cli.exit_codes import ExitCode
from sluice.cli.help_page import parameter_rows, usage_words

PAGE = ROOT / "docs" / "commands.md"
INTRODUCTION = """\
# Commands

`make commands` writes this page from the commands themselves. Set-up puts `sluice` into `.venv/bin`; after
`. .venv/bin/activate` it is on the PATH, and `python -m sluice` is the same. `sluice --help` lists the commands,
`sluice COMMAND --help` shows one, `sluice --version` prints the version, and `sluice --install-completion` lets the shell
complete commands, options, datasets and stacks.

A fault is one line on stderr that says what to do. `--debug` shows where it comes from, and so does `SLUICE_TRACE=1` in the
environment. `python -m review`, `python -m operate` and `python -m sandbox` say the new name of a command and do it, until the
next version.

## Exit codes

| code | meaning |
|---|---|
"""


def render_page() -> str:
    """Return the page."""
    lines = [INTRODUCTION + "\n".join(f"| {code.value} | {code.meaning} |" for code in ExitCode)]
    for group, entries in groupby(COMMANDS, key=lambda entry: entry.group):
        lines += ["", f"## {group}"]
        for entry in entries:
            lines += _command_lines(entry, PROGRAM)
    return "\n".join([*lines, ""])


def _command_lines(entry: CommandEntry, prefix: str) -> Iterator[str]:
    """Yield a command's heading, description, what it takes and examples; then those of its own commands."""
    command = load_command(entry, build_app())
    path = f"{prefix} {entry.name}"
    yield from ("", f"{'###' if prefix == PROGRAM else '####'} {path}", "")
    yield from inspect.cleandoc(command.help or "").splitlines()
    subcommands: tuple[CommandEntry, ...] = getattr(command, "entries", ())
    if subcommands:
        for subcommand in subcommands:
            yield from _command_lines(subcommand, path)
        return
    context: Any = command.make_context(path, [], resilient_parsing=True)
    rows = [*parameter_rows(context, "argument"), *parameter_rows(context, "option")]
    shown = [(name, meaning) for name, meaning in rows if name not in ("--debug", "--help")]
    yield from ("", f"`{path} {' '.join(usage_words(context))}`")
    if shown:
        yield from ("", "| argument | meaning |", "|---|---|")
        yield from (f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in shown)
    yield from ("", f"For example: {', '.join(f'`{example}`' for example in entry.examples)}")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
