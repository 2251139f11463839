"""What the command lines share, none of which runs on Glue: clean text, one line of fault, and an exit code."""

import argparse
import os
import re
import sys
import traceback
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from etl.wording import clean_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WRONG_USE, OTHER_FAULT, INTERRUPTED = 2, 3, 130
TRACE_VARIABLE = "SLUICE_TRACE"
Part = str | tuple[str, str]


def styled_text(*parts: Part, lines: bool = False) -> "Text":
    """Return parts, each a text or a text and its style, for rich, cleaned; `lines` as `clean` has it."""
    from rich.text import Text  # noqa: PLC0415  a tenth of a second that --json need not wait for

    styled = ((part, "") if isinstance(part, str) else part for part in parts)
    return Text.assemble(*((clean_text(part_text, lines=lines), style) for part_text, style in styled))


def make_console(**options: Any) -> "Console":
    """Return rich's console, whose closed pipe is left to `run_to_exit_code`: by itself rich ends with the
    code of a refusal.
    """
    from rich.console import Console  # noqa: PLC0415  a tenth of a second that --json need not wait for

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            raise BrokenPipeError

    return Terminal(highlight=False, **options)


def print_error(text: object, *, lines: bool = False) -> None:
    """Write what went wrong on stderr."""
    print(clean_text(str(text), lines=lines), file=sys.stderr, flush=True)


class CommandParser(argparse.ArgumentParser):
    """Tells of wrong use in one line, which names the argument."""

    def error(self, message: str) -> NoReturn:
        """End with the code of wrong use."""
        print_error(f"{self.prog}: {message}; see {self.prog} --help")
        raise SystemExit(WRONG_USE)


def parse_day(text: str) -> str:
    """Return a day as the job takes it, for argparse.

    Raises:
        ArgumentTypeError: it is no day of the form yyyy-MM-dd.
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) and date.fromisoformat(text):
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no day of the form yyyy-MM-dd, such as 2026-01-31")


def run_to_exit_code(name: str, command: Callable[[], int | None]) -> int:
    """Run a command to its exit code: 130 where Ctrl-C ended it, 3 where something did that nobody foresaw.

    `name` is what its messages begin with. With the variable SLUICE_TRACE set, the stack trace is written too.
    """
    try:
        try:
            return command() or 0
        finally:
            sys.stdout.flush()  # here, where a closed pipe can still be told from other faults
    except KeyboardInterrupt:
        return _report_interrupt(name)
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OTHER_FAULT
    except Exception as fault:
        _print_trace()
        hint = "" if os.environ.get(TRACE_VARIABLE) else f" ({TRACE_VARIABLE}=1 shows where)"
        print_error(f"{name}: {type(fault).__name__}: {fault}{hint}", lines=True)
        return OTHER_FAULT


def _report_interrupt(name: str) -> int:
    _print_trace()
    print_error(f"{name}: interrupted")
    return INTERRUPTED


def _print_trace() -> None:
    if os.environ.get(TRACE_VARIABLE):
        print_error(traceback.format_exc(), lines=True)
