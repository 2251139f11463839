"""The one place for faults of the tools: each becomes one line on stderr and an exit code, with --debug also a stack trace."""

import os
import sys
import traceback
from collections.abc import Callable

from etl.errors import SluiceError
from sluice.cli.exit_codes import ExitCode
from sluice.console import print_error

TRACE_VARIABLE = "SLUICE_TRACE"
"""Set in the environment, it is --debug for every command."""


class WrongUse(ValueError):
    """What was typed cannot be done, and nothing was changed; the message says what to type instead."""


class FaultWithLines(RuntimeError):
    """A fault whose message has several lines, which are all shown: the end of a log, or a list of faults."""


def run_to_exit_code(name: str, command: Callable[[], int | None]) -> int:
    """Run a command to its exit code; `name` is what messages begin with, such as `sluice lint`.

    What was printed is flushed here, where a closed pipe can still be told from other faults.
    """
    try:
        try:
            return command() or ExitCode.DONE
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        _print_trace()
        goes_on = str(interrupt)
        print_error(f"{name}: interrupted{'; ' if goes_on else ''}{goes_on}", lines=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OTHER_FAULT
    except Exception as fault:
        _print_trace()
        print_error(f"{name}: {fault_message(fault)}", lines=isinstance(fault, (FaultWithLines, WrongUse)))
        return ExitCode.WRONG_USE if isinstance(fault, WrongUse) else ExitCode.OTHER_FAULT


def fault_message(fault: Exception) -> str:
    """Return what is said of a fault: our own words where it is one of ours or of AWS, else its class and its first line."""
    # Botocore takes a quarter of a second, and a command that met one of its faults has it.
    botocore = sys.modules.get("botocore.exceptions")
    if botocore and isinstance(fault, (botocore.BotoCoreError, botocore.ClientError)):
        return f"AWS refused: {fault}"  # its message names action and resource where a permission is missing
    if isinstance(fault, (WrongUse, SluiceError, FaultWithLines)):
        return str(fault)
    hint = "" if os.environ.get(TRACE_VARIABLE) else " (--debug shows where)"
    if isinstance(fault, OSError):  # also how pyarrow, which reads tables, says what AWS refused
        return f"could not be read or written: {_first_line(fault)}{hint}"
    return f"{type(fault).__name__}: {_first_line(fault)}{hint}"


def _first_line(fault: Exception) -> str:
    return next(iter(str(fault).strip().splitlines()), "")


def _print_trace() -> None:
    if os.environ.get(TRACE_VARIABLE):
        print_error(traceback.format_exc(), lines=True)
