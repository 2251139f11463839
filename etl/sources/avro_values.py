"""Values of Avro as the plain texts that `value_reading.py` reads: with each digit, and nothing rounded."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, assert_never

from etl.contract.types import ColumnType, Family, TypeKind
from etl.sources.avro_schema import UNITS, AvroField

TextOf = Callable[[Any], str]
EPOCH = date(1970, 1, 1).toordinal()
EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)
NOT_FINITE = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def text_reader(field: AvroField, declared: ColumnType) -> TextOf:
    """Return what writes a field's values, none of them null, as texts of the declared type, which is the field's.

    A time beyond the years 1 to 9999, or with a remainder below a microsecond, is a text that is no value of the type. Lists
    and records are JSON, with a text or null for each value within.
    """
    text_of: TextOf = str
    match declared.kind:
        case TypeKind.ARRAY | TypeKind.STRUCT:
            text_of = partial(_json_text, texts_of=_nested_reader(field, declared))
        case TypeKind.STRING | TypeKind.INT | TypeKind.BIGINT | TypeKind.SMALLINT | TypeKind.TINYINT:
            pass
        case TypeKind.DOUBLE | TypeKind.FLOAT:
            text_of = floating_text
        case TypeKind.BOOLEAN:
            text_of = _flag_text
        case TypeKind.BINARY:
            text_of = _base64_text
        case TypeKind.DATE:
            text_of = _day_text
        case TypeKind.DECIMAL:
            text_of = partial(_scaled_text, scale=declared.scale)
        case TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ:
            units, zone = UNITS[field.logical.rpartition("-")[2]], "Z" if declared.family is Family.INSTANT else ""
            text_of = partial(time_text, units=units, zone=zone)
        case _:
            assert_never(declared.kind)
    return text_of


def _json_text(value: Any, texts_of: Callable[[Any], Any]) -> str:
    return json.dumps(texts_of(value))


def _nested_reader(field: AvroField, declared: ColumnType) -> Callable[[Any], Any]:
    """Return what makes of a list or a record the same with texts; of a flat value its text."""
    if not declared.is_nested:
        return text_reader(field, declared)
    readers = {name: _nested_reader(field.parts[name], part) for name, part in declared.parts.items()}
    return partial(_list_of_texts if declared.kind is TypeKind.ARRAY else _texts_by_name, readers=readers)


def _list_of_texts(value: list[Any], readers: Mapping[str, Callable[[Any], Any]]) -> list[Any]:
    text_of = readers[""]
    return [None if entry is None else text_of(entry) for entry in value]


def _texts_by_name(value: dict[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: None if value[name] is None else text_of(value[name]) for name, text_of in readers.items()}


def _flag_text(value: bool) -> str:
    return "true" if value else "false"


def _base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _scaled_text(value: bytes, scale: int) -> str:
    return decimal_text(int.from_bytes(value, "big", signed=True), scale)


def floating_text(value: float) -> str:
    """Return the shortest text that is read as the same number."""
    text = repr(float(value))
    return NOT_FINITE.get(text, text)


def decimal_text(unscaled: int, scale: int) -> str:
    """Return a decimal's text with each of its digits; one of no digits is 0."""
    digits = tuple(map(int, str(abs(unscaled))))
    return f"{Decimal((int(unscaled < 0), digits, -scale)):f}"


def _day_text(days: int) -> str:
    ordinal = EPOCH + days
    if not 1 <= ordinal <= date.max.toordinal():
        return f"{days} days since 1970-01-01"
    return date.fromordinal(ordinal).isoformat()


def time_text(number: int, units: int, zone: str) -> str:
    """Return a number of units since 1970, of which a second has so many, as a time; `zone` stands behind it."""
    seconds, rest = divmod(number, units)
    digits = f"{rest:0{len(str(units)) - 1}d}"
    try:
        second = (EPOCH_TIME + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    except OverflowError:
        return f"{seconds}.{digits} seconds since 1970-01-01"
    return f"{second}.{digits}{zone}"
