"""How a backtest tells what it counted: in a terminal, as Markdown, as JSON."""

from dataclasses import replace

import pytest

from etl.contract.severity import Severity
from etl.results.results_reader import RunResultsRead
from sluice.contracts.backtest.rendering import BacktestHeading, print_report, render_markdown
from sluice.contracts.backtest.report import BacktestReport
from sluice.contracts.backtest.walked_results import WalkedResults, print_walk
from sluice.contracts.history.walk import HistoryRings
from sluice.contracts.output_form import OutputForm
from tests.unit.contracts.backtest_rows import FARE, WARNED, Rows, make_report, make_terms

SAMPLE_ROWS: list[Rows] = [
    ("day1.csv", "2025-01-01", set(), {"trips.fare"}, 2),
    ("day1.csv", "2025-01-01", set(), set(), 5),
    ("day2.csv", "2025-01-02", {"trips.stops"}, set(), 1),
]
HEADING = BacktestHeading("expectations/trips/output.json", "abc1234567", "day")


def make_sample_report() -> BacktestReport:
    backtest_report = make_report(
        *SAMPLE_ROWS, now=make_terms(FARE, WARNED, version="2.0.0"), was=make_terms(FARE, WARNED)
    )
    return BacktestReport(
        backtest_report.groups, backtest_report.published, backtest_report.changed, {"trips.fare": ("600 | <b>", None)}
    )


def test_a_terminal_shows_both_contracts_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(make_sample_report(), HEADING)
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
    page = render_markdown(make_sample_report(), HEADING)
    assert "| rows refused | 0 | 2 | 2 newly |" in page
    assert "| `trips.fare` | critical | 0 | 2 | `600 \\| <b>`, null |" in page
    assert "- `day1.csv: trips.fare (2)`" in page


def test_a_rule_in_error_refuses_the_run_and_is_no_broken_data(capsys: pytest.CaptureFixture[str]) -> None:
    error_text = "OverflowError; what it says is not shown"
    backtest_report = make_report(
        *SAMPLE_ROWS[1:2],
        now=make_terms(WARNED),
        was=make_terms(WARNED),
        errors={"file": {"day1.csv": {"trips.stops": error_text}}},
    )
    as_json = backtest_report.as_json()
    assert as_json["changed"]["rules_in_error"] == {"trips.stops": error_text}
    assert as_json["changed"]["files_refused"] == [{"name": "day1.csv", "rules": {"trips.stops": 0}}]
    assert (as_json["published"]["rules_in_error"], as_json["rules"], as_json["refuses_more"]) == ({}, [], True)
    print_report(backtest_report, HEADING)
    sentence = f"in error by the changed contract, which fails the run and blames no row: trips.stops ({error_text})"
    page, lines = render_markdown(backtest_report, HEADING), capsys.readouterr().out.splitlines()
    assert "  day1.csv: trips.stops (in error)" in lines
    assert sentence in lines
    assert f"`{sentence}`." in page


def test_json_has_every_file_and_day() -> None:
    rows: list[Rows] = [(f"{number}.csv", None, set(), {"trips.fare"}, 1) for number in range(30)]
    backtest_report = make_report(*rows, now=make_terms(FARE), was=make_terms(FARE)).as_json()
    assert len(backtest_report["changed"]["files_refused"]) == backtest_report["changed"]["files"] == 30
    assert backtest_report["changed"]["files_refused"][0] == {"name": "0.csv", "rules": {"trips.fare": 1}}
    assert len(backtest_report["files_newly_refused"]) == 30
    assert (backtest_report["published"]["rows_refused"], backtest_report["changed"]["rows_refused"]) == (0, 30)
    assert backtest_report["refuses_more"] is True


def test_a_long_list_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(
        make_report(*[(f"{number}.csv", None, None, {"trips.fare"}, 1) for number in range(30)], now=make_terms(FARE)),
        HEADING,
    )
    page = capsys.readouterr().out
    assert page.count(".csv: trips.fare (1)") == 20
    assert "… and 10 more, see --json" in page
    assert "not published at abc1234567 → 1.0.0 in the working tree" in page
    assert "refuses 30 rows, 30 files more than none, since nothing is published" in page


RINGS = (
    HistoryRings("trips.rows", Severity.INFO, 10, 7, ("2025-01-03", "2025-01-09")),
    HistoryRings("trips.fare", Severity.CRITICAL, 10, 10, ()),
    HistoryRings("trips.each", Severity.INFO, None, 0, ()),
    HistoryRings("trips.new", Severity.INFO, 0, 0, ()),
)


def test_rules_that_look_back_are_told_with_the_days_on_which_they_would_have_rung(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = replace(make_sample_report(), history=RINGS)
    print_report(report, HEADING)
    shown = capsys.readouterr().out
    assert (
        "  trips.rows (info): would have rung on 2 of 7 days; 3 had too few before them: 2025-01-03, 2025-01-09"
        in shown
    )
    assert "  trips.fare (critical): would have rung on 0 of 10 days\n" in shown
    assert "  trips.each (info): results do not have what it compares" in shown
    assert "  trips.new (info): no day of the data is known; name the column that says it by --day" in shown
    assert "- `trips.fare (critical): would have rung on 0 of 10 days`" in render_markdown(report, HEADING)
    assert report.as_json()["history"][0]["rang"] == ("2025-01-03", "2025-01-09")
    print_walk(
        WalkedResults("output.json", "prod", RunResultsRead([], ["s3://b/k: it is empty"]), RINGS), OutputForm.TEXT
    )
    walked = capsys.readouterr().out
    assert "output.json  0 runs of stack prod that count as history" in walked
    assert "  trips.new (info): no run has what it compares" in walked
    assert "passed over: s3://b/k: it is empty" in walked
