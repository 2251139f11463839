"""Typed values of Parquet and ORC that the gate would refuse."""

from datetime import date
from pathlib import Path

import pyarrow as pa

from etl.sources import text_lines
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import declared_type

EPOCH = date(1970, 1, 1)
FIRST, LAST = ((day - EPOCH).days for day in (date.min, date.max))
NO_TEXT = (
    "holds what is no text: a control character, a separator of lines, half a character, or the U+FFFD of one that was lost; "
    "the gate refuses it (structure.text)"
)


def refuse_unpublishable(table: pa.Table, path: Path) -> None:
    """Refuse a table that the gate would, by its values.

    Raises:
        WrongUse: a text is none, or a date is of no year from 1 to 9999.
        UnicodeDecodeError: a text is no UTF-8.
    """
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_date32(column.type):
            days = column.cast(pa.int32()).drop_null().unique().to_pylist()
            if not all(FIRST <= day <= LAST for day in days):
                years = "a date of no year from 1 to 9999, which the gate refuses (structure.cast)"
                raise WrongUse(f"{path} has in {name!r} {years}")
        elif (
            (declared := declared_type(column.type))
            and declared.is_text
            and not all(map(text_lines.is_text, column.drop_null().unique().to_pylist()))
        ):
            raise WrongUse(f"{path}: column {name!r} {NO_TEXT}")
