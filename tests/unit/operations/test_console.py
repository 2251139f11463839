"""What every command line shares: clean text, one line of fault, and an exit code."""

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.wording import UNCLEAN, clean_text
from sluice import console
from sluice.cli import errors, options
from sluice.cli.app import main
from sluice.cli.errors import run_to_exit_code
from sluice.operations.output import print_table

ROOT = Path(__file__).resolve().parents[3]
ESCAPE, BELL, C1, OVERRIDE, ISOLATE, WIDTHLESS = "\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b"
NASTY = [
    f"{ESCAPE}[31mred{ESCAPE}[0m",
    f"{ESCAPE}]0;a title{BELL}",
    f"{ESCAPE}]8;;https://evil.example{ESCAPE}\\a link{ESCAPE}]8;;{ESCAPE}\\",
    f"{C1}2J",
    "over\rwritten",
    "erased\b\b\b",
    "two\nlines",
    f"{OVERRIDE}gnp.exe",
    f"{ISOLATE}hidden",
    f"a{WIDTHLESS}b",
    "\u2028\u2029\x85\x0b\x0c\x00\x7f",
    "\ud800",
    "\U000e0041",
]


@pytest.mark.parametrize("text", NASTY)
def test_what_a_terminal_would_obey_or_hide_is_written_out(text: str) -> None:
    cleaned = clean_text(text)
    assert cleaned != text
    assert not [letter for letter in cleaned if unicodedata.category(letter) in UNCLEAN]


@pytest.mark.parametrize("text", ["", "plain", "Ünïcödé, 日本語, 😀, العربية", "[bold]not markup[/bold]", "C:\\temp"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert clean_text(text) == text


def test_lines_are_kept_only_where_they_are_asked_for() -> None:
    assert clean_text("a\nb\tc\x1b") == "a\\nb\\tc\\u001b"
    assert clean_text("a\nb\tc\x1b", lines=True) == "a\nb\tc\\u001b"


@pytest.mark.parametrize("text", NASTY)
def test_a_table_and_a_complaint_are_clean(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"object": text}])
    console.print_error(text)
    written = capsys.readouterr()
    assert clean_text(text) in written.err
    for stream in written:
        assert not [letter for letter in stream if unicodedata.category(letter) in UNCLEAN and letter != "\n"]


def failing_command(fault: BaseException) -> Callable[[], int]:
    def raise_fault() -> int:
        raise fault

    return raise_fault


@pytest.mark.parametrize(
    ("fault", "code", "expected"),
    [
        (KeyboardInterrupt(), 130, "sluice start: interrupted\n"),
        (ValueError("a\x1b[0mfault"), 3, "sluice start: ValueError: a\\u001b[0mfault (--debug shows where)\n"),
        (MemoryError(), 3, "sluice start: MemoryError:  (--debug shows where)\n"),
    ],
)
def test_what_nobody_foresaw_is_one_line_and_an_exit_code(
    fault: BaseException, code: int, expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(errors.TRACE_VARIABLE, raising=False)
    assert run_to_exit_code("sluice start", failing_command(fault)) == code
    assert capsys.readouterr().err == expected


def test_whoever_asks_for_it_sees_where_it_happened(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(errors.TRACE_VARIABLE, "1")
    assert run_to_exit_code("sluice start", failing_command(ValueError("x"))) == 3
    assert "raise fault" in capsys.readouterr().err


def test_a_command_that_ends_well_or_is_refused_keeps_its_code() -> None:
    assert [
        run_to_exit_code("x", lambda: 0),
        run_to_exit_code("x", lambda: 1),
        run_to_exit_code("x", lambda: None),
    ] == [0, 1, 0]
    with pytest.raises(SystemExit) as ended:
        run_to_exit_code("x", failing_command(SystemExit(2)))
    assert ended.value.code == 2


COMMANDS = [("sluice", "--help", 3), ("bench", "--help", 0)]


@pytest.mark.parametrize(("module", "argument", "code"), [*COMMANDS, ("sluice", "lint", 3)])
def test_a_reader_that_has_seen_enough_sees_no_stack_trace(module: str, argument: str, code: int) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    ended: Any = subprocess.run(
        [sys.executable, "-m", module, argument],
        cwd=ROOT,
        stdout=writes,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writes)
    assert (ended.returncode, ended.stderr) == (code, "")


@pytest.mark.parametrize(
    "text", ["2026-02-30", "20260131", "2026-W05-6", "31.1.2026", "2026-1-31", "", "２０２６-01-31"]
)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Exception, match=r"is no day of the form yyyy-MM-dd, such as 2026-01-31"):
        options.parse_day(text)


def test_a_day_is_taken_as_it_is_written() -> None:
    assert options.parse_day("2024-02-29") == "2024-02-29"


def test_wrong_use_is_told_in_one_line_with_the_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rerun", "trades", "a.csv", "--run-date", "2026-02-30"]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "'--run-date': '2026-02-30' is no day of the form yyyy-MM-dd" in line
