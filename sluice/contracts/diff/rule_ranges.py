"""What a rule lets through, as a range or a set, so that two rules can be held against each other and against a type."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_never

from etl.contract.history import HistoryBound
from etl.contract.json_values import is_object
from etl.contract.model import Rule
from etl.contract.run_parameters import BOUND_ARGUMENTS
from etl.contract.types import ColumnType, Family
from sluice.contracts.history.bound_order import tightens_high, tightens_low

MeasuredSubject = tuple[str, str]


@dataclass(frozen=True)
class Range:
    """All values from `low` to `high`, None where it is open-ended; `strict_low` and `strict_high` leave the end out."""

    low: Any = None
    high: Any = None
    strict_low: bool = False
    strict_high: bool = False

    def contains_value(self, value: Any) -> bool:
        """Say whether a value lies within."""
        return self.within_low(value, False) and self.within_high(value, False)

    def within_low(self, value: Any, strict: bool) -> bool:
        """Say whether everything from `value` up lies above the lower end."""
        if self.low is None:
            return True
        if isinstance(self.low, HistoryBound) and isinstance(value, HistoryBound):
            return tightens_low(value, self.low) and (strict or not self.strict_low)
        return _is_below(self.low, value) or (self.low == value and (strict or not self.strict_low))

    def within_high(self, value: Any, strict: bool) -> bool:
        """Say whether everything up to `value` lies below the upper end."""
        if self.high is None:
            return True
        if isinstance(self.high, HistoryBound) and isinstance(value, HistoryBound):
            return tightens_high(value, self.high) and (strict or not self.strict_high)
        return _is_below(value, self.high) or (self.high == value and (strict or not self.strict_high))

    def covers_values(self, allowed: "Range | frozenset[Any]") -> bool:
        """Say whether everything that `allowed` lets through lies within."""
        if isinstance(allowed, frozenset):
            return all(map(self.contains_value, allowed))
        low = self.within_low(allowed.low, allowed.strict_low)
        return low and self.within_high(allowed.high, allowed.strict_high)

    def misses_range(self, other_range: "Range") -> bool:
        """Say whether no value lies within both."""
        return _lies_below(self, other_range) or _lies_below(other_range, self)


AllowedValues = Range | frozenset[Any]


def _lies_below(lower: Range, upper: Range) -> bool:
    touching = lower.high is not None and lower.high == upper.low
    return _is_below(lower.high, upper.low) or (touching and (lower.strict_high or upper.strict_low))


def _is_below(low: Any, high: Any) -> bool:
    # A bound that a run gives compares with nothing but itself.
    is_alone = isinstance(low, (str, HistoryBound))
    return low is not None and high is not None and type(low) is type(high) and not is_alone and low < high


def comparable_value(entry: Any, family: Family) -> Any:
    """Return a JSON value of a rule as it compares with others of a column's family; a parameter as its name."""
    if is_object(entry):
        return str(entry.get("$PARAMETER"))
    return family.comparable_value(entry)


def bounds_range(rule: Rule, family: Family) -> Range:
    """Return the range of `min_value` and `max_value`; one from earlier runs is a `HistoryBound`."""
    low, high = (
        None
        if rule.kwargs.get(name) is None
        else rule.history_bound(name) or comparable_value(rule.kwargs[name], family)
        for name in BOUND_ARGUMENTS
    )
    return Range(low, high, bool(rule.kwargs.get("strict_min")), bool(rule.kwargs.get("strict_max")))


RANGE_MEASURES = {
    "expect_column_values_to_be_between": "value",
    "expect_column_value_lengths_to_be_between": "length",
    "expect_table_row_count_to_be_between": "rows",
    "expect_column_sum_to_be_between": "sum",
    "expect_column_mean_to_be_between": "mean",
    "expect_column_median_to_be_between": "median",
    "expect_column_stdev_to_be_between": "stdev",
    "expect_column_min_to_be_between": "min",
    "expect_column_max_to_be_between": "max",
    "expect_column_unique_value_count_to_be_between": "distinct count",
    "expect_column_proportion_of_unique_values_to_be_between": "distinct share",
    "expect_column_proportion_of_non_null_values_to_be_between": "non-null share",
}
EXACT_MEASURES = {"expect_column_value_lengths_to_equal": "length", "expect_table_row_count_to_equal": "rows"}
SET_MEASURES = {"expect_column_values_to_be_in_set": "value", "expect_column_distinct_values_to_be_in_set": "value"}
VALUE_MEASURES = ("value", "min", "max")


def rule_demand(rule: Rule, types: Mapping[str, ColumnType]) -> tuple[MeasuredSubject, AllowedValues] | None:
    """Return what a rule judges and what it lets through, None for one that is no range and no set.

    The subject is the measure (value, length, rows, min, ...) and the column's name, "" for the whole table.
    """
    column = str(rule.kwargs.get("column", ""))
    family = types[column].family if column else Family.NUMBER
    if measure := RANGE_MEASURES.get(rule.type):
        return (measure, column), bounds_range(rule, family if measure in VALUE_MEASURES else Family.NUMBER)
    if measure := EXACT_MEASURES.get(rule.type):
        return (measure, column), frozenset({Decimal(rule.kwargs["value"])})
    if measure := SET_MEASURES.get(rule.type):
        return (measure, column), frozenset(comparable_value(entry, family) for entry in rule.kwargs["value_set"])
    return None


NON_NEGATIVE = Range(Decimal(0))
SHARE_RANGE = Range(Decimal(0), Decimal(1))
DOMAINS: dict[str, Range] = {
    **dict.fromkeys(("length", "rows", "stdev", "distinct count"), NON_NEGATIVE),
    **dict.fromkeys(("distinct share", "non-null share"), SHARE_RANGE),
}


def subject_domain(subject: MeasuredSubject, types: Mapping[str, ColumnType]) -> AllowedValues | None:
    """Return everything that a subject can be at all, None where there is no limit worth naming."""
    measure, column = subject
    if measure not in (*VALUE_MEASURES, "mean", "median"):
        return DOMAINS.get(measure)
    declared = types[column]
    match declared.family:
        case Family.BOOLEAN:
            return frozenset({True, False})
        case Family.NUMBER | Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            return Range(*declared.limits) if declared.limits else None
        case Family.TEXT | Family.BINARY | Family.NESTED:
            return None
        case _:
            assert_never(declared.family)
