"""Judging by what a pass observed is judging: the library alone comes to the same, rule by rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from etl.contract.masking import Masking
from etl.contract.types import Family
from etl.gate import checks
from etl.gate.onepass import bitmask
from etl.gate.onepass.metric_replay import ObservedMetrics
from etl.gate.onepass.metric_requests import MetricRequests
from etl.results.rule_state import OBSERVED
from tests.spark.suites import CASES, WHERE, SuiteCase
from tests.spark.ways import find_differences, frame_of, judge_computed, judge_observed

BETWEEN, NULL, SET = (
    "expect_column_values_to_be_between",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_in_set",
)
ROWS: list[Any] = [
    ("a", "a", 1, 7, "0.01", "2025-01-01", True, 1.0, "2025-01-01T00:00:00Z", "2025-01-01T00:00:00", 1.5, "YQ==", 1),
    ("ä", None, 5, None, "99999999.99", "9999-12-31", False, float("nan"), None, "9999-12-31T00:00:00", 2.5, None, 2),
]


def make_case(*rules: tuple[str, dict[str, Any]], ansi: bool = True) -> SuiteCase:
    return SuiteCase(ROWS, [(rule, "critical") for rule in rules], ansi)


MIXED = make_case(
    (NULL, {"column": "text"}),
    (NULL, {"column": "other"}),
    (BETWEEN, {"column": "whole", "min_value": 1, "max_value": 5}),
    (BETWEEN, {"column": "whole", "min_value": 1, "max_value": 5, "strict_max": True}),
    (SET, {"column": "text", "value_set": ["a"], "mostly": 0.5}),
    (SET, {"column": "text", "value_set": ["a"], "mostly": 0.6}),
)


@settings(max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn_case=CASES)
def test_both_ways_come_to_the_same_results(spark: Any, drawn_case: SuiteCase) -> None:
    differing, _ = find_differences(spark, drawn_case)
    assert differing == []


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


OBSERVED_VALUES = {
    "a type": "StringType",
    "rows": "2",
    "a sum": "6.0",
    "the least": "2025-01-01",
    "a sum of some rows": "0.01",
    "a query": "0",
    "how many values": "2",
    "the share of values": "1.0",
    "the commonest": "['a']",
    "the median": "3.0",
    "quantiles": "{'quantiles': [0.5, 1.0], 'values': [0.01, 99999999.99]}",
}
"""What is said of the rules on the whole, though they hold; the library tells nothing of sets of values."""


def test_what_a_contract_mostly_says_is_observed(spark: Any) -> None:
    expressed_case = make_case(*EXPRESSED.values())
    results = judge_observed(frame_of(spark, expressed_case), expressed_case)
    assert {name: (result.held, result.way) for name, result in zip(EXPRESSED, results, strict=True)} == dict.fromkeys(
        EXPRESSED, (True, OBSERVED)
    )
    observed = {name: result.observed for name, result in zip(EXPRESSED, results, strict=True)}
    assert {name: text for name, text in observed.items() if text is not None} == OBSERVED_VALUES


def test_what_was_observed_is_told_by_the_library_too_and_masked_where_it_is_a_persons(spark: Any) -> None:
    names = ("a type", "nulls", "rows", "a sum", "the least")
    case = make_case(*(EXPRESSED[name] for name in names))
    frame = frame_of(spark, case)
    texts = [OBSERVED_VALUES.get(name) for name in names]
    assert [result.observed for result in judge_computed(frame, case)] == texts
    masking = Masking(frozenset({"whole"}), frozenset({Family.NUMBER}))
    masked = checks.check_frame(frame, replace(case.contract, masking=masking), list(case.contract.rules), {})
    assert [result.observed for result in masked] == ["StringType", None, "2", "***", "***"]


def test_a_share_of_values_is_one_of_the_rows_that_have_one(spark: Any) -> None:
    share = (
        "expect_column_proportion_of_unique_values_to_be_between",
        {"column": "other", "min_value": 0.5, "max_value": 0.5},
    )
    doubled_case = SuiteCase(ROWS * 2, [(share, "critical")], ansi=True)
    [result] = judge_observed(frame_of(spark, doubled_case), doubled_case)
    assert (result.held, result.way) == (True, OBSERVED)


CONTAIN = "expect_column_distinct_values_to_contain_set"
UNLIKE = {
    "the same value twice": {"column": "text", "value_set": ["a", "a"]},
    "one day written in two ways": {"column": "day", "value_set": ["2025-01-01", "2025-1-1"]},
    "numbers as text": {"column": "whole", "value_set": ["1", "01"]},
    "more values than are looked for": {"column": "big", "value_set": [7, *range(100, 140)]},
}


@pytest.mark.long
def test_sets_that_the_library_counts_in_its_own_way_are_left_to_it(spark: Any) -> None:
    unlike_case = make_case(*((CONTAIN, kwargs) for kwargs in UNLIKE.values()))
    differing, were_observed = find_differences(spark, unlike_case)
    assert (differing, were_observed) == ([], 0)


def _drops_a_bit(patch: pytest.MonkeyPatch) -> None:
    unpacked = bitmask.unpack_marks

    def drop_bit(longs: Any, count: int) -> list[bool]:
        bits = unpacked(longs, count)
        first = bits.index(True) if True in bits else None
        return [bit and index != first for index, bit in enumerate(bits)]

    patch.setattr(bitmask, "unpack_marks", drop_bit)


def _shifts_the_bits(patch: pytest.MonkeyPatch) -> None:
    unpacked = bitmask.unpack_marks

    def shift_bits(longs: Any, count: int) -> list[bool]:
        bits = unpacked(longs, count)
        return bits[1:] + bits[:1]

    patch.setattr(bitmask, "unpack_marks", shift_bits)


def _swaps_two_counts(patch: pytest.MonkeyPatch) -> None:
    values = MetricRequests.read_values

    def swap_counts(self: MetricRequests, *args: Any, **named: Any) -> Any:
        answer = values(self, *args, **named)
        first, second = list(self.counts)[-2:]
        answer.values[first], answer.values[second] = answer.values[second], answer.values[first]  # type: ignore[index]
        return answer

    patch.setattr(MetricRequests, "read_values", swap_counts)


def _reads_stale_values(patch: pytest.MonkeyPatch) -> None:
    resolve = ObservedMetrics.resolve_wanted
    patch.setattr(
        ObservedMetrics,
        "resolve_wanted",
        lambda self, *requests: resolve(ObservedMetrics(dict.fromkeys(self.values, 0)), *requests),
    )


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "drops a bit": _drops_a_bit,
    "shifts the bits": _shifts_the_bits,
    "swaps two counts": _swaps_two_counts,
    "reads stale values": _reads_stale_values,
}


@pytest.mark.parametrize(
    "mutant", [name if name == "drops a bit" else pytest.param(name, marks=pytest.mark.long) for name in MUTANTS]
)
def test_an_engine_that_is_wrong_is_caught(spark: Any, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    MUTANTS[mutant](monkeypatch)
    differing, _ = find_differences(spark, MIXED)
    assert differing


def test_marks_beyond_one_long_keep_their_places(spark: Any) -> None:
    from pyspark.sql import functions as F  # noqa: PLC0415

    marks = [F.col("id") == index for index in range(130)]
    frame = spark.range(130).where(F.col("id").isin(0, 62, 63, 129))
    longs = frame.select(*(F.bit_or(packed_long) for packed_long in bitmask.pack_marks(marks))).collect()[0]
    assert [index for index, is_set in enumerate(bitmask.unpack_marks(list(longs), 130)) if is_set] == [0, 62, 63, 129]


def test_marks_of_some_rows_are_set_on_no_other(spark: Any) -> None:
    from pyspark.sql import functions as F  # noqa: PLC0415

    groups = [
        (None, [F.lit(True)] * 60),
        (F.col("id") == 1, [F.lit(True)] * 10),
        (F.col("id") == 2, [F.lit(None).cast("boolean")]),
    ]
    for number, expected in ((1, [*range(70)]), (2, [*range(60)])):
        longs = spark.range(3).where(F.col("id") == number).select(*bitmask.pack_groups(groups)).collect()[0]
        assert [index for index, is_set in enumerate(bitmask.unpack_marks(list(longs), 71)) if is_set] == expected
