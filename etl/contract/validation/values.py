"""What the arguments of an expectation must be: each kind yields what was found and the remedy.

The library coerces (`"yes"` is true, `1.5` rows are 1) or drops; here a value must be what it says.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, assert_never

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.json_values import (
    is_count,
    is_day,
    is_instant,
    is_list,
    is_local_time,
    is_number,
    is_object,
    is_share,
)
from etl.contract.regex.compatibility import pattern_fault
from etl.contract.run_parameters import PARAMETERS, parameter_name
from etl.contract.types import SPARK_CLASSES, ColumnType, Family

FaultPairs = Iterator[tuple[str, str]]
CHOICES: dict[str, tuple[str, ...]] = {
    "match_on": ("any", "all"),
    "condition_parser": ("great_expectations", "spark"),
    "type_": SPARK_CLASSES,
    "pair.ignore_row_if": ("both_values_are_missing", "either_value_is_missing", "neither"),
    "list.ignore_row_if": ("all_values_are_missing", "any_value_is_missing", "never"),
}


def is_parameter(value: Any, names: tuple[str, ...] = PARAMETERS) -> bool:
    """Say whether a JSON value stands for one of what a run gives, such as `{"$PARAMETER": "run_date"}`."""
    return parameter_name(value) in names


def fits_type(value: Any, declared: str) -> bool:
    """Say whether a JSON value can be compared with a column of the declared type; any scalar with an unknown one."""
    column_type = ColumnType.parse(declared)
    if column_type is None:
        return isinstance(value, str | int | float)
    match column_type.family:
        case Family.TEXT:
            return isinstance(value, str)
        case Family.NUMBER:
            return is_number(value) or (isinstance(value, str) and bool(re.match(str(column_type.plain_form), value)))
        case Family.BOOLEAN:
            return isinstance(value, bool)
        case Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            return DATED_VALUES[column_type.family](value)
        case Family.BINARY | Family.NESTED:  # no text of a suite is bytes, and no rule compares with a list
            return False
        case _:
            assert_never(column_type.family)


DATED_VALUES: dict[Family, Callable[[Any], bool]] = {
    Family.DATE: is_day,
    Family.INSTANT: is_instant,
    Family.LOCAL_TIME: is_local_time,
}


def argument_faults(name: str, value: Any, columns: tuple[str, ...]) -> FaultPairs:
    """Yield what is wrong with the argument `name`; `columns` are the declared types of the columns it is about."""
    if name in CHOICES:
        yield from _choice_faults(name, value, CHOICES[name])
    elif name == "value_set":
        yield from _value_set_faults(value, columns[0] if columns else "")
    elif name == "value_pairs_set":
        yield from _value_pair_faults(value, columns)
    elif check := KINDS.get(name):
        yield from check(name, value)


def _choice_faults(name: str, value: Any, choices: tuple[str, ...]) -> FaultPairs:
    if value not in choices:
        yield (
            f"{name.rpartition('.')[2]} is {short_repr(value)}",
            f"{did_you_mean(value, choices)}it may be {', '.join(choices)}",
        )


def _value_check(holds: Callable[[Any], bool], remedy: str) -> Callable[[str, Any], FaultPairs]:
    def check(name: str, value: Any) -> FaultPairs:
        if not holds(value):
            yield f"{name} is {short_repr(value)}", remedy

    return check


def _pattern_faults(name: str, value: Any) -> FaultPairs:
    if not isinstance(value, str):
        yield f"{name} is {short_repr(value)}", "write a regular expression as text"
    elif why := pattern_fault(value):
        yield f"{name} {short_repr(value)} does not compile: {why}", "mend the pattern; Spark runs it as Java's"


def _pattern_list_faults(name: str, value: Any) -> FaultPairs:
    if not is_list(value) or not value:
        yield f"{name} is {short_repr(value)}", "write a list with at least one regular expression"
        return
    for pattern in value:
        yield from _pattern_faults(name, pattern)


def _value_set_faults(value: Any, declared: str) -> FaultPairs:
    if not is_list(value) or not value:
        yield f"value_set is {short_repr(value)}", "write a list with at least one entry"
        return
    for entry in value:
        if not fits_type(entry, declared):
            yield f"value_set holds {short_repr(entry)}", f"write values of the column's type {declared}".rstrip()
    if len({isinstance(entry, str) for entry in value}) > 1:
        yield f"value_set {short_repr(value)} mixes texts and numbers", "write all entries alike"


def _value_pair_faults(value: Any, columns: tuple[str, ...]) -> FaultPairs:
    if not is_list(value) or not value:
        yield f"value_pairs_set is {short_repr(value)}", "write a list of pairs with at least one entry"
        return
    for pair in value:
        if not is_list(pair) or len(pair) != 2:
            yield f"value_pairs_set holds {short_repr(pair)}", "write pairs, lists of two values"
        elif len(columns) == 2 and not all(map(fits_type, pair, columns)):
            yield (
                f"value_pairs_set holds {short_repr(pair)}",
                f"write values of the columns' types {', '.join(columns)}",
            )


def _range_faults(name: str, value: Any) -> FaultPairs:
    if not is_object(value) or value.keys() != {"quantiles", "value_ranges"}:
        yield f"{name} is {short_repr(value)}", "write quantiles and value_ranges, two lists of one length"
        return
    shares, ranges = value["quantiles"], value["value_ranges"]
    sound = is_list(shares) and shares and all(map(is_share, shares))
    if not sound or not is_list(ranges) or len(ranges) != len(shares):
        yield f"{name} is {short_repr(value)}", "write as many ranges as quantiles, each quantile from 0 to 1"
    elif not all(map(_is_range, ranges)):
        yield f"{name} has ranges {short_repr(ranges)}", "write [low, high], numbers of which one may be null"


def _is_range(pair: Any) -> bool:
    if not is_list(pair) or len(pair) != 2 or not all(bound is None or is_number(bound) for bound in pair):
        return False
    low, high = pair
    return (low, high) != (None, None) and (low is None or high is None or low <= high)


_boolean_check = _value_check(lambda value: isinstance(value, bool), "write true or false")
KINDS: dict[str, Callable[[str, Any], FaultPairs]] = {
    **dict.fromkeys(("strict_min", "strict_max", "or_equal", "ties_okay", "allow_relative_error"), _boolean_check),
    "mostly": _value_check(is_share, "write a share from 0 to 1"),
    "value": _value_check(is_count, "write a whole number from 0"),
    "column_index": _value_check(is_count, "write a whole number from 0"),
    "sum_total": _value_check(is_number, "write a number"),
    "strftime_format": _value_check(
        lambda value: isinstance(value, str) and "%" in value, "write a format such as %Y-%m-%d"
    ),
    "regex": _pattern_faults,
    "regex_list": _pattern_list_faults,
    "type_list": _value_check(
        lambda value: is_list(value) and bool(value) and all(class_name in SPARK_CLASSES for class_name in value),
        f"write a list of {', '.join(SPARK_CLASSES)}",
    ),
    "quantile_ranges": _range_faults,
    "unexpected_rows_query": _value_check(
        lambda value: isinstance(value, str) and "{batch}" in value, "write SQL that selects the bad rows from {batch}"
    ),
}
