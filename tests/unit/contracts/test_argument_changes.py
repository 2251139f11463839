"""A change of an argument is told in words, with its direction and for whom it breaks what."""

import pytest

from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from tests.lake.mutations import DATE, QUANTITY, REGION, change_kwargs, replace_rule
from tests.lake.mutations import Change as Mutation
from tests.unit.contracts.changed import changes_after

REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH"]
WHERE = {"type": "comparison", "column": {"name": "region"}, "operator": "==", "parameter": "EU-WEST"}
NULL = {"type": "nullity", "column": {"name": "region"}, "is_null": False}


CHANGES: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "an upper bound comes down": (
        dict,
        change_kwargs(QUANTITY, max_value=500),
        f"{QUANTITY}: at most 1000 → 500, tightened",
        PRODUCERS,
    ),
    "an upper bound goes up": (
        dict,
        change_kwargs(QUANTITY, max_value=2000),
        f"{QUANTITY}: at most 1000 → 2000, loosened",
        LOOSENED,
    ),
    "a lower bound goes up": (
        dict,
        change_kwargs(QUANTITY, min_value=2),
        f"{QUANTITY}: at least 1 → 2, tightened",
        PRODUCERS,
    ),
    "a lower bound comes down": (
        dict,
        change_kwargs(QUANTITY, min_value=0),
        f"{QUANTITY}: at least 1 → 0, loosened",
        LOOSENED,
    ),
    "a bound leaves its end out": (
        dict,
        change_kwargs(QUANTITY, strict_max=True),
        f"{QUANTITY}: at most 1000 → below 1000, tightened",
        PRODUCERS,
    ),
    "a bound takes its end in": (
        change_kwargs(QUANTITY, strict_min=True),
        change_kwargs(QUANTITY, strict_min=None),
        f"{QUANTITY}: above 1 → at least 1, loosened",
        LOOSENED,
    ),
    "a bound is added": (
        change_kwargs(QUANTITY, max_value=None),
        change_kwargs(QUANTITY, max_value=500),
        f"{QUANTITY}: now at most 500, tightened",
        PRODUCERS,
    ),
    "a bound is gone": (
        dict,
        change_kwargs(QUANTITY, min_value=None),
        f"{QUANTITY}: no longer at least 1, loosened",
        LOOSENED,
    ),
    "a bound that cannot be compared": (
        dict,
        change_kwargs(DATE, max_value="2030-12-31"),
        f"{DATE}: at most the day of the run → 2030-12-31, changed",
        PRODUCERS,
    ),
    "a value more": (
        dict,
        change_kwargs(REGION, value_set=[*REGIONS, "AF"]),
        f"{REGION}: now also AF, loosened",
        CONSUMERS,
    ),
    "a value less": (
        dict,
        change_kwargs(REGION, value_set=REGIONS[1:]),
        f"{REGION}: no longer US-EAST, tightened",
        PRODUCERS,
    ),
    "a refused value more": (
        replace_rule(REGION, "expect_column_values_to_not_be_in_set", column="region", value_set=["x"]),
        change_kwargs(REGION, value_set=["x", "y"]),
        f"{REGION}: now also y, tightened",
        PRODUCERS,
    ),
    "a refused value less": (
        replace_rule(REGION, "expect_column_values_to_not_be_in_set", column="region", value_set=["x", "y"]),
        change_kwargs(REGION, value_set=["x"]),
        f"{REGION}: no longer y, loosened",
        LOOSENED,
    ),
    "a set that must be whole": (
        replace_rule(REGION, "expect_column_distinct_values_to_equal_set", column="region", value_set=["x", "y"]),
        change_kwargs(REGION, value_set=["x"]),
        f"{REGION}: no longer y, changed",
        PRODUCERS,
    ),
    "one of several patterns more": (
        replace_rule(REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=["E"]),
        change_kwargs(REGION, regex_list=["E", "W"]),
        f"{REGION}: now also W, loosened",
        LOOSENED,
    ),
    "of all patterns one more": (
        replace_rule(
            REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=["E"], match_on="all"
        ),
        change_kwargs(REGION, regex_list=["E", "W"]),
        f"{REGION}: now also W, tightened",
        PRODUCERS,
    ),
    "all patterns instead of any": (
        replace_rule(REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=["E", "W"]),
        change_kwargs(REGION, match_on="all"),
        f"{REGION}: match_on any → all, tightened",
        PRODUCERS,
    ),
    "another pattern": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^E"),
        change_kwargs(REGION, regex="^W"),
        f"{REGION}: matches ^E → ^W, changed",
        PRODUCERS,
    ),
    "a looser pattern": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^E[A-Z]+$"),
        change_kwargs(REGION, regex="^[EW][A-Z]+$"),
        f"{REGION}: matches ^E[A-Z]+$ → ^[EW][A-Z]+$, loosened",
        LOOSENED,
    ),
    "a tighter pattern": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^[EW][A-Z]+$"),
        change_kwargs(REGION, regex="^E[A-Z]+$"),
        f"{REGION}: matches ^[EW][A-Z]+$ → ^E[A-Z]+$, tightened",
        PRODUCERS,
    ),
    "a pattern that is written otherwise": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^E[0-9]+$"),
        change_kwargs(REGION, regex=r"^E\d\d*$"),
        f"{REGION}: matches ^E[0-9]+$ → ^E\\d\\d*$, rewritten",
        DOCUMENTATION,
    ),
    "a pattern of which it cannot be told": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^(?!X)E"),
        change_kwargs(REGION, regex="^(?!Y)E"),
        f"{REGION}: matches ^(?!X)E → ^(?!Y)E; whether it lets more through, or less, cannot be told, changed",
        PRODUCERS,
    ),
    "a looser pattern that must not match": (
        replace_rule(REGION, "expect_column_values_to_not_match_regex", column="region", regex="^E[A-Z]+$"),
        change_kwargs(REGION, regex="^[EW][A-Z]+$"),
        f"{REGION}: matches ^E[A-Z]+$ → ^[EW][A-Z]+$, tightened",
        PRODUCERS,
    ),
    "a looser pattern for one of a list": (
        replace_rule(REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=["^E$", "^W$"]),
        change_kwargs(REGION, regex_list=["^[EF]$", "^W$"]),
        f"{REGION}: matches ^E$, ^W$ → ^[EF]$, ^W$, loosened",
        LOOSENED,
    ),
    "equality allowed": (
        replace_rule(
            QUANTITY,
            "expect_column_pair_values_a_to_be_greater_than_b",
            column_A="quantity",
            column_B="unit_price",
        ),
        change_kwargs(QUANTITY, or_equal=True),
        f"{QUANTITY}: greater than → at least, loosened",
        LOOSENED,
    ),
    "fewer rows have to": (
        dict,
        change_kwargs(QUANTITY, mostly=0.95),
        f"{QUANTITY}: in every row → in at least 95 % of rows, loosened",
        LOOSENED,
    ),
    "more rows have to": (
        change_kwargs(QUANTITY, mostly=0.9),
        change_kwargs(QUANTITY, mostly=0.95),
        f"{QUANTITY}: in at least 90 % of rows → in at least 95 % of rows, tightened",
        PRODUCERS,
    ),
    "only some rows are judged": (
        dict,
        change_kwargs(QUANTITY, row_condition=WHERE),
        f"{QUANTITY}: now only where region is EU-WEST, loosened",
        LOOSENED,
    ),
    "every row is judged": (
        change_kwargs(QUANTITY, row_condition=WHERE),
        change_kwargs(QUANTITY, row_condition=None),
        f"{QUANTITY}: no longer only where region is EU-WEST, tightened",
        PRODUCERS,
    ),
    "other rows are judged": (
        change_kwargs(QUANTITY, row_condition=WHERE),
        change_kwargs(QUANTITY, row_condition=NULL),
        f"{QUANTITY}: where region is EU-WEST → where region is not null, changed",
        PRODUCERS,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_is_told(what: str) -> None:
    before, change, expected, label = CHANGES[what]
    assert [(str(rule_change), rule_change.label) for rule_change in changes_after(change, before)] == [
        (expected, label)
    ]


def test_each_bound_is_a_change_of_its_own() -> None:
    changes = changes_after(change_kwargs(QUANTITY, min_value=0, max_value=500))
    assert [(change.words, change.how) for change in changes] == [
        ("at least 1 → 0", "loosened"),
        ("at most 1000 → 500", "tightened"),
    ]


SAME: dict[str, Mutation] = {
    "rules in another order": lambda suite: suite["expectations"].reverse(),
    "a set in another order": change_kwargs(REGION, value_set=REGIONS[::-1]),
    "what is so by default": change_kwargs(QUANTITY, strict_min=False, mostly=1),
    "a number written otherwise": change_kwargs(QUANTITY, max_value=1000.0),
    "a severity by default": lambda suite: suite["expectations"][9].pop("severity"),
    "a parser without effect": change_kwargs(QUANTITY, condition_parser="spark"),
}


@pytest.mark.parametrize("what", SAME)
def test_what_means_the_same_is_no_change(what: str) -> None:
    assert changes_after(SAME[what]) == []
