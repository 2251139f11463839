"""Rules with bounds from earlier runs: their words, what a change of a bound is to whom, and how they are exported."""

import copy
import json
from typing import Any

import pytest

from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.loading import contract_of
from etl.contract.validation.suite import faults_of
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from sluice.contracts.diff.diff import changes_of
from sluice.contracts.export.odcs_quality import quality_rule
from sluice.contracts.history.bound_order import tightens_high, tightens_low
from sluice.contracts.history.bound_words import describe_history
from sluice.contracts.rule_words import in_words
from tests.lake.histories import HIGH, LOW, usual_rule, with_history, with_rows_low
from tests.lake.mutations import TRADES, Change

SUM = "expect_column_sum_to_be_between"
DISTINCT = "expect_column_unique_value_count_to_be_between"
PRESENT_SHARE = "expect_column_proportion_of_non_null_values_to_be_between"


def output_contract(change: Change) -> Any:
    suite = copy.deepcopy(TRADES["output"])
    change(suite)
    assert not faults_of(suite)
    return contract_of(suite)


WORDS: dict[str, tuple[Change, str]] = {
    "half the rows of a weekday": (
        with_rows_low(),
        "the number of rows is at least half the median of the last 14 runs of the same weekday",
    ),
    "days": (
        with_rows_low(per="day", last=4, at_least=2),
        "the number of rows is at least half the median of the last 4 same weekdays",
    ),
    "either side": (
        with_history(
            usual_rule("rows.usual", min_value="rows_low", max_value="rows_high"), rows_low=LOW, rows_high=HIGH
        ),
        "the number of rows is at least half the median of the last 14 runs of the same weekday and at most 3 times the "
        "median of the last 14 runs",
    ),
    "a mean with deviations": (
        with_history(
            usual_rule("units.sum", SUM, column="quantity", max_value="sum_high"),
            sum_high={"metric": "sum", "column": "quantity", "of": "mean", "deviations": 3, "last": 30},
        ),
        "the sum of quantity is at most the mean plus 3 standard deviations of the last 30 runs",
    ),
    "a metric that is another than what is judged": (
        with_history(
            usual_rule(
                "units.high", "expect_column_values_to_be_between", column="quantity", min_value=0, max_value="high"
            ),
            high={"metric": "maximum", "column": "quantity", "of": "max", "times": 1.5},
        ),
        "quantity is at least 0 and at most 1.5 times the greatest maximum of quantity of the last 14 runs",
    ),
    "different values": (
        with_history(
            usual_rule("regions", DISTINCT, column="region", min_value="kinds"),
            kinds={"metric": "distinct_count", "column": "region", "of": "min"},
        ),
        "the number of different values of region is at least the least of the last 14 runs",
    ),
    "nulls": (
        with_history(
            usual_rule("discount.nulls", PRESENT_SHARE, column="region", min_value="nulls"),
            nulls={"metric": "null_share", "column": "region", "times": 2},
        ),
        "the share of region that is not null is at least 1 less twice the median share of nulls of region of the last 14 "
        "runs",
    ),
}


@pytest.mark.parametrize(("change", "words"), WORDS.values(), ids=WORDS)
def test_a_bound_from_earlier_runs_is_told_in_words(change: Change, words: str) -> None:
    assert in_words(output_contract(change).rules[-1]) == words


def test_a_factor_of_deviations_stands_before_both() -> None:
    bound = HistoryBound(metric=HistoryMetric.ROW_COUNT, of=HistoryFigure.MEAN, deviations=-2, times=0.5)
    words = "half (the mean minus 2 standard deviations) of the last 14 runs"
    assert describe_history(bound, "row_count") == words


CHANGES: dict[str, tuple[Change, Change, str, str]] = {
    "a higher factor of a critical rule": (
        with_rows_low("critical"),
        with_rows_low("critical", times=0.8),
        "at least half the median of the last 14 runs of the same weekday → at least 0.8 times the median of the last 14 runs "
        "of the same weekday, tightened",
        PRODUCERS,
    ),
    "a lower one": (
        with_rows_low("critical"),
        with_rows_low("critical", times=0.25),
        "a quarter of the median of the last 14 runs of the same weekday, loosened",
        LOOSENED,
    ),
    "of a rule that informs": (with_rows_low(), with_rows_low(times=0.8), ", tightened", DOCUMENTATION),
    "more runs before it judges": (
        with_rows_low("critical"),
        with_rows_low("critical", at_least=8),
        "weekday, from 5 runs on → at least half the median of the last 14 runs of the same weekday, from 8 runs on, loosened",
        LOOSENED,
    ),
    "other runs": (
        with_rows_low("critical"),
        with_rows_low("critical", last=30),
        "the last 30 runs of the same weekday, changed",
        PRODUCERS,
    ),
    "a number in its place": (
        with_rows_low("critical"),
        with_history(usual_rule("rows.low", severity="critical", min_value=5)),
        "at least half the median of the last 14 runs of the same weekday → 5, changed",
        PRODUCERS,
    ),
    "a share of nulls that may be higher": (
        with_history(
            usual_rule("nulls", PRESENT_SHARE, "critical", column="region", min_value="nulls"),
            nulls={"metric": "null_share", "column": "region", "times": 2},
        ),
        with_history(
            usual_rule("nulls", PRESENT_SHARE, "critical", column="region", min_value="nulls"),
            nulls={"metric": "null_share", "column": "region", "times": 3},
        ),
        ", loosened",
        LOOSENED,
    ),
}


@pytest.mark.parametrize(("before", "after", "words", "label"), CHANGES.values(), ids=CHANGES)
def test_a_changed_bound_is_told_as_a_change_of_its_rule(before: Change, after: Change, words: str, label: str) -> None:
    (change,) = changes_of(output_contract(before), output_contract(after))
    assert words in str(change)
    assert change.subject.startswith("trades.")
    assert change.label == label


def test_a_rule_from_history_that_is_gone_breaks_its_readers_where_it_was_critical() -> None:
    plain = output_contract(dict)
    (critical,) = changes_of(output_contract(with_rows_low("critical")), plain)
    (info,) = changes_of(output_contract(with_rows_low("info")), plain)
    assert (critical.label, info.label) == (CONSUMERS, DOCUMENTATION)


def test_another_name_of_a_bound_or_of_its_column_is_no_change_of_the_rule() -> None:
    renamed = with_history(usual_rule("rows.low", min_value="rows_floor"), rows_floor=LOW)
    assert changes_of(output_contract(with_rows_low()), output_contract(renamed)) == []
    rule = usual_rule("units.sum", SUM, column="unit_price", max_value="high")
    bound = {"metric": "sum", "column": "unit_price", "times": 2}
    old = output_contract(with_history(rule, high=bound))

    def rename(suite: Any) -> None:
        with_history(rule, high=bound)(suite)
        suite.update(json.loads(json.dumps(suite).replace('"unit_price"', '"price"')))

    changes = changes_of(old, output_contract(rename))
    assert [change.how for change in changes if "units.sum" in change.subject] == []


def bound(**changed: Any) -> HistoryBound:
    return HistoryBound(**{"metric": HistoryMetric.ROW_COUNT, **changed})


def test_a_bound_is_only_said_to_be_stricter_where_that_holds_over_any_runs() -> None:
    assert tightens_low(bound(of=HistoryFigure.MAXIMUM), bound())
    assert tightens_high(bound(of=HistoryFigure.MINIMUM), bound())
    assert not tightens_low(bound(of=HistoryFigure.MEAN), bound())
    assert not tightens_low(bound(per=HistoryUnit.DAY), bound())
    sums = {"metric": HistoryMetric.SUM, "column": "fare"}  # which may be below 0, where more is less
    assert not tightens_low(bound(**sums, times=2), bound(**sums))
    assert tightens_low(bound(**sums), bound(**sums))
    assert not tightens_low(bound(times=2, at_least=9), bound())
    deviated = {"of": HistoryFigure.MEAN, "deviations": -3}
    assert tightens_low(bound(**{**deviated, "deviations": -2}), bound(**deviated))
    assert not tightens_low(bound(**deviated, times=2), bound(**deviated))


def test_an_export_keeps_a_rule_from_history_as_one_that_only_sluice_judges() -> None:
    quality = quality_rule(output_contract(with_rows_low()).rules[-1], {})
    assert (quality["type"], quality["engine"]) == ("custom", "sluice")
    assert quality["implementation"]["kwargs"] == {"min_value": {"$PARAMETER": "rows_low"}}
    assert quality["implementation"]["history"]["rows_low"]["times"] == 0.5
    assert "half the median" in quality["description"]
