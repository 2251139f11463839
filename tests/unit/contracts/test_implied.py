"""Lint names a rule that another one already implies, and leaves alone what only looks like it."""

import pytest

from sluice.contracts.lint.lint import lint_suites
from tests.lake.mutations import QUANTITY, REGION, Change, change_field, change_kwargs
from tests.unit.contracts.changed import apply_all, with_rule_added
from tests.unit.contracts.conftest import Write

PRESENT = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
PAIR = {"column_A": "total_amount", "column_B": "unit_price"}
REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH"]


IMPLIED: dict[str, tuple[Change, str, str]] = {
    "a rule twice": (with_rule_added(PRESENT, column="region"), "trades.more", "trades.region.kept already demands it"),
    "a rule twice, written otherwise": (
        apply_all(with_rule_added(GREATER, "trades.less", **PAIR), with_rule_added(GREATER, or_equal=False, **PAIR)),
        "trades.more",
        "trades.less already demands it",
    ),
    "every value of a set": (
        with_rule_added("expect_column_distinct_values_to_be_in_set", column="region", value_set=REGIONS),
        "trades.more",
        f"{REGION} already demands it",
    ),
    "the mean of a set": (
        apply_all(
            with_rule_added(IN_SET, "trades.set", column="quantity", value_set=[0, 3]),
            with_rule_added("expect_column_mean_to_be_between", column="quantity", min_value=0, max_value=3),
        ),
        "trades.more",
        "trades.set already demands it",
    ),
    "a refusal outside bounds": (
        with_rule_added("expect_column_values_to_not_be_in_set", column="quantity", value_set=[0, 1001]),
        "trades.more",
        f"{QUANTITY} already demands it",
    ),
    "a wider bound": (
        with_rule_added(BETWEEN, column="quantity", min_value=0, max_value=5000),
        "trades.more",
        f"{QUANTITY} already demands it, since quantity is at least 1 and at most 1000",
    ),
    "a wider set": (
        with_rule_added(
            IN_SET, column="region", value_set=["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH", "AF"]
        ),
        "trades.more",
        f"{REGION} already demands it",
    ),
    "a refusal of what a set leaves out": (
        with_rule_added("expect_column_values_to_not_be_in_set", column="region", value_set=["", "unknown"]),
        "trades.more",
        f"{REGION} already demands it",
    ),
    "a length of a set": (
        with_rule_added("expect_column_value_lengths_to_be_between", column="region", min_value=2, max_value=10),
        "trades.more",
        f"{REGION} already demands it",
    ),
    "the least of bounded values": (
        with_rule_added("expect_column_min_to_be_between", column="quantity", min_value=1),
        "trades.more",
        f"{QUANTITY} already demands it",
    ),
}


@pytest.mark.parametrize("what", IMPLIED)
def test_it_finds(what: str, write: Write) -> None:
    change, rule, expected = IMPLIED[what]
    findings = [
        finding for finding in lint_suites([str(write(change) / "expectations")]).findings if finding.kind == "implied"
    ]
    assert [finding.rule for finding in findings] == [rule]
    assert expected in findings[0].found


NOT_IMPLIED: dict[str, Change] = {
    "a narrower bound": with_rule_added(BETWEEN, column="quantity", min_value=2, max_value=5000),
    "a bound on another column": with_rule_added(BETWEEN, column="unit_price", min_value=0.001, max_value=100000),
    "what a weaker rule demands": apply_all(
        change_field(QUANTITY, severity="info"), with_rule_added(BETWEEN, column="quantity", min_value=0)
    ),
    "what holds of most rows": apply_all(
        change_kwargs(QUANTITY, mostly=0.9), with_rule_added(BETWEEN, column="quantity", min_value=0)
    ),
    "what holds of some rows": apply_all(
        change_kwargs(QUANTITY, row_condition={"type": "nullity", "column": {"name": "region"}, "is_null": False}),
        with_rule_added(BETWEEN, column="quantity", min_value=0),
    ),
    "the day of the run beside a day": with_rule_added(BETWEEN, column="transaction_date", max_value="2999-01-01"),
    "the mean beside the least": apply_all(
        with_rule_added("expect_column_mean_to_be_between", "trades.a", column="unit_price", min_value=1, max_value=5),
        with_rule_added(
            "expect_column_min_to_be_between", "trades.b", column="unit_price", min_value=0.5, max_value=10
        ),
    ),
    "the sum beside its values": with_rule_added("expect_column_sum_to_be_between", column="quantity", min_value=1),
    "a set within bounds": with_rule_added(IN_SET, column="quantity", value_set=[0, 1, 2]),
    "sets that overlap": with_rule_added(IN_SET, column="region", value_set=["EU-WEST", "AF-SOUTH"]),
    "a refusal of what a set has": with_rule_added(
        "expect_column_values_to_not_be_in_set", column="region", value_set=["EU-WEST"]
    ),
    "a strict end": with_rule_added(BETWEEN, column="quantity", min_value=1, strict_min=True),
}


@pytest.mark.parametrize("what", NOT_IMPLIED)
def test_it_leaves_alone(what: str, write: Write) -> None:
    report = lint_suites([str(write(NOT_IMPLIED[what]) / "expectations")])
    assert [finding for finding in report.findings if finding.kind == "implied"] == []


def test_of_two_rules_alike_the_later_one_is_told(write: Write) -> None:
    twice = apply_all(
        with_rule_added(BETWEEN, "trades.a", column="quantity", min_value=5),
        with_rule_added(BETWEEN, "trades.b", column="quantity", min_value=5),
    )
    report = lint_suites([str(write(twice) / "expectations")])
    assert [finding.rule for finding in report.findings] == ["trades.b"]
