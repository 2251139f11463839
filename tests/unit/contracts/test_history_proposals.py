"""Bounds that results suggest, and how often a bound would have rung over the runs there are."""

import copy
import io
import json
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.stage import Stage
from etl.contract.validation.suite import faults_of
from etl.results.run_line import RunLine
from etl.runtime.arguments import RunKind
from sluice.cli.app import main
from sluice.cli.errors import WrongUse
from sluice.contracts.history.walk import count_rings
from sluice.contracts.output_form import OutputForm
from sluice.contracts.profile.history_bounds import FEWEST_RUNS, propose_bounds
from sluice.contracts.profile.history_command import draft_history, print_history_draft
from tests.lake.histories import HIGH, LOW, usual_rule, with_history, with_rows_low
from tests.lake.mutations import TRADES, Change
from tests.run_lines import days_of_rows, run_line_of

TODAY = date(2026, 3, 31)
SHARE = "expect_column_proportion_of_non_null_values_to_be_between"
STEADY = (100, 104, 98, 101, 97, 103, 99, 100, 102, 96, 100, 101)


def changed_contract(change: Change) -> Any:
    suite = copy.deepcopy(TRADES["output"])
    change(suite)
    return contract_of(suite)


def rings(change: Change, lines: list[RunLine]) -> tuple[int | None, int, tuple[str, ...]]:
    (counted,) = count_rings(changed_contract(change), lines)
    return counted.runs, counted.judged, counted.rang


def low(**changed: Any) -> Change:
    return with_rows_low(**{"same_weekday": False, "last": 4, "at_least": 3, **changed})


def test_each_run_is_held_to_the_runs_before_it_and_counts_for_those_after_it() -> None:
    lines = days_of_rows(TODAY, 100, 100, 100, 40, 40, 40, 40)
    assert rings(low(), lines) == (7, 4, ("2026-03-28", "2026-03-29"))


def test_runs_that_are_no_history_are_neither_judged_nor_counted() -> None:
    lines = days_of_rows(TODAY, 100, 100, 100, 40, 100)
    lines[3] = replace(lines[3], is_ordinary=False, kind=RunKind.RERUN)
    assert rings(low(), lines) == (4, 1, ())


def test_a_weekday_is_held_to_its_like_and_a_day_to_days() -> None:
    weeks = [(100, 100, 100, 100, 100, 10, 10)] * 5
    lines = days_of_rows(TODAY, *(rows for week in weeks for rows in week))
    assert rings(low(same_weekday=True), lines) == (35, 14, ())
    assert len(rings(low(), lines)[2]) > 0
    parts = [line for day in lines for line in (day, replace(day, run_id=f"{day.run_id}b", started=f"{day.started}b"))]
    runs, judged, rang = rings(low(per="day"), parts)
    assert (runs, judged) == (70, 64)
    assert "2026-03-31" in rang  # a part of a day has half of it


def test_both_sides_of_a_rule_and_a_bound_that_is_not_allowed_itself_are_told() -> None:
    bounds = {"rows_low": {**LOW, "same_weekday": False, "at_least": 3}, "rows_high": {**HIGH, "at_least": 4}}
    both = with_history(usual_rule("rows", min_value="rows_low", max_value="rows_high"), **bounds)
    lines = days_of_rows(TODAY, 100, 100, 100, 10, 100, 900, 50)
    assert rings(both, lines) == (7, 3, ("2026-03-30",))
    strict = with_history(usual_rule("rows", min_value="rows_low", strict_min=True), rows_low=bounds["rows_low"])
    assert rings(strict, lines) == (7, 4, ("2026-03-28", "2026-03-31"))


def test_a_share_of_nulls_rings_where_more_are_null() -> None:
    lines = [
        run_line_of(TODAY - timedelta(days=number), {"output": {"region.null_share": share}})
        for number, share in enumerate([0.3, 0.1, 0.1, 0.1])
    ]
    change = with_history(
        usual_rule("nulls", SHARE, column="region", min_value="nulls"),
        nulls={"metric": "null_share", "column": "region", "times": 2, "at_least": 3},
    )
    assert rings(change, lines) == (4, 1, ("2026-03-31",))


def test_what_results_do_not_tell_is_said_to_be_unknown() -> None:
    change = with_history(
        usual_rule("units", "expect_column_values_to_be_between", column="quantity", max_value="high"),
        high={"metric": "maximum", "column": "quantity"},
    )
    assert rings(change, days_of_rows(TODAY, 1, 2)) == (None, 0, ())


def with_metrics(**metrics: Any) -> list[RunLine]:
    """Return a run a day that has these values of metrics."""
    return [
        run_line_of(
            TODAY - timedelta(days=len(STEADY) - index),
            {"output": {name: values[index] for name, values in metrics.items()}},
        )
        for index in range(len(STEADY))
    ]


def test_a_steady_dataset_gets_bounds_one_step_wider_than_its_runs() -> None:
    lower, upper = propose_bounds(Stage.OUTPUT, days_of_rows(TODAY, *STEADY))
    assert (lower.name, lower.bound_json()) == ("rows_low", {"metric": "row_count", "times": 0.8})
    assert (upper.name, upper.bound_json()) == ("rows_high", {"metric": "row_count", "times": 1.25})
    assert (lower.judged, lower.rang) == (7, ())
    assert lower.narrower is not None
    assert (lower.narrower[0].times, lower.narrower[1]) == (0.9, 0)


def test_weekdays_are_told_apart_where_that_makes_a_bound_narrower() -> None:
    weeks = [(100, 100, 100, 100, 100, 20, 5)] * 12
    lower, upper = propose_bounds(Stage.OUTPUT, days_of_rows(TODAY, *(rows for week in weeks for rows in week)))
    assert lower.bound.same_weekday
    assert upper.bound.times == 1.25
    assert not upper.bound.same_weekday


def test_metrics_of_columns_get_bounds_of_their_kind() -> None:
    lines = with_metrics(
        **{"fare.sum": [-1.0, *STEADY[1:]], "region.null_share": [0.1] * 12, "city.null_share": [0.0] * 12}
    )
    proposals = {proposal.name: proposal for proposal in propose_bounds(Stage.OUTPUT, lines)}
    assert set(proposals) == {"fare_sum_low", "fare_sum_high", "region_nulls_high", "city_nulls_high"}
    assert proposals["fare_sum_low"].bound.deviations < 0
    assert proposals["region_nulls_high"].rule_json("trades")["kwargs"] == {
        "column": "region",
        "min_value": {"$PARAMETER": "region_nulls_high"},
    }


def test_runs_of_one_day_are_bounded_together_and_from_above() -> None:
    lines = days_of_rows(TODAY, *STEADY)
    parts = [line for day in lines for line in (day, replace(day, run_id=f"{day.run_id}b", started=f"{day.started}b"))]
    (upper,) = propose_bounds(Stage.OUTPUT, parts)
    assert (upper.name, upper.bound.per) == ("rows_high", "day")


def test_what_is_proposed_can_be_pasted_as_it_stands() -> None:
    lines = with_metrics(
        **{"row_count": STEADY, "quantity.sum": STEADY, "unit_price.maximum": STEADY, "region.null_share": [0.1] * 12},
        **{"region.distinct_count": [5] * 12},
    )
    pasted = draft_history("trades", lines).suites["output"]
    suite = copy.deepcopy(TRADES["output"])
    suite["meta"] |= pasted["meta"]
    suite["expectations"] += pasted["expectations"]
    assert faults_of(json.loads(json.dumps(suite))) == []
    assert len(pasted["expectations"]) == 9


def shown(lines: list[RunLine], form: OutputForm) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        print_history_draft(draft_history("trades", lines), form)
    return out.getvalue()


def test_the_draft_says_how_often_each_bound_would_have_rung() -> None:
    lines = days_of_rows(TODAY, *STEADY, 4)
    text = shown(lines, OutputForm.TEXT)
    assert "would have rung on 1 of 8 runs: 2026-03-31" in text
    assert "paste into output.json" in text
    draft = json.loads(shown(lines, OutputForm.JSON))
    assert draft["rings"][0] == {
        "bound": "rows_low",
        "suite": "output",
        "words": "0.1 times the median of the last 14 runs",
        "judged": 8,
        "rang": ["2026-03-31"],
        "narrower": {"words": "0.3 times the median of the last 14 runs", "rang": 1},
    }
    assert "| rows_low" in shown(lines, OutputForm.MARKDOWN).replace("`", "")


def test_too_few_runs_are_told_with_how_many_there_are() -> None:
    lines = days_of_rows(TODAY, *STEADY[: FEWEST_RUNS - 1])
    with pytest.raises(WrongUse, match="trades has 9 runs that count as history, and a proposal takes 10"):
        draft_history("trades", lines)


def test_the_option_takes_no_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "some.csv", "--history", "trades"]) == 2
    assert "--history reads the results of a deployed dataset" in capsys.readouterr().err
    assert main(["profile"]) == 2
    assert "or a deployed dataset by --history" in capsys.readouterr().err
