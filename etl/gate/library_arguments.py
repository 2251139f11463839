"""A rule's arguments as Great Expectations takes them on Spark, where they are not as a suite has them.

The library compares a time with what Spark hands to Python, which has no offset; and it knows no NaN, which Spark orders above
all numbers.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from etl.contract.types import ColumnType

BETWEEN = "expect_column_values_to_be_between"
Types = Callable[[], Mapping[str, str]]
"""The types of a frame's columns, asked for where an argument depends on one."""


def library_arguments(kind: str, kwargs: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """Return the arguments of an expectation of a kind: times in UTC without an offset, and a bound that stops NaN."""
    column = kwargs.get("column")
    bounds = {name: kwargs[name] for name in ("min_value", "max_value") if kwargs.get(name) is not None}
    is_open = kind == BETWEEN and "max_value" not in bounds
    texts = [value for value in (*bounds.values(), *(kwargs.get("value_set") or ())) if isinstance(value, str)]
    if not isinstance(column, str) or not (is_open or texts):
        return dict(kwargs)
    declared = ColumnType.parse(types().get(column, ""))
    if declared and is_open and declared.kind.is_floating:
        return {**kwargs, "max_value": float("inf")}
    if declared and declared.family.is_time:
        values = {"value_set": [utc_text(value) for value in kwargs["value_set"]]} if "value_set" in kwargs else {}
        return {**kwargs, **{name: utc_text(value) for name, value in bounds.items()}, **values}
    return dict(kwargs)


def utc_text(value: Any) -> Any:
    """Return a time's text in UTC without an offset; what is no text as it is."""
    if not isinstance(value, str):
        return value
    time = datetime.fromisoformat(value)
    return (time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time).isoformat(timespec="microseconds")
