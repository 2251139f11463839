"""A rule's arguments as Great Expectations takes them on Spark, where they are not as a suite has them.

The library compares a time with what Spark hands to Python, which has no offset; and it knows no NaN, which Spark orders above
all numbers.
"""

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from etl.contract.type_kinds import GREATEST_FLOAT
from etl.contract.types import ColumnType, TypeKind

BETWEEN = "expect_column_values_to_be_between"
Types = Callable[[], Mapping[str, str]]
"""The types of a frame's columns, asked for where an argument depends on one."""


def library_arguments(kind: str, kwargs: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """Return the arguments of an expectation of a kind: times in UTC without an offset, and a bound that stops NaN."""
    column = kwargs.get("column")
    bounds = {name: kwargs[name] for name in ("min_value", "max_value") if kwargs.get(name) is not None}
    if not isinstance(column, str) or not (bounds or "value_set" in kwargs):
        return dict(kwargs)
    declared = ColumnType.parse(types().get(column, ""))
    if declared is None or not (declared.family.is_time or declared.kind.is_floating):
        return dict(kwargs)
    if declared.kind.is_floating and kind == BETWEEN:
        bounds = {"max_value": float("inf"), **bounds}
    adapt = utc_text if declared.family.is_time else _nearest_float if declared.kind is TypeKind.FLOAT else _unchanged
    values = {"value_set": [adapt(value) for value in kwargs["value_set"]]} if "value_set" in kwargs else {}
    return {**kwargs, **{name: adapt(value) for name, value in bounds.items()}, **values}


def _unchanged(value: Any) -> Any:
    return value


def _nearest_float(value: Any) -> Any:
    """Return a number as the nearest one of 32 bits: Spark compares a float with a double, which 0.1 of 32 bits is not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > GREATEST_FLOAT:
        return value
    return float(struct.unpack("f", struct.pack("f", value))[0])


def utc_text(value: Any) -> Any:
    """Return a time's text in UTC without an offset; what is no text as it is."""
    if not isinstance(value, str):
        return value
    time = datetime.fromisoformat(value)
    return (time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time).isoformat(timespec="microseconds")
