"""A column of an input suite: what a file calls it, beside what every declared column says."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeGuard

from pydantic import Field, PlainValidator, WithJsonSchema

from etl.contract.columns import ColumnSpec
from etl.contract.field_kinds import Remedy, wrong_value

SOURCE_TEXT = "write the name that the file has, or a position from 1 where it has no header"


def _source(value: Any) -> str | int:
    if isinstance(value, str) or is_position(value):
        return value
    raise wrong_value(SOURCE_TEXT)


def is_position(value: Any) -> TypeGuard[int]:
    """Say whether a column's `source` is a position, from 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


@dataclass(frozen=True)
class InputColumn(ColumnSpec):
    """A column as a file brings it."""

    source: Annotated[
        str | int | None,
        PlainValidator(_source),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}),
        Remedy(SOURCE_TEXT),
        Field(
            description="what the file calls it where that is not its name; a position from 1 in a file without a header",
            examples=["Unit Price (EUR)"],
        ),
    ] = None


def file_source(column: ColumnSpec) -> str | int:
    """Return what a file calls a column: a name, or a position from 1."""
    source = column.source if isinstance(column, InputColumn) else None
    return column.name if source is None else source
