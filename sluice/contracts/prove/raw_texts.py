"""Typed values as the text that a raw file has of them, written as the input column's options say."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from etl.contract.input_column import InputColumn
from etl.contract.types import Family


def raw_text(value: Any, column: InputColumn) -> str | None:
    """Return a value as a file's text; None where the column's options have no text for it."""
    if isinstance(value, bool) and column.type.family is Family.BOOLEAN:
        truths, falsehoods = column.truths
        return (truths if value else falsehoods)[0]
    if column.readings and isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return next((text for reading in column.readings if (text := reading.write_text(moment)) is not None), None)
    if column.type.family is Family.NUMBER and isinstance(value, int | Decimal):
        return _number_text(value, column)
    return str(value)


def _number_text(value: int | Decimal, column: InputColumn) -> str:
    text = (
        f"{value:{',' if column.group else ''}f}"
        if isinstance(value, Decimal)
        else f"{value:{',' if column.group else ''}}"
    )
    swapped = text.translate({ord(","): column.group, ord("."): column.decimal_point})
    return f"{swapped} {column.strip[0]}" if column.strip else swapped
