"""A bound from earlier runs that cannot be meant is refused, with what to do; one that can be meant loads."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from etl.contract.history import HistoryMetric
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.validation.pair import find_disagreements
from etl.contract.vocabulary import VOCABULARY
from tests.lake.mutations import (
    DATE,
    ROWS,
    TRADES,
    Change,
    Suite,
    change_column,
    change_kwargs,
    find_rule,
    refusal_lines,
)

LOW: dict[str, Any] = {"metric": "row_count", "last": 14, "at_least": 5, "times": 0.5}
ROWS_LOW = {"$PARAMETER": "rows_low"}


def declare(bounds: Any, rule: str = ROWS, **arguments: Any) -> Change:
    """Declare bounds, and have a rule use them; without arguments rows_low of the row count."""

    def change(suite: Suite) -> None:
        suite["meta"]["history"] = bounds
        changed = copy.deepcopy(find_rule(suite, rule))
        changed["meta"]["rule"] += "_usual"
        changed["kwargs"] |= arguments or {"min_value": ROWS_LOW}
        suite["expectations"].append(changed)

    return change


def declare_low(**changed: Any) -> Change:
    return declare({"rows_low": {**LOW, **changed}})


def use_column_bound(kind: str, metric: str, **changed: Any) -> Change:
    def change(suite: Suite) -> None:
        suite["meta"]["history"] = {"usual": {"metric": metric, "column": "quantity"}}
        rule = {"type": kind, "kwargs": {"column": "quantity", "min_value": {"$PARAMETER": "usual"}, **changed}}
        suite["expectations"].append(
            {**rule, "severity": "info", "meta": {"rule": "trades.quantity.usual", "why": "Usual."}}
        )

    return change


def together(*changes: Change) -> Change:
    def change(suite: Suite) -> None:
        for part in changes:
            part(suite)

    return change


def use_twice(suite: Suite) -> None:
    declare_low()(suite)
    change_kwargs(f"{ROWS}_usual", max_value=ROWS_LOW)(suite)


def use_strictly_too(suite: Suite) -> None:
    declare_low()(suite)
    usual = next(rule for rule in suite["expectations"] if rule["meta"]["rule"] == f"{ROWS}_usual")
    strict = copy.deepcopy(usual)
    strict["kwargs"]["strict_min"] = True
    strict["meta"]["rule"] = f"{ROWS}_more"
    suite["expectations"].append(strict)


def unused(suite: Suite) -> None:
    suite["meta"]["history"] = {"rows_low": LOW}


SUM = "expect_column_sum_to_be_between"
FAULTS: dict[str, tuple[Change, str, str]] = {
    "no object": (declare({"rows_low": [1]}), "meta.history holds [1]", "write an object such as"),
    "no bounds by name": (declare([]), "meta.history is []", "write an object such as"),
    "an unknown key": (declare_low(timess=1), "meta.history.rows_low.timess is unknown", "did you mean 'times'?"),
    "an unknown metric": (declare_low(metric="rows"), "meta.history.rows_low.metric is 'rows'", "it may be row_count"),
    "no metric": (declare({"rows_low": {"last": 9}}), "meta.history.rows_low.metric is None", "it may be row_count"),
    "a figure that is none": (declare_low(of="mode"), "meta.history.rows_low.of is 'mode'", "it may be median"),
    "half a run": (declare_low(last=1.5), "meta.history.rows_low.last is 1.5", "a whole number from 1"),
    "times as text": (declare_low(times="2"), "meta.history.rows_low.times is '2'", "write a number above 0"),
    "times 0": (declare_low(times=0), "meta.history.rows_low.times is 0", "write a number above 0"),
    "a column of the row count": (declare_low(column="quantity"), "which is about no column", "drop column"),
    "no column": (declare_low(metric="sum"), "has metric sum and no column", "add column"),
    "an unknown column": (
        declare_low(metric="sum", column="quantty"),
        "meta.history.rows_low.column is 'quantty', which is not declared",
        "did you mean 'quantity'?",
    ),
    "a sum of text": (
        declare_low(metric="sum", column="region"),
        "metric sum of 'region', which is string",
        "in the output",
    ),
    "a mean of dates": (
        declare_low(metric="mean", column="transaction_date"),
        "which is date",
        "name a column of numbers",
    ),
    "a sum about persons": (
        together(change_column(3, pii=True), use_column_bound(SUM, "sum")),
        "whose values are about persons",
        "null_share or distinct_count",
    ),
    "more than there are": (declare_low(at_least=15), "asks for at least 15 runs of the last 14", "raise last"),
    "more than by default": (
        declare({"rows_low": {**LOW, "last": 3}}),
        "at least 5 runs of the last 3",
        "lower at_least",
    ),
    "deviations of a median": (declare_low(deviations=-3), "adds deviations to of 'median'", '"of": "mean"'),
    "a mean of a day": (
        declare_low(metric="mean", column="quantity", per="day"),
        "metric mean per day, which the runs of a day do not tell",
        "drop per",
    ),
    "a name of the run's": (
        declare({"run_date": LOW}, min_value={"$PARAMETER": "run_date"}),
        "meta.history names 'run_date', which each run gives already",
        "another name",
    ),
    "a name with capitals": (
        declare({"Rows": LOW}, min_value={"$PARAMETER": "Rows"}),
        "meta.history names 'Rows'",
        "such as rows_low",
    ),
    "a bound that nothing uses": (unused, "rows_low is a bound that no rule of the suite uses", "or drop it"),
    "strict and not": (
        use_strictly_too,
        "meta.history.rows_low is a min_value and a strict min_value",
        "declare a bound for each",
    ),
    "both ends": (use_twice, "meta.history.rows_low is a min_value and a max_value", "declare a bound for each"),
    "a misspelt parameter": (
        declare({"rows_low": LOW}, min_value={"$PARAMETER": "row_low"}),
        f"rule {ROWS}_usual: min_value is {{'$PARAMETER': 'row_low'}}",
        "did you mean 'rows_low'? write a whole number from 0, or declare row_low in meta.history",
    ),
    "rows for a date": (
        declare({"rows_low": LOW}, DATE, max_value=ROWS_LOW),
        "max_value is rows_low, a row_count, which it does not compare with",
        "it bounds expect_table_row_count_to_be_between",
    ),
    "rows for a share": (
        use_column_bound("expect_column_proportion_of_non_null_values_to_be_between", "distinct_count"),
        "min_value is usual, a distinct_count",
        "it bounds expect_column_unique_value_count_to_be_between",
    ),
    "another column": (
        use_column_bound(SUM, "sum", column="unit_price"),
        "which is of 'quantity', and it judges 'unit_price'",
        "name one column",
    ),
    "some rows": (
        use_column_bound(SUM, "sum", row_condition={"type": "nullity", "column": {"name": "region"}, "is_null": False}),
        "which is of all rows, and row_condition takes some",
        "drop row_condition",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_cannot_be_meant_is_refused(what: str) -> None:
    change, problem, remedy = FAULTS[what]
    lines = refusal_lines(change)
    assert any(problem in line and remedy in line for line in lines), lines


def load(change: Change, stage: str = "output") -> Contract:
    suite = copy.deepcopy(TRADES[stage])
    change(suite)
    return parse_contract(json.dumps(suite), stage)


@pytest.mark.parametrize("metric", [metric for metric in HistoryMetric if metric.takes_column])
def test_a_metric_of_a_column_bounds_the_rules_on_it(metric: HistoryMetric) -> None:
    for kind in metric.rule_types:
        contract = load(use_column_bound(kind, metric))
        assert contract.rules[-1].parameters == {"min_value": "usual"}
        assert contract.history["usual"].metric is metric


def test_a_bound_says_which_runs_it_looks_at() -> None:
    contract = load(declare_low(same_weekday=True, per="day"))
    bound = contract.history["rows_low"]
    assert (bound.last, bound.at_least, bound.same_weekday, bound.times) == (14, 5, True, 0.5)


def test_each_metric_names_rules_that_there_are() -> None:
    assert all(VOCABULARY[kind].bounds for metric in HistoryMetric for kind in metric.rule_types)


def test_a_persons_column_tells_how_much_is_missing() -> None:
    kind = "expect_column_proportion_of_non_null_values_to_be_between"
    assert load(together(change_column(3, pii=True), use_column_bound(kind, "null_share"))).history


def test_names_are_of_one_suite_of_a_dataset() -> None:
    published = load(declare_low())
    read = replace(load(lambda _: None, "input"), history=published.history)
    assert ["both name 'rows_low'" in fault.problem for fault in find_disagreements(read, published)] == [True]


def test_what_the_other_suite_says_of_persons_counts() -> None:
    published = load(use_column_bound(SUM, "sum"))
    read = load(
        lambda suite: next(c for c in suite["meta"]["columns"] if c["name"] == "quantity").update(pii=True), "input"
    )
    [fault] = find_disagreements(read, published)
    assert "meta.history.usual of the output has metric sum of 'quantity'" in fault.problem
