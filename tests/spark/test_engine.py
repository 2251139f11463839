"""Judging by what a pass observed is judging: the library alone comes to the same, rule by rule."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from etl.gate.onepass import bitmask
from etl.gate.onepass.metric_replay import Observed
from etl.gate.onepass.metric_requests import Ask
from etl.results.verdict import OBSERVED
from tests.spark.suites import CASES, WHERE, Case
from tests.spark.ways import differences, frame_of, observed

BETWEEN, NULL, SET = (
    "expect_column_values_to_be_between",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_in_set",
)
ROWS: list[Any] = [
    ("a", "a", 1, 7, "0.01", "2025-01-01", True, 1.0, 1),
    ("ä", None, 5, None, "99999999.99", "9999-12-31", False, float("nan"), 2),
]


def case(*rules: tuple[str, dict[str, Any]], ansi: bool = True) -> Case:
    return Case(ROWS, [(rule, "critical") for rule in rules], ansi)


MIXED = case(
    (NULL, {"column": "text"}),
    (NULL, {"column": "other"}),
    (BETWEEN, {"column": "whole", "min_value": 1, "max_value": 5}),
    (BETWEEN, {"column": "whole", "min_value": 1, "max_value": 5, "strict_max": True}),
    (SET, {"column": "text", "value_set": ["a"], "mostly": 0.5}),
    (SET, {"column": "text", "value_set": ["a"], "mostly": 0.6}),
)


@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=CASES)
def test_both_ways_come_to_the_same_results(spark: Any, made: Case) -> None:
    told, _ = differences(spark, made)
    assert told == []


EXPRESSED = {
    "nulls": (NULL, {"column": "text"}),
    "bounds, strict": (BETWEEN, {"column": "big", "min_value": 0, "strict_min": True}),
    "a share": (NULL, {"column": "other", "mostly": 0.5}),
    "a row condition": (
        NULL,
        {"column": "text", "row_condition": {"type": "nullity", "column": {"name": "other"}, "is_null": True}},
    ),
    "a pair": (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "whole", "column_B": "n", "or_equal": True},
    ),
    "a pair, nulls apart": (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "text", "column_B": "other", "ignore_row_if": "either_value_is_missing"},
    ),
    "lengths": ("expect_column_value_lengths_to_equal", {"column": "text", "value": 1}),
    "a set": (SET, {"column": "text", "value_set": ["a", "ä"]}),
    "a pattern": ("expect_column_values_to_match_regex", {"column": "text", "regex": "^.$"}),
    "a type": ("expect_column_values_to_be_of_type", {"column": "text", "type_": "StringType"}),
    "rows": ("expect_table_row_count_to_equal", {"value": 2}),
    "a sum": ("expect_column_sum_to_be_between", {"column": "whole", "min_value": 6, "max_value": 6}),
    "the least": ("expect_column_min_to_be_between", {"column": "day", "min_value": "2025-01-01"}),
    "a sum of some rows": (
        "expect_column_sum_to_be_between",
        {"column": "money", "min_value": 0.01, "max_value": 0.01, "row_condition": WHERE[2]},
    ),
    "a query": ("unexpected_rows_expectation", {"unexpected_rows_query": "select n from {batch} where n > 3"}),
    "uniqueness": ("expect_column_values_to_be_unique", {"column": "text"}),
    "no other values": ("expect_column_distinct_values_to_be_in_set", {"column": "text", "value_set": ["a", "ä", "b"]}),
    "these values": ("expect_column_distinct_values_to_contain_set", {"column": "whole", "value_set": [5, 1]}),
    "just these values": ("expect_column_distinct_values_to_equal_set", {"column": "text", "value_set": ["ä", "a"]}),
    "how many values": (
        "expect_column_unique_value_count_to_be_between",
        {"column": "day", "min_value": 2, "max_value": 2},
    ),
    "the share of values": (
        "expect_column_proportion_of_unique_values_to_be_between",
        {"column": "other", "min_value": 1, "max_value": 1},
    ),
    "the commonest": ("expect_column_most_common_value_to_be_in_set", {"column": "other", "value_set": ["a"]}),
    "the median": ("expect_column_median_to_be_between", {"column": "whole", "min_value": 3, "max_value": 3}),
    "quantiles": (
        "expect_column_quantile_values_to_be_between",
        {
            "column": "money",
            "quantile_ranges": {"quantiles": [0.5, 1.0], "value_ranges": [[0.01, 0.01], [99999999.99, None]]},
        },
    ),
    "Python's own": (
        "expect_column_values_to_match_strftime_format",
        {"column": "text", "strftime_format": "%Y", "mostly": 0.0},
    ),
}


def test_what_a_contract_mostly_says_is_observed(spark: Any) -> None:
    told = case(*EXPRESSED.values())
    results = observed(frame_of(spark, told), told)
    assert {what: (one.held, one.way) for what, one in zip(EXPRESSED, results, strict=True)} == dict.fromkeys(
        EXPRESSED, (True, OBSERVED)
    )


def test_a_share_of_values_is_one_of_the_rows_that_have_one(spark: Any) -> None:
    share = (
        "expect_column_proportion_of_unique_values_to_be_between",
        {"column": "other", "min_value": 0.5, "max_value": 0.5},
    )
    made = Case(ROWS * 2, [(share, "critical")], ansi=True)
    [found] = observed(frame_of(spark, made), made)
    assert (found.held, found.way) == (True, OBSERVED)


CONTAIN = "expect_column_distinct_values_to_contain_set"
UNLIKE = {
    "the same value twice": {"column": "text", "value_set": ["a", "a"]},
    "one day written in two ways": {"column": "day", "value_set": ["2025-01-01", "2025-1-1"]},
    "numbers as text": {"column": "whole", "value_set": ["1", "01"]},
    "more values than are looked for": {"column": "big", "value_set": [7, *range(100, 140)]},
}


def test_sets_that_the_library_counts_in_its_own_way_are_left_to_it(spark: Any) -> None:
    made = case(*((CONTAIN, one) for one in UNLIKE.values()))
    told, were_observed = differences(spark, made)
    assert (told, were_observed) == ([], 0)


def _drops_a_bit(patch: pytest.MonkeyPatch) -> None:
    unpacked = bitmask.unpacked

    def dropped(words: Any, count: int) -> list[bool]:
        found = unpacked(words, count)
        first = found.index(True) if True in found else None
        return [bit and at != first for at, bit in enumerate(found)]

    patch.setattr(bitmask, "unpacked", dropped)


def _shifts_the_bits(patch: pytest.MonkeyPatch) -> None:
    unpacked = bitmask.unpacked

    def shifted(words: Any, count: int) -> list[bool]:
        found = unpacked(words, count)
        return found[1:] + found[:1]

    patch.setattr(bitmask, "unpacked", shifted)


def _swaps_two_counts(patch: pytest.MonkeyPatch) -> None:
    values = Ask.values

    def swapped(self: Ask, *given: Any, **named: Any) -> Any:
        found = values(self, *given, **named)
        one, other = list(self.counts)[-2:]
        found.found[one], found.found[other] = found.found[other], found.found[one]  # type: ignore[index]
        return found

    patch.setattr(Ask, "values", swapped)


def _reads_stale_values(patch: pytest.MonkeyPatch) -> None:
    resolve = Observed.resolve
    patch.setattr(Observed, "resolve", lambda self, *asked: resolve(Observed(dict.fromkeys(self.values, 0)), *asked))


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "drops a bit": _drops_a_bit,
    "shifts the bits": _shifts_the_bits,
    "swaps two counts": _swaps_two_counts,
    "reads stale values": _reads_stale_values,
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_an_engine_that_is_wrong_is_caught(spark: Any, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    MUTANTS[mutant](monkeypatch)
    told, _ = differences(spark, MIXED)
    assert told


def test_marks_beyond_one_long_keep_their_places(spark: Any) -> None:
    from pyspark.sql import functions as F  # noqa: PLC0415

    marks = [F.col("id") == at for at in range(130)]
    frame = spark.range(130).where(F.col("id").isin(0, 62, 63, 129))
    words = frame.select(*(F.bit_or(word) for word in bitmask.packed(marks))).collect()[0]
    assert [at for at, is_set in enumerate(bitmask.unpacked(list(words), 130)) if is_set] == [0, 62, 63, 129]


def test_marks_of_some_rows_are_set_on_no_other(spark: Any) -> None:
    from pyspark.sql import functions as F  # noqa: PLC0415

    groups = [
        (None, [F.lit(True)] * 60),
        (F.col("id") == 1, [F.lit(True)] * 10),
        (F.col("id") == 2, [F.lit(None).cast("boolean")]),
    ]
    for number, expected in ((1, [*range(70)]), (2, [*range(60)])):
        words = spark.range(3).where(F.col("id") == number).select(*bitmask.packed_by(groups)).collect()[0]
        assert [at for at, is_set in enumerate(bitmask.unpacked(list(words), 71)) if is_set] == expected
