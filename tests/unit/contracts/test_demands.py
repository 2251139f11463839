"""One range covers or misses another exactly where each of its values says so."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.types import ColumnType
from sluice.contracts.diff.rule_ranges import Range, subject_domain

ENDS = st.none() | st.integers(-2, 2).map(Decimal)
RANGES = st.builds(Range, ENDS, ENDS, st.booleans(), st.booleans())
VALUES = [Decimal(half) / 2 for half in range(-8, 9)]
"""Both sides of every end, so that no range is open where nothing looks."""


def is_within(interval: Range, value: Decimal) -> bool:
    above = interval.low is None or (value > interval.low if interval.strict_low else value >= interval.low)
    return above and (
        interval.high is None or (value < interval.high if interval.strict_high else value <= interval.high)
    )


@settings(deadline=None)
@given(RANGES, st.sampled_from(VALUES))
def test_a_range_holds_what_lies_between_its_ends(interval: Range, value: Decimal) -> None:
    assert interval.contains_value(value) is is_within(interval, value)


@settings(deadline=None)
@given(RANGES, RANGES)
def test_a_range_covers_another_where_it_holds_all_of_its_values(wide: Range, narrow: Range) -> None:
    inside = [value for value in VALUES if is_within(narrow, value)]
    if inside:
        assert wide.covers_values(narrow) is all(is_within(wide, value) for value in inside)


@settings(deadline=None)
@given(RANGES, st.frozensets(st.sampled_from(VALUES), max_size=3))
def test_a_range_covers_a_set_where_it_holds_each_of_it(wide: Range, narrow: frozenset[Decimal]) -> None:
    assert wide.covers_values(narrow) is all(is_within(wide, value) for value in narrow)


@settings(deadline=None)
@given(RANGES, RANGES)
def test_ranges_miss_each_other_where_no_value_is_in_both(interval: Range, other_interval: Range) -> None:
    if all(any(is_within(candidate, value) for value in VALUES) for candidate in (interval, other_interval)):
        assert interval.misses_range(other_interval) is not any(
            is_within(interval, value) and is_within(other_interval, value) for value in VALUES
        )


@pytest.mark.parametrize(
    ("declared", "low", "high"),
    [
        ("int", Decimal(-(2**31)), Decimal(2**31 - 1)),
        ("bigint", Decimal(-(2**63)), Decimal(2**63 - 1)),
        ("decimal(4,2)", Decimal("-99.99"), Decimal("99.99")),
        ("decimal(38,0)", Decimal(-(10**38 - 1)), Decimal(10**38 - 1)),
        ("date", date(1, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_type_ends_where_spark_ends_it(declared: str, low: object, high: object) -> None:
    assert subject_domain(("value", "x"), {"x": ColumnType(declared)}) == Range(low, high)


def test_text_has_no_end() -> None:
    assert subject_domain(("value", "x"), {"x": ColumnType("string")}) is None
