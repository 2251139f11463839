"""Lint names a rule that another one already implies, and leaves alone what only looks like it."""

import pytest

from sluice.contracts.lint.lint import lint
from tests.lake.mutations import QUANTITY, REGION, Change, field, kwargs
from tests.unit.contracts.changed import added, both
from tests.unit.contracts.conftest import Write

PRESENT = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
PAIR = {"column_A": "total_amount", "column_B": "unit_price"}
REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH"]


IMPLIED: dict[str, tuple[Change, str, str]] = {
    "a rule twice": (added(PRESENT, column="region"), "sales.more", "sales.region.kept already demands it"),
    "a rule twice, written otherwise": (
        both(added(GREATER, "sales.less", **PAIR), added(GREATER, or_equal=False, **PAIR)),
        "sales.more",
        "sales.less already demands it",
    ),
    "every value of a set": (
        added("expect_column_distinct_values_to_be_in_set", column="region", value_set=REGIONS),
        "sales.more",
        f"{REGION} already demands it",
    ),
    "the mean of a set": (
        both(
            added(IN_SET, "sales.set", column="quantity", value_set=[0, 3]),
            added("expect_column_mean_to_be_between", column="quantity", min_value=0, max_value=3),
        ),
        "sales.more",
        "sales.set already demands it",
    ),
    "a refusal outside bounds": (
        added("expect_column_values_to_not_be_in_set", column="quantity", value_set=[0, 1001]),
        "sales.more",
        f"{QUANTITY} already demands it",
    ),
    "a wider bound": (
        added(BETWEEN, column="quantity", min_value=0, max_value=5000),
        "sales.more",
        f"{QUANTITY} already demands it, since quantity is at least 1 and at most 1000",
    ),
    "a wider set": (
        added(IN_SET, column="region", value_set=["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH", "AF"]),
        "sales.more",
        f"{REGION} already demands it",
    ),
    "a refusal of what a set leaves out": (
        added("expect_column_values_to_not_be_in_set", column="region", value_set=["", "unknown"]),
        "sales.more",
        f"{REGION} already demands it",
    ),
    "a length of a set": (
        added("expect_column_value_lengths_to_be_between", column="region", min_value=2, max_value=10),
        "sales.more",
        f"{REGION} already demands it",
    ),
    "the least of bounded values": (
        added("expect_column_min_to_be_between", column="quantity", min_value=1),
        "sales.more",
        f"{QUANTITY} already demands it",
    ),
}


@pytest.mark.parametrize("what", IMPLIED)
def test_it_finds(what: str, write: Write) -> None:
    change, rule, words = IMPLIED[what]
    found = [one for one in lint([str(write(change) / "expectations")]).findings if one.kind == "implied"]
    assert [one.rule for one in found] == [rule]
    assert words in found[0].found


NOT_IMPLIED: dict[str, Change] = {
    "a narrower bound": added(BETWEEN, column="quantity", min_value=2, max_value=5000),
    "a bound on another column": added(BETWEEN, column="unit_price", min_value=0.001, max_value=100000),
    "what a weaker rule demands": both(
        field(QUANTITY, severity="info"), added(BETWEEN, column="quantity", min_value=0)
    ),
    "what holds of most rows": both(kwargs(QUANTITY, mostly=0.9), added(BETWEEN, column="quantity", min_value=0)),
    "what holds of some rows": both(
        kwargs(QUANTITY, row_condition={"type": "nullity", "column": {"name": "region"}, "is_null": False}),
        added(BETWEEN, column="quantity", min_value=0),
    ),
    "the day of the run beside a day": added(BETWEEN, column="transaction_date", max_value="2999-01-01"),
    "the mean beside the least": both(
        added("expect_column_mean_to_be_between", "sales.a", column="unit_price", min_value=1, max_value=5),
        added("expect_column_min_to_be_between", "sales.b", column="unit_price", min_value=0.5, max_value=10),
    ),
    "the sum beside its values": added("expect_column_sum_to_be_between", column="quantity", min_value=1),
    "a set within bounds": added(IN_SET, column="quantity", value_set=[0, 1, 2]),
    "sets that overlap": added(IN_SET, column="region", value_set=["EU-WEST", "AF-SOUTH"]),
    "a refusal of what a set has": added(
        "expect_column_values_to_not_be_in_set", column="region", value_set=["EU-WEST"]
    ),
    "a strict end": added(BETWEEN, column="quantity", min_value=1, strict_min=True),
}


@pytest.mark.parametrize("what", NOT_IMPLIED)
def test_it_leaves_alone(what: str, write: Write) -> None:
    report = lint([str(write(NOT_IMPLIED[what]) / "expectations")])
    assert [one for one in report.findings if one.kind == "implied"] == []


def test_of_two_rules_alike_the_later_one_is_told(write: Write) -> None:
    twice = both(
        added(BETWEEN, "sales.a", column="quantity", min_value=5),
        added(BETWEEN, "sales.b", column="quantity", min_value=5),
    )
    report = lint([str(write(twice) / "expectations")])
    assert [one.rule for one in report.findings] == ["sales.b"]
