"""Lists and objects of a proof: tuples in its rows, which can be told apart, and plain data where files have them."""

from collections.abc import Sequence
from typing import Any

from etl.contract.types import ColumnType, TypeKind


def as_plain_data(value: Any, declared: ColumnType) -> Any:
    """Return a value with its objects by their fields' names, and its lists as lists."""
    if value is None or not declared.parts or isinstance(value, str):
        return value
    if declared.kind is TypeKind.STRUCT:
        return {
            name: as_plain_data(part_value, part)
            for (name, part), part_value in zip(declared.parts.items(), value, strict=True)
        }
    [element] = declared.parts.values()
    return [as_plain_data(part_value, element) for part_value in value]


def is_nested(value: Any) -> bool:
    """Say whether a value is a list or an object, as a row or Spark's own has it."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)
