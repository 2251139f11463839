"""What bounds must be: of the kind that is judged, there, and the right way round; and what a row condition must be."""

from collections.abc import Callable, Collection
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
from etl.contract.run_parameters import BOUND_ARGUMENTS, PARAMETERS, RUN_DATE, RUN_TIME, parameter_name
from etl.contract.types import Family, family_of
from etl.contract.validation.values import FaultPairs, fits_type, is_parameter
from etl.contract.vocabulary import Bounds

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "IN", "NOT_IN")
MAX_DEPTH = 5
BoundCheck = tuple[Callable[[Any], bool], str]
"""What a bound must be, and the remedy where it is something else."""
COUNT: BoundCheck = (is_count, "write a whole number from 0")
SHARE: BoundCheck = (is_share, "write a share from 0 to 1")
NUMBER: BoundCheck = (is_number, "write a number")
DATE: BoundCheck = (
    lambda value: is_day(value) or is_parameter(value, (RUN_DATE,)),
    'write "yyyy-MM-dd" or {"$PARAMETER": "run_date"}',
)
INSTANT: BoundCheck = (
    lambda value: is_instant(value) or is_parameter(value, (RUN_TIME,)),
    'write "yyyy-MM-ddTHH:mm:ssZ" or {"$PARAMETER": "run_time"}',
)
LOCAL_TIME: BoundCheck = (
    lambda value: is_local_time(value) or is_parameter(value, (RUN_TIME,)),
    'write "yyyy-MM-ddTHH:mm:ss" or {"$PARAMETER": "run_time"}, the run\'s start in UTC',
)
ANY_VALUE: BoundCheck = (
    lambda value: is_number(value) or is_day(value) or is_instant(value) or is_parameter(value),
    "write a number, a day or a time",
)
VALUES: dict[Family, BoundCheck] = {
    Family.NUMBER: NUMBER,
    Family.DATE: DATE,
    Family.INSTANT: INSTANT,
    Family.LOCAL_TIME: LOCAL_TIME,
}


def bounds_faults(kwargs: dict[str, Any], kind: Bounds, declared: str, history: Collection[str] = ()) -> FaultPairs:
    """Yield what is wrong with `min_value` and `max_value` of a `kind`.

    `declared` is the column's type, "" unknown. Names of `history` are bounds too, which `history_use_faults` looks at.
    """
    check = _bound_check(kind, declared)
    if check is None:
        return
    holds, remedy = check
    bounds = {name: kwargs.get(name) for name in BOUND_ARGUMENTS}
    if list(bounds.values()) == [None, None]:
        yield "it has no bounds, so nothing can break it", "add min_value or max_value"
    for name, value in bounds.items():
        if value is None:
            if kwargs.get(f"strict_{name[:3]}"):
                yield f"strict_{name[:3]} stands without {name}", f"add {name}, or drop it"
        elif parameter_name(value) in history:
            continue
        elif not holds(value):
            yield f"{name} is {short_repr(value)}", _bound_remedy(value, remedy, history)
        elif isinstance(value, int) and float(value) != value:
            yield f"{name} is {value}, which the library would round to {float(value):.0f}", "write a rounder number"
    if all(value is not None and holds(value) for value in bounds.values()):
        yield from _order_faults(kwargs, *bounds.values())


def _bound_remedy(value: Any, remedy: str, history: Collection[str]) -> str:
    """Return what to write in place of a bound; of a parameter that nothing gives also how it is declared."""
    parameter = parameter_name(value)
    if parameter is None or parameter in PARAMETERS:
        return remedy
    return f"{did_you_mean(parameter, (*PARAMETERS, *history))}{remedy}, or declare {parameter} in meta.history"


def _bound_check(kind: Bounds, declared: str) -> BoundCheck | None:
    """Return what bounds of a kind must be, None where a rule takes none."""
    match kind:
        case Bounds.NONE:
            return None
        case Bounds.VALUE:
            return _value_check(family_of(declared))
        case Bounds.COUNT:
            return COUNT
        case Bounds.SHARE:
            return SHARE
        case Bounds.NUMBER:
            return NUMBER
        case _:
            assert_never(kind)


def _value_check(family: Family | None) -> BoundCheck:
    """Return what bounds of values of a family must be; None is an unknown one."""
    match family:
        case Family.NUMBER | Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            return VALUES[family]
        case Family.TEXT | Family.BOOLEAN | Family.BINARY | Family.NESTED | None:
            return ANY_VALUE
        case _:
            assert_never(family)


def _order_faults(kwargs: dict[str, Any], low: Any, high: Any) -> FaultPairs:
    if is_object(low) or is_object(high) or isinstance(low, str) is not isinstance(high, str):
        return
    if low > high:
        yield f"min_value {short_repr(low)} is above max_value {short_repr(high)}", "swap them"
    elif low == high and (kwargs.get("strict_min") is True or kwargs.get("strict_max") is True):
        yield (
            f"nothing lies strictly between {short_repr(low)} and {short_repr(high)}",
            "widen them, or drop the strictness",
        )


def condition_faults(value: Any, columns: dict[str, str], depth: int = 0) -> FaultPairs:
    """Yield what is wrong with a `row_condition` (great_expectations.expectations.row_conditions) in its object form."""
    kind = value.get("type") if is_object(value) else None
    if kind in ("and", "or") and depth < MAX_DEPTH:
        yield from _compound_faults(value, columns, depth)
    elif kind in ("comparison", "nullity"):
        yield from _single_faults(value, columns)
    else:
        yield (
            f"row_condition is {short_repr(value)}",
            "write an object with type comparison, nullity, and, or; text hides its columns",
        )


def _compound_faults(value: dict[str, Any], columns: dict[str, str], depth: int) -> FaultPairs:
    conditions = value.get("conditions")
    if value.keys() != {"type", "conditions"} or not is_list(conditions) or not conditions:
        yield f"row_condition is {short_repr(value)}", "write type and conditions, a list with at least one"
        return
    for condition in conditions:
        if is_object(condition) and condition.get("type") == "or":
            yield "row_condition has an or inside another condition", "write the or outermost"
        else:
            yield from condition_faults(condition, columns, depth + 1)


def _single_faults(value: dict[str, Any], columns: dict[str, str]) -> FaultPairs:
    keys = {"comparison": {"type", "column", "operator", "parameter"}, "nullity": {"type", "column", "is_null"}}
    if value.keys() != keys[value["type"]]:
        yield f"row_condition is {short_repr(value)}", f"give it {', '.join(sorted(keys[value['type']]))}"
        return
    column = value["column"]
    name = column.get("name") if is_object(column) and len(column) == 1 else None
    if not isinstance(name, str) or name not in columns:
        yield (
            f"row_condition is about {short_repr(column)}",
            f'{did_you_mean(name, columns)}write {{"name": ...}}, one of {", ".join(columns)}',
        )
    elif value["type"] == "nullity":
        if not isinstance(value["is_null"], bool):
            yield f"row_condition has is_null {short_repr(value['is_null'])}", "write true or false"
    else:
        yield from _comparison_faults(value["operator"], value["parameter"], columns[name])


def _comparison_faults(operator: Any, parameter: Any, declared: str) -> FaultPairs:
    if operator not in OPERATORS:
        yield f"row_condition has operator {short_repr(operator)}", f"it may be {', '.join(OPERATORS)}"
        return
    is_membership = operator in ("IN", "NOT_IN")
    values = parameter if is_membership and is_list(parameter) else [parameter]
    if (is_membership and (not is_list(parameter) or not parameter)) or not all(
        fits_type(entry, declared) for entry in values
    ):
        expected = "a list of values" if is_membership else "a value"
        yield (
            f"row_condition compares with {short_repr(parameter)}",
            f"write {expected} of the column's type {declared}",
        )
