"""What bounds must be: of the kind that is judged, there, and the right way round; and what a row condition must be."""

from typing import Any

from etl.contract.faults import did_you_mean, shown
from etl.contract.types import family, is_known
from etl.contract.validation.values import Found, fits, is_count, is_day, is_number, is_parameter, is_share

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "IN", "NOT_IN")
DEEPEST = 5
BOUND = {
    "count": (is_count, "write a whole number from 0"),
    "share": (is_share, "write a share from 0 to 1"),
    "number": (is_number, "write a number"),
    "date": (lambda value: is_day(value) or is_parameter(value), 'write "yyyy-MM-dd" or {"$PARAMETER": "run_date"}'),
    "any": (lambda value: is_number(value) or is_day(value) or is_parameter(value), "write a number or a day"),
}


def of_bounds(kwargs: dict[str, Any], kind: str, declared: str) -> Found:
    """Yield what is wrong with `min_value` and `max_value` of a `kind`; `declared` is the column's type, "" unknown."""
    if kind == "value":
        kind = family(declared) if is_known(declared) else "any"
    holds, remedy = BOUND.get(kind, BOUND["any"])
    given = {name: kwargs.get(name) for name in ("min_value", "max_value")}
    if list(given.values()) == [None, None]:
        yield "it has no bounds, so nothing can break it", "add min_value or max_value"
    for name, value in given.items():
        if value is None:
            if kwargs.get(f"strict_{name[:3]}"):
                yield f"strict_{name[:3]} stands without {name}", f"add {name}, or drop it"
        elif not holds(value):
            yield f"{name} is {shown(value)}", remedy
        elif isinstance(value, int) and float(value) != value:
            yield f"{name} is {value}, which the library would round to {float(value):.0f}", "write a rounder number"
    if all(value is not None and holds(value) for value in given.values()):
        yield from _order(kwargs, *given.values())


def _order(kwargs: dict[str, Any], low: Any, high: Any) -> Found:
    if isinstance(low, dict) or isinstance(high, dict) or isinstance(low, str) is not isinstance(high, str):
        return
    if low > high:
        yield f"min_value {shown(low)} is above max_value {shown(high)}", "swap them"
    elif low == high and (kwargs.get("strict_min") is True or kwargs.get("strict_max") is True):
        yield f"nothing lies strictly between {shown(low)} and {shown(high)}", "widen them, or drop the strictness"


def of_condition(value: Any, columns: dict[str, str], depth: int = 0) -> Found:
    """Yield what is wrong with a `row_condition` (great_expectations.expectations.row_conditions) in its object form."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in ("and", "or") and depth < DEEPEST:
        yield from _several(value, columns, depth)
    elif kind in ("comparison", "nullity"):
        yield from _single(value, columns)
    else:
        yield (
            f"row_condition is {shown(value)}",
            "write an object with type comparison, nullity, and, or; text hides its columns",
        )


def _several(value: dict[str, Any], columns: dict[str, str], depth: int) -> Found:
    inner = value.get("conditions")
    if value.keys() != {"type", "conditions"} or not isinstance(inner, list) or not inner:
        yield f"row_condition is {shown(value)}", "write type and conditions, a list with at least one"
        return
    for one in inner:
        if isinstance(one, dict) and one.get("type") == "or":
            yield "row_condition has an or inside another condition", "write the or outermost"
        else:
            yield from of_condition(one, columns, depth + 1)


def _single(value: dict[str, Any], columns: dict[str, str]) -> Found:
    keys = {"comparison": {"type", "column", "operator", "parameter"}, "nullity": {"type", "column", "is_null"}}
    if value.keys() != keys[value["type"]]:
        yield f"row_condition is {shown(value)}", f"give it {', '.join(sorted(keys[value['type']]))}"
        return
    column = value["column"]
    name = column.get("name") if isinstance(column, dict) and len(column) == 1 else None
    if not isinstance(name, str) or name not in columns:
        yield (
            f"row_condition is about {shown(column)}",
            f'{did_you_mean(name, columns)}write {{"name": ...}}, one of {", ".join(columns)}',
        )
    elif value["type"] == "nullity":
        if not isinstance(value["is_null"], bool):
            yield f"row_condition has is_null {shown(value['is_null'])}", "write true or false"
    else:
        yield from _comparison(value["operator"], value["parameter"], columns[name])


def _comparison(operator: Any, parameter: Any, declared: str) -> Found:
    if operator not in OPERATORS:
        yield f"row_condition has operator {shown(operator)}", f"it may be {', '.join(OPERATORS)}"
        return
    among = operator in ("IN", "NOT_IN")
    values = parameter if among and isinstance(parameter, list) else [parameter]
    if (among and (not isinstance(parameter, list) or not parameter)) or not all(fits(one, declared) for one in values):
        what = "a list of values" if among else "a value"
        yield f"row_condition compares with {shown(parameter)}", f"write {what} of the column's type {declared}"
