"""Bounds, sets and patterns that cannot be meant are refused, and what is sound is taken."""

import copy
from typing import Any

import pytest

from etl.contract.validation.suite import faults_of
from tests.lake.mutations import (
    DATE,
    QUANTITY,
    REGION,
    ROWS,
    TRADES,
    Change,
    change_field,
    change_kwargs,
    refusal_lines,
    replace_rule,
)

PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


def change_pairs(value: Any) -> Change:
    kind = "expect_column_pair_values_to_be_in_set"
    return replace_rule(REGION, kind, column_A="region", column_B="quantity", value_pairs_set=value)


def change_quantiles(value: Any) -> Change:
    kind = "expect_column_quantile_values_to_be_between"
    return replace_rule(QUANTITY, kind, column="quantity", quantile_ranges=value)


def change_quantile_ranges(shares: list[Any], *bounds: Any) -> Change:
    return change_quantiles({"quantiles": shares, "value_ranges": list(bounds)})


FAULTS: dict[str, tuple[Change, str, str]] = {
    "no bounds": (
        change_kwargs(QUANTITY, min_value=None, max_value=None),
        "it has no bounds",
        "add min_value or max_value",
    ),
    "bounds the wrong way round": (
        change_kwargs(QUANTITY, min_value=1001),
        "min_value 1001 is above max_value",
        "swap them",
    ),
    "days the wrong way round": (
        change_kwargs(DATE, min_value="2025-02-02", max_value="2025-02-01"),
        "is above",
        "swap them",
    ),
    "nothing between": (
        change_kwargs(QUANTITY, min_value=1000, strict_max=True),
        "nothing lies strictly between",
        "widen",
    ),
    "nothing above": (
        change_kwargs(QUANTITY, min_value=1000, strict_min=True),
        "nothing lies strictly between",
        "widen",
    ),
    "a bound of no column": (
        change_kwargs(QUANTITY, column="qty", min_value="many"),
        "min_value is 'many'",
        "write a number, a day or a time",
    ),
    "strict without a bound": (
        change_kwargs(DATE, strict_min=True),
        "strict_min stands without min_value",
        "add min_value",
    ),
    "a bound as text": (change_kwargs(QUANTITY, min_value="1"), f"rule {QUANTITY}: min_value is '1'", "write a number"),
    "a bound that is true": (change_kwargs(QUANTITY, min_value=True), "min_value is True", "write a number"),
    "a day that does not exist": (
        change_kwargs(DATE, max_value="2025-02-30"),
        "max_value is '2025-02-30'",
        "yyyy-MM-dd",
    ),
    "a number as a day": (change_kwargs(DATE, max_value=20250228), "max_value is 20250228", "yyyy-MM-dd"),
    "a parameter no run gives": (
        change_kwargs(DATE, max_value={"$PARAMETER": "x"}),
        "max_value is {'$PARAMETER'",
        "run_date",
    ),
    "a parameter for a number": (
        change_kwargs(QUANTITY, min_value={"$PARAMETER": "run_date"}),
        "min_value is {",
        "a number",
    ),
    "a bound that would be rounded": (
        change_kwargs(QUANTITY, max_value=2**53 + 1),
        "would round to 9007199254740992",
        "write",
    ),
    "half a row": (change_kwargs(ROWS, min_value=1.5), f"rule {ROWS}: min_value is 1.5", "a whole number from 0"),
    "a share as a bound": (
        replace_rule(REGION, "expect_column_proportion_of_unique_values_to_be_between", column="region", max_value=50),
        "max_value is 50",
        "a share from 0 to 1",
    ),
    "strictness as text": (change_kwargs(QUANTITY, strict_min="yes"), "strict_min is 'yes'", "write true or false"),
    "an empty set": (change_kwargs(REGION, value_set=[]), f"rule {REGION}: value_set is []", "at least one entry"),
    "a set of null": (change_kwargs(REGION, value_set=["EU-WEST", None]), "value_set holds None", "type string"),
    "numbers in a set of text": (change_kwargs(REGION, value_set=[1]), "value_set holds 1", "type string"),
    "a set of both": (change_kwargs(REGION, column="quantity", value_set=[1, "2"]), "mixes texts and numbers", "alike"),
    "mostly above 1": (change_kwargs(QUANTITY, mostly=1.01), f"rule {QUANTITY}: mostly is 1.01", "a share from 0 to 1"),
    "mostly below 0": (change_kwargs(QUANTITY, mostly=-0.1), "mostly is -0.1", "a share from 0 to 1"),
    "mostly as a word": (change_kwargs(QUANTITY, mostly="all"), "mostly is 'all'", "a share from 0 to 1"),
    "a pattern that does not compile": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^(EU"),
        "regex '^(EU' does not compile",
        "mend the pattern",
    ),
    "a pattern that Java does not know": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="(?P<zone>EU)"),
        "does not compile",
        "mend the pattern",
    ),
    "a pattern that is no text": (
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex=7),
        "regex is 7",
        "a regular expression as text",
    ),
    "a list of a bad pattern": (
        replace_rule(REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=["E", "("]),
        "regex_list '(' does not compile",
        "mend the pattern",
    ),
    "patterns as text": (
        replace_rule(REGION, "expect_column_values_to_match_regex_list", column="region", regex_list="E"),
        "regex_list is 'E'",
        "at least one regular expression",
    ),
    "a list of no patterns": (
        replace_rule(REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=[]),
        "regex_list is []",
        "at least one regular expression",
    ),
    "a choice that is none": (
        replace_rule(
            REGION, "expect_column_values_to_match_regex_list", column="region", regex_list=["E"], match_on="some"
        ),
        "match_on is 'some'",
        "it may be any, all",
    ),
    "a pair's choice that is none": (
        replace_rule(QUANTITY, PAIR, column_A="quantity", column_B="unit_price", ignore_row_if="never"),
        "ignore_row_if is 'never'",
        "it may be both_values_are_missing",
    ),
    "a pair that is none": (change_pairs([1]), "value_pairs_set holds 1", "lists of two values"),
    "no pairs": (change_pairs([]), "value_pairs_set is []", "at least one entry"),
    "a pair of three": (
        change_pairs([["EU-WEST", 1, 2]]),
        "value_pairs_set holds ['EU-WEST', 1, 2]",
        "lists of two values",
    ),
    "a pair of other types": (
        change_pairs([["EU-WEST", "many"]]),
        "value_pairs_set holds ['EU-WEST', 'many']",
        "types string, int",
    ),
    "quantiles without ranges": (change_quantiles({}), "quantile_ranges is {}", "quantiles and value_ranges"),
    "more quantiles than ranges": (change_quantile_ranges([0.5]), "quantile_ranges is", "as many ranges as quantiles"),
    "no quantiles": (change_quantile_ranges([]), "quantile_ranges is", "as many ranges as quantiles"),
    "a quantile above 1": (change_quantile_ranges([2], [1, 2]), "quantile_ranges is", "each quantile from 0 to 1"),
    "a range the wrong way round": (change_quantile_ranges([0.5], [2, 1]), "has ranges [[2, 1]]", "[low, high]"),
    "a range of nothing": (change_quantile_ranges([0.5], [None, None]), "has ranges [[None, None]]", "[low, high]"),
    "a range of one": (change_quantile_ranges([0.5], [1]), "has ranges [[1]]", "[low, high]"),
    "a range of text": (change_quantile_ranges([0.5], ["1", 2]), "has ranges [['1', 2]]", "[low, high]"),
    "a range that is none": (change_quantile_ranges([0.5], 7), "has ranges [7]", "[low, high]"),
    "a number beyond any column": (change_kwargs(QUANTITY, max_value=10**39), "max_value is 1000", "write a number"),
    "a format that is none": (
        replace_rule(REGION, "expect_column_values_to_match_strftime_format", column="region", strftime_format="today"),
        "strftime_format is 'today'",
        "such as %Y-%m-%d",
    ),
    "SQL without a batch": (
        replace_rule(QUANTITY, "unexpected_rows_expectation", unexpected_rows_query="select 1"),
        "unexpected_rows_query is 'select 1'",
        "from {batch}",
    ),
    "a length that is none": (
        replace_rule(REGION, "expect_column_value_lengths_to_equal", column="region", value=-1),
        "value is -1",
        "a whole number from 0",
    ),
    "a class that is none": (
        replace_rule(QUANTITY, "expect_column_values_to_be_in_type_list", column="quantity", type_list=["int"]),
        "type_list is ['int']",
        "IntegerType",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_what_was_found(case: str) -> None:
    change, expected, remedy = FAULTS[case]
    lines = refusal_lines(change)
    assert [line for line in lines if expected in line and remedy in line.partition("; ")[2]], "\n".join(lines)


SOUND = {
    "a length of nothing": replace_rule(REGION, "expect_column_value_lengths_to_equal", column="region", value=0),
    "open ranges": change_quantile_ranges([0, 1], [None, 5], [5, None]),
    "a range that meets": change_quantile_ranges([0.5], [5, 5]),
    "a pair": change_pairs([["EU-WEST", 1]]),
    "bounds that meet": change_kwargs(QUANTITY, min_value=7, max_value=7),
    "a day and the day of the run": change_kwargs(DATE, min_value="2025-01-01"),
    "days that meet": change_kwargs(DATE, min_value="2025-01-01", max_value="2025-01-01"),
    "a bound that is null": change_field(QUANTITY, kwargs={"column": "quantity", "min_value": 1, "max_value": None}),
    "a condition that is null": change_field(ROWS, kwargs={"min_value": 1, "row_condition": None}),
    "numbers as text": change_kwargs(REGION, column="unit_price", value_set=["1.50", "2"]),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_is_taken(case: str) -> None:
    suite = copy.deepcopy(TRADES["output"])
    SOUND[case](suite)
    assert faults_of(suite) == []
