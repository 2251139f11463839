"""One range covers or misses another exactly where each of its values says so."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.contracts.diff.rule_ranges import Range, domain

ENDS = st.none() | st.integers(-2, 2).map(Decimal)
RANGES = st.builds(Range, ENDS, ENDS, st.booleans(), st.booleans())
VALUES = [Decimal(half) / 2 for half in range(-8, 9)]
"""Both sides of every end, so that no range is open where nothing looks."""


def within(one: Range, value: Decimal) -> bool:
    above = one.low is None or (value > one.low if one.strict_low else value >= one.low)
    return above and (one.high is None or (value < one.high if one.strict_high else value <= one.high))


@settings(deadline=None)
@given(RANGES, st.sampled_from(VALUES))
def test_a_range_holds_what_lies_between_its_ends(one: Range, value: Decimal) -> None:
    assert one.holds(value) is within(one, value)


@settings(deadline=None)
@given(RANGES, RANGES)
def test_a_range_covers_another_where_it_holds_all_of_its_values(wide: Range, narrow: Range) -> None:
    inside = [value for value in VALUES if within(narrow, value)]
    if inside:
        assert wide.covers(narrow) is all(within(wide, value) for value in inside)


@settings(deadline=None)
@given(RANGES, st.frozensets(st.sampled_from(VALUES), max_size=3))
def test_a_range_covers_a_set_where_it_holds_each_of_it(wide: Range, narrow: frozenset[Decimal]) -> None:
    assert wide.covers(narrow) is all(within(wide, value) for value in narrow)


@settings(deadline=None)
@given(RANGES, RANGES)
def test_ranges_miss_each_other_where_no_value_is_in_both(one: Range, other: Range) -> None:
    if all(any(within(each, value) for value in VALUES) for each in (one, other)):
        assert one.misses(other) is not any(within(one, value) and within(other, value) for value in VALUES)


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
    assert domain(("value", "x"), {"x": declared}) == Range(low, high)


def test_text_has_no_end() -> None:
    assert domain(("value", "x"), {"x": "string"}) is None
