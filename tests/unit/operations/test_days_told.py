"""`status --days`: a calendar and trends on plain data."""

from datetime import date, timedelta

import pytest

from sluice.day_results.day_states import Day, DayState
from sluice.operations.days_report import ASCII_SIGNS, print_days
from sluice.operations.status_days import DatasetDays
from sluice.word_wrap import cell_width

LAST = date(2026, 1, 31)


def days_of(*days: tuple[DayState, int, int]) -> tuple[Day, ...]:
    first = LAST - timedelta(days=len(days) - 1)
    return tuple(
        Day(first + timedelta(days=position), state, 1, published, aside)
        for position, (state, published, aside) in enumerate(days)
    )


WEEK = days_of(
    (DayState.GOOD, 100, 0),
    (DayState.ASIDE, 80, 4),
    (DayState.MENDED, 100, 0),
    (DayState.BAD, 0, 0),
    (DayState.QUIET, 0, 0),
    (DayState.NONE, 0, 0),
    (DayState.GOOD, 1, 0),
)


def shown_days(capsys: pytest.CaptureFixture[str], *datasets: DatasetDays) -> str:
    print_days(datasets)
    return capsys.readouterr().out


def test_each_day_has_a_sign_and_its_rows_stand_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown_days(capsys, DatasetDays("trades", "job", WEEK)) == (
        "2026-01-25 to 2026-01-31 (UTC)\n"
        "Mon      26\n"
        "trades  ✓◆↻✕○·✓\n"
        "rows published\n"
        "trades  █▇█···▂  1 to 100, last 1\n"
        "rows set aside\n"
        "trades  ▁█▁···▁  0 to 4, last 0\n"
        "✓ published  ◆ published, rows set aside  ↻ bad at first, published later  ✕ refused or failed"
        "  ○ nothing new  · no run\n"
    )


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_a_narrow_terminal_has_weeks_below_each_other(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    long_name = "a_dataset_that_has_a_name_of_its_own"
    days = days_of(*[(DayState.GOOD, 1_000_000, 7)] * 100)
    text = shown_days(capsys, DatasetDays("trades", "job", days), DatasetDays(long_name, "job", days))
    assert text.count("✓") == 2 * 100 + len([line for line in text.splitlines() if line.startswith("✓ published")])
    assert all(cell_width(line) <= columns or line == long_name for line in text.splitlines())
    assert "2026-01-31 (UTC)" in text.replace("\n", " ").replace("  ", " ")


def test_signs_are_ascii_where_the_terminal_has_no_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rich.console.Console.encoding", "ascii")
    text = shown_days(capsys, DatasetDays("trades", "job", WEEK))
    assert text.isascii()
    assert "trades  +a~X-.+\n" in text
    assert len(set(ASCII_SIGNS.marks.values())) == len(DayState)


def test_what_could_not_be_read_is_said_and_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    gone = DatasetDays("gone", "job", fault="denied", is_unreachable=True)
    text = shown_days(capsys, gone, DatasetDays("trades", "job", WEEK, ("s3://lake/results/x.jsonl: cut off",)))
    assert text.startswith("gone  not seen: denied\ntrades  passed over: s3://lake/results/x.jsonl: cut off\n")
    assert "trades  ✓◆↻✕○·✓\n" in text
    assert gone.as_json()["unseen"] == {"results": "denied"}
