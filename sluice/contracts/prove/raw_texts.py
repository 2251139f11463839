"""Values as what a raw file has of them: typed ones as the input column's options say, and texts that are no value."""

import base64
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from etl.contract.input_column import Epoch, InputColumn
from etl.contract.types import ColumnType, Family, TypeKind

DAYS_BEYOND = (date.max - date(1970, 1, 1)).days + 1
"""From 1970 to the first day that Python has no date of."""
BEYOND = {
    TypeKind.DATE: "+10000-01-01",
    TypeKind.TIMESTAMP: "+10000-01-01 00:00:00",
    TypeKind.TIMESTAMP_NTZ: "+10000-01-01 00:00:00",
}
"""How Spark prints that day."""
NO_VALUES = ("many", "5.x", "ring\x07")
"""Texts of which a type has at least one not. A control character among a file's first bytes would make it binary data."""


class RawText(str):
    """What a file has in a typed column and is no value of it: a text, or of columnar files the text of a day beyond."""


def texts_of_no_value(declared: ColumnType, *, is_text_format: bool) -> list[Any]:
    """Return what a file can have in a typed column that is no value of its type, as texts."""
    if declared.parts:
        return _wrong_parts(declared) if is_text_format else []
    if is_text_format:
        return [] if declared.is_text else [RawText(text) for text in NO_VALUES]
    return [RawText(BEYOND[declared.kind])] if declared.has_years else []


def _wrong_parts(declared: ColumnType) -> list[Any]:
    """Return lists or objects, as tuples, that have in one place a text that is no value, and nulls elsewhere."""
    names = [*declared.parts]
    return [
        tuple(text if name == wrong_name else None for name in names)
        for wrong_name, part in declared.parts.items()
        for text in texts_of_no_value(part, is_text_format=True)
    ]


def raw_text(value: Any, column: InputColumn) -> str | None:
    """Return a value as a file's text; None where the column's options have no text for it, or one that stands for null."""
    text = str(value) if isinstance(value, RawText) else _value_text(value, column)
    return None if text in column.null_values else text


def _value_text(value: Any, column: InputColumn) -> str | None:
    match column.type.family:
        case Family.BOOLEAN if isinstance(value, bool):
            truths, falsehoods = column.truths
            return (truths if value else falsehoods)[0]
        case Family.BINARY if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        case Family.NUMBER if isinstance(value, float):
            return _float_text(value, column)
        case Family.NUMBER if isinstance(value, int | Decimal):
            return _number_text(value, column)
        case Family.DATE | Family.INSTANT | Family.LOCAL_TIME if isinstance(value, date):
            return _time_text(value, column)
        case _:
            return str(value)


def _float_text(value: float, column: InputColumn) -> str:
    if math.isfinite(value):
        return _number_text(Decimal(repr(value)), column)
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def _number_text(value: int | Decimal, column: InputColumn) -> str:
    grouping, form = "," if column.group else "", "f" if isinstance(value, Decimal) else ""
    text = f"{value:{grouping}{form}}"
    swapped = text.translate({ord(","): column.group, ord("."): column.decimal_point})
    return f"{swapped} {column.strip[0]}" if column.strip else swapped


def _time_text(value: date, column: InputColumn) -> str | None:
    if not isinstance(value, datetime):
        moment = datetime.combine(value, time())
        return _first_text(moment, column) if column.readings else str(value)
    if column.epoch:
        return _epoch_text(value, column.epoch)
    if not column.zone and not column.readings:
        return str(value)
    return _first_text(value, column)


def _first_text(value: datetime, column: InputColumn) -> str | None:
    """Return a day or time in the first of the column's forms that has it, a moment as a clock of the column's zone."""
    moment = value.astimezone(UTC) if value.tzinfo else value
    local = _local_time(moment, column.zone) if value.tzinfo else moment
    if not column.readings:
        return None if local is None else str(local)
    texts = (
        clock and reading.write_text(clock)
        for reading in column.readings
        for clock in [moment if reading.has_offset else local]
    )
    return next((text for text in texts if text), None)


def _local_time(moment: datetime, zone: str) -> datetime | None:
    """Return what a clock of a zone shows; None where it shows that twice, or where Python has no such year."""
    try:
        local = moment.astimezone(ZoneInfo(zone or "UTC"))
    except OverflowError:
        return None
    is_doubled = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return None if is_doubled else local.replace(tzinfo=None, fold=0)


def _epoch_text(value: datetime, epoch: Epoch) -> str:
    first = datetime(1970, 1, 1, tzinfo=UTC if value.tzinfo else None)
    micros = (value - first) // timedelta(microseconds=1)
    return f"{Decimal(micros).scaleb(-epoch.decimals).normalize():f}"
