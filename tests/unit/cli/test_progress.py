"""Progress within two seconds, on a terminal and elsewhere, and what is said after Ctrl-C."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sluice.progress import DRAWN_PER_SECOND, QUIET_SECONDS, Progress
from tests.unit.cli.slow_command import RUN

ROOT = Path(__file__).resolve().parents[3]
INTERRUPTED = (
    "sluice rerun: interrupted; run jr_0a1b2c3d of sluice-prod-trades goes on. How it stands:\n"
    "    sluice status trades --stack prod\n"
)


def interrupt_slow_command(terminal_kind: str, *, is_terminal: bool, needed: str) -> tuple[int, str, float]:
    """Press Ctrl-C once the slow command showed something; return its code, its stderr, and after how many seconds it did."""
    reader, writer = pty.openpty() if is_terminal else os.pipe()
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.cli.slow_command"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=writer,
        env={**os.environ, "TERM": terminal_kind, "COLUMNS": "100"},
    )
    os.close(writer)
    text = ""
    while needed not in text and (chunk := os.read(reader, 4096)):
        text += chunk.decode().replace("\r\n", "\n")
    seconds = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    try:
        while chunk := os.read(reader, 4096):
            text += chunk.decode()
    except OSError:  # how Linux says that nobody writes to a terminal any more
        pass
    os.close(reader)
    return process.wait(180), text.replace("\r\n", "\n"), seconds


@pytest.mark.parametrize(("terminal_kind", "is_terminal"), [("xterm", True), ("dumb", True), ("xterm", False)])
def test_a_run_is_shown_and_after_ctrl_c_it_is_said_that_it_goes_on(terminal_kind: str, is_terminal: bool) -> None:
    drawn = is_terminal and terminal_kind != "dumb"
    line = "trades  RUNNING jr_0a1b2c3d" if drawn else "trades: RUNNING jr_0a1b2c3d\n"
    code, text, seconds = interrupt_slow_command(terminal_kind, is_terminal=is_terminal, needed=line)
    assert code == 130
    assert text.endswith(INTERRUPTED)
    assert seconds > QUIET_SECONDS  # and below two beside what a busy machine takes to start Python
    assert QUIET_SECONDS + 1 / DRAWN_PER_SECOND < 2
    assert ("\x1b" in text) == drawn
    assert RUN not in text


def test_what_is_quick_shows_nothing_and_says_that_nothing_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        with Progress() as progress:
            progress.show("trades", "reads trades.csv")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="nothing of it goes on"):
        interrupt()
    assert capsys.readouterr().err == ""
