"""How a backtest tells what it counted: in a terminal, as Markdown, as JSON."""

import pytest

from sluice.contracts.backtest.rendering import Heading, markdown, show
from sluice.contracts.backtest.report import Report
from tests.unit.contracts.backtest_rows import FARE, WARNED, Rows, report, terms

TOLD: list[Rows] = [
    ("day1.csv", "2025-01-01", set(), {"trips.fare"}, 2),
    ("day1.csv", "2025-01-01", set(), set(), 5),
    ("day2.csv", "2025-01-02", {"trips.stops"}, set(), 1),
]
HEADING = Heading("expectations/trips/output.json", "abc1234567", "day")


def told() -> Report:
    found = report(*TOLD, now=terms(FARE, WARNED, version="2.0.0"), was=terms(FARE, WARNED))
    return Report(found.groups, found.published, found.changed, {"trips.fare": ("600 | <b>", None)})


def test_a_terminal_shows_both_contracts_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    show(told(), HEADING)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("1.0.0 at abc1234567 → 2.0.0 in the working tree, on 8 rows in 2 files and 2 days (day)")
    assert [line.split() for line in lines[2:6]] == [
        ["rows", "refused", "0", "2", "2", "newly"],
        ["rows", "set", "aside", "1", "0"],
        ["files", "refused", "0", "1", "1", "newly"],
        ["days", "refused", "0", "1", "1", "newly"],
    ]
    assert "  trips.fare: 0 → 2 critical 600 | <b>, null" in lines
    assert "  trips.stops: 1 → 0 warning" in [line.rstrip() for line in lines]
    assert "  day1.csv: trips.fare (2)" in lines
    assert "  2025-01-01: trips.fare (2)" in lines
    assert lines[-1] == "refuses 2 rows, 1 file, 1 day more than the published contract"


def test_markdown_says_the_same_and_no_value_breaks_its_tables() -> None:
    page = markdown(told(), HEADING)
    assert "| rows refused | 0 | 2 | 2 newly |" in page
    assert "| `trips.fare` | critical | 0 | 2 | `600 \\| <b>`, null |" in page
    assert "- `day1.csv: trips.fare (2)`" in page


def test_a_rule_in_error_refuses_the_run_and_is_no_broken_data(capsys: pytest.CaptureFixture[str]) -> None:
    words = "OverflowError; what it says is not shown"
    found = report(
        *TOLD[1:2], now=terms(WARNED), was=terms(WARNED), errors={"file": {"day1.csv": {"trips.stops": words}}}
    )
    told = found.as_json()
    assert told["changed"]["rules_in_error"] == {"trips.stops": words}
    assert told["changed"]["files_refused"] == [{"name": "day1.csv", "rules": {"trips.stops": 0}}]
    assert (told["published"]["rules_in_error"], told["rules"], told["refuses_more"]) == ({}, [], True)
    show(found, HEADING)
    said = f"in error by the changed contract, which fails the run and blames no row: trips.stops ({words})"
    page, lines = markdown(found, HEADING), capsys.readouterr().out.splitlines()
    assert "  day1.csv: trips.stops (in error)" in lines
    assert said in lines
    assert f"`{said}`." in page


def test_json_has_every_file_and_day() -> None:
    rows: list[Rows] = [(f"{at}.csv", None, set(), {"trips.fare"}, 1) for at in range(30)]
    found = report(*rows, now=terms(FARE), was=terms(FARE)).as_json()
    assert len(found["changed"]["files_refused"]) == found["changed"]["files"] == 30
    assert found["changed"]["files_refused"][0] == {"name": "0.csv", "rules": {"trips.fare": 1}}
    assert len(found["files_newly_refused"]) == 30
    assert (found["published"]["rows_refused"], found["changed"]["rows_refused"]) == (0, 30)
    assert found["refuses_more"] is True


def test_a_long_list_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show(report(*[(f"{at}.csv", None, None, {"trips.fare"}, 1) for at in range(30)], now=terms(FARE)), HEADING)
    page = capsys.readouterr().out
    assert page.count(".csv: trips.fare (1)") == 20
    assert "… and 10 more, see --json" in page
    assert "not published at abc1234567 → 1.0.0 in the working tree" in page
    assert "refuses 30 rows, 30 files more than none, since nothing is published" in page
