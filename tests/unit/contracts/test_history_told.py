"""What `sluice history` says of runs and of bounds, on lines of results."""

import copy
import io
from contextlib import redirect_stdout
from datetime import date, timedelta
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.results.results_reader import RunResultsRead
from etl.results.run_line import RunLine
from etl.results.verdict import RunState
from etl.runtime.arguments import RunKind
from sluice.contracts.history.dataset_history import DatasetHistory, RunFigures, bounds_now, why_not_counted
from sluice.contracts.history.history_report import print_history
from tests.lake.histories import HIGH, LOW, usual_rule, with_history
from tests.lake.mutations import TRADES
from tests.run_lines import days_of_rows, run_line_of

TODAY = date(2026, 3, 31)
ROWS = {"output": {"row_count": 10}}


def history_of(lines: list[RunLine], *, wide: bool = False) -> DatasetHistory:
    suites = {stage: copy.deepcopy(suite) for stage, suite in TRADES.items()}
    sums = {"metric": "sum", "column": "unit_price", "of": "mean", "deviations": 3, "last": 4, "at_least": 2}
    bounds: dict[str, Any] = {"rows_low": {**LOW, "same_weekday": False, "last": 4, "at_least": 3}, "rows_high": HIGH}
    rules = [usual_rule("rows.usual", severity="critical", min_value="rows_low", max_value="rows_high")]
    if wide:
        bounds["price_high"] = sums
        rules.append(
            usual_rule("price", "expect_column_sum_to_be_between", column="unit_price", max_value="price_high")
        )
        bounds["units_high"] = {**sums, "column": "quantity"}
        rules.append(usual_rule("units", "expect_column_sum_to_be_between", column="quantity", max_value="units_high"))
    with_history(*rules, **bounds)(suites["output"])
    contracts = [contract_of(suites[stage]) for stage in ("input", "output")]
    runs = tuple(map(RunFigures.from_line, lines))
    bounds_today = bounds_now(contracts, RunResultsRead(lines, []), TODAY)
    return DatasetHistory("trades", "sluice-prod-trades", TODAY, runs, tuple(bounds_today), ())


def printed(history: DatasetHistory) -> list[str]:
    out = io.StringIO()
    with redirect_stdout(out):
        print_history(history)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kind": RunKind.REPLAY}, "replay"),
        ({"kind": RunKind.RERUN}, "rerun"),
        ({"state": RunState.FAILED}, "failed"),
        ({"nothing_unread": True}, "nothing new"),
        ({"corrected": 1}, "correction"),
        ({"isolated": True}, "isolated part"),
        ({"rows_published": 0}, "no rows"),
        ({"is_ordinary": True}, ""),
    ],
)
def test_why_a_run_is_no_history_is_told(changed: dict[str, Any], why: str) -> None:
    assert why_not_counted(run_line_of(TODAY, ROWS, **{"is_ordinary": False, **changed})) == why


def test_a_line_is_a_run_and_each_bound_stands_with_its_value_and_its_runs() -> None:
    lines = days_of_rows(TODAY - timedelta(days=1), 9000, 1000, 1100, 1200)
    lines.append(run_line_of(TODAY - timedelta(days=1), ROWS, 2, is_ordinary=False, kind=RunKind.RERUN))
    shown = printed(history_of(lines))
    assert [line.split() for line in shown if line.startswith("2026-03-30")] == [
        ["2026-03-30", "Mon", "counts", "1,200"],
        ["2026-03-30", "Mon", "rerun", "10"],
    ]
    low = shown.index("rows_low  575")
    assert shown[low + 1 : low + 4] == [
        "    row_count of the output: half the median of the last 4 runs",
        "    from 4 runs, 2026-03-27 to 2026-03-30; it needs 3",
        "    min_value of trades.rows.usual (critical)",
    ]
    high = shown.index("rows_high  –")
    assert shown[high + 2] == "    no value: 4 of 5 runs, so its rules are not evaluated"


def test_lines_fit_80_columns_with_as_many_metrics_as_there_are() -> None:
    metrics = {"row_count": 123456789, "unit_price.sum": 1234567890.25, "quantity.sum": None}
    lines = [
        run_line_of(TODAY - timedelta(days=number), {"output": metrics}, is_ordinary=number != 1, isolated=number == 1)
        for number in range(4, 0, -1)
    ]
    shown = printed(history_of(lines, wide=True))
    assert max(map(len, shown)) <= 80
    heads = [line for line in shown if line.startswith("run date")]
    assert sum(line.count("output.") for line in heads) == 3
    assert len(heads) > 1
    assert sum("isolated part" in line for line in shown) == len(heads)


def test_json_has_what_the_page_has() -> None:
    history = history_of(days_of_rows(TODAY - timedelta(days=1), 10, 20, 30)).as_json()
    assert history["runs"][0]["metrics"] == {"input.row_count": 10, "output.row_count": 10}
    assert [run["counts"] for run in history["runs"]] == [True] * 3
    low, high = history["bounds"]
    assert (low["name"], low["value"], low["values"], low["words"]) == (
        "rows_low",
        10,
        3,
        "half the median of the last 4 runs",
    )
    assert low["rules"] == [{"rule": "trades.rows.usual", "severity": "critical", "argument": "min_value"}]
    assert (high["value"], high["why"]) == (None, "3 of 5 runs")


def test_a_dataset_without_runs_or_bounds_is_told_so() -> None:
    history = DatasetHistory("trades", "sluice-prod-trades", TODAY, (), (), ("s3://b/k: it is not JSON",))
    shown = "\n".join(printed(history))
    assert "no run in these days" in shown
    assert "no bound: meta.history of neither suite declares one" in shown
    assert "passed over: s3://b/k: it is not JSON" in shown
