"""The commands as somebody types them, and what they leave running."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sluice.cli.app import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class CommandResult:
    """What a command that ended left: its exit code and its two streams."""

    code: int
    out: str
    err: str


def run_sandbox(*arguments: str | Path) -> CommandResult:
    """Run `sluice` to its end."""
    completed = subprocess.run(
        command_line(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    return CommandResult(completed.returncode, completed.stdout, completed.stderr)


def run_here(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> CommandResult:
    """Run `sluice` to its end in this process: what is refused before anything starts needs none of its own."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        code = main([str(argument) for argument in arguments])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    printed = capsys.readouterr()
    return CommandResult(code, printed.out, printed.err)


def command_line(*arguments: str | Path) -> list[str]:
    """Return the command line."""
    return [sys.executable, "-m", "sluice", *map(str, arguments)]


def descendant_processes(process: int) -> dict[int, str]:
    """Return the command lines of all processes that stem from `process`, by their ids."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    children: dict[int, list[tuple[int, str]]] = {}
    for pid, parent, args in (line for line in lines if len(line) == 3):
        children.setdefault(int(parent), []).append((int(pid), args))
    args_by_pid, open_ = dict[int, str](), [process]
    while open_:
        for pid, args in children.get(open_.pop(), []):
            args_by_pid[pid] = args
            open_.append(pid)
    return args_by_pid


def alive_among(pids: list[int]) -> list[int]:
    """Return those of `pids` that still run; the dead who wait to be collected do not."""
    states = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,stat="], capture_output=True, text=True, check=True)
    running = {int(pid) for pid, stat in map(str.split, states.stdout.splitlines()) if not stat.startswith("Z")}
    return [pid for pid in pids if pid in running]
