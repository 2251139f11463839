"""The command `sluice`: it finds a command in the table, imports its module, and runs it to an exit code."""

import os
import sys
import tomllib
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from itertools import groupby
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from components.settings.lake_folder import ROOT
from etl.contract.faults import did_you_mean_ending
from sluice.cli.commands import COMMANDS, CommandEntry
from sluice.cli.errors import TRACE_VARIABLE, WrongUse, run_to_exit_code
from sluice.cli.exit_codes import ExitCode
from sluice.cli.help_page import write_command_page, write_group_page

PROGRAM = "sluice"
COMPLETION_VARIABLE = "_SLUICE_COMPLETE"
"""The shell sets it where it asks for completions."""


class Command(TyperCommand):
    """A command whose help has examples and exit codes, and whose options may be given several values at once."""

    examples: Sequence[str] = ()

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        write_command_page(ctx, formatter, self.examples)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words that were typed."""
        if not any(parameter.param_type_name == "argument" for parameter in self.params):
            args = _repeat_options(args, {name for option in self.params if option.multiple for name in option.opts})
        return super().parse_args(ctx, args)


class LazyGroup(TyperGroup):
    """Commands of a table, of which only the one that is run is imported."""

    entries: tuple[CommandEntry, ...] = COMMANDS

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands."""
        return [entry.name for entry in self.entries]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stand-in, which has what lists and shells show of a command; None where there is no such command."""
        summaries = {entry.name: entry.summary for entry in self.entries}
        return Command(cmd_name, help=summaries[cmd_name]) if cmd_name in summaries else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the name, the command itself, and what was typed behind it."""
        name, *words = args
        for entry in self.entries:
            if entry.name == name:
                return name, load_command(entry, ctx.find_root().command), words
        if not ctx.resilient_parsing:
            names = self.list_commands(ctx)
            ctx.fail(f"there is no command {name!r}{did_you_mean_ending(name, names)}")
        return None, None, words

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        grouped = groupby(self.entries, key=lambda entry: entry.group)
        sections = [(group, [(entry.name, entry.summary) for entry in entries]) for group, entries in grouped]
        write_group_page(ctx, formatter, sections)


def main(argv: Sequence[str] | None = None, account: object = None) -> int:
    """Run one command and return its exit code.

    `account` is an `Account` that operators' commands act in; by default they take that of the user's own keys.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    return run_to_exit_code(_name_of(words), partial(_run_command, words, account))


def load_command(entry: CommandEntry, root: Any) -> Any:
    """Import a command's module and return the command, or its group of commands, with the root's option --debug."""
    module = import_module(entry.module)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    if hasattr(module, "SUBCOMMANDS"):
        app.callback(cls=type("Subcommands", (LazyGroup,), {"entries": module.SUBCOMMANDS}), help=module.__doc__)(
            lambda: None
        )
        return typer.main.get_command(app)
    app.command(entry.name, cls=Command, help=module.__doc__, options_metavar="[OPTIONS]")(module.run)
    command: Any = typer.main.get_command(app)
    command.examples = entry.examples
    command.params += [parameter for parameter in root.params if parameter.name == "debug"]
    return command


def build_app() -> Any:
    """Return the root of all commands."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback(cls=LazyGroup, invoke_without_command=True)(_root)
    return typer.main.get_command(app)


def read_version() -> str:
    """Return the version in pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def _run_command(words: list[str], account: object) -> int:
    app = build_app()
    if COMPLETION_VARIABLE in os.environ:
        app.main(words, prog_name=PROGRAM, complete_var=COMPLETION_VARIABLE)
    try:
        with app.make_context(PROGRAM, words, obj=account) as context:
            return app.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.TyperException as fault:
        raise WrongUse(usage_message(fault)) from fault


def _print_version(is_set: bool) -> None:
    if is_set:
        typer.echo(f"{PROGRAM} {read_version()}")
        raise typer.Exit


def _show_traces(is_set: bool) -> None:
    if is_set:
        os.environ[TRACE_VARIABLE] = "1"


def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", callback=_show_traces, is_eager=True, expose_value=False, help="Show where a fault comes from."
        ),
    ] = False,
) -> int:
    """A contract-gated data lake on AWS: try it here, review its contracts, operate it, deploy it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        return ExitCode.WRONG_USE
    return ExitCode.DONE


def _name_of(words: Sequence[str]) -> str:
    """Return what messages begin with: the program and the command that was typed."""
    names = {entry.name for entry in COMMANDS}
    typed = next((word for word in words if not word.startswith("-")), "")
    return f"{PROGRAM} {typed}" if typed in names else PROGRAM


def usage_message(fault: typer.TyperException) -> str:
    """Return what is wrong with the words that were typed, in one line, with the likely word and where help is."""
    context, likely = getattr(fault, "ctx", None), list(getattr(fault, "possibilities", None) or ())
    message = (fault.message if likely else fault.format_message()).rstrip(".")
    path = context.command_path if context else PROGRAM
    meant = f"; did you mean {likely[0]!r}?" if likely else ""
    return f"{message[:1].lower()}{message[1:]}{meant}; see {path} --help".replace("?; see", "? See")


def _repeat_options(words: list[str], names: set[str]) -> list[str]:
    """Return the words with `--option a b` written as `--option a --option b`, for the options of these names."""
    repeated: list[str] = []
    option = ""
    for word in words:
        if word.startswith("-"):
            option = word if word in names else ""
        elif option and repeated[-1] != option:
            repeated.append(option)
        repeated.append(word)
    return repeated
