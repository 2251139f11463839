"""Rows as a file of Avro, as an exporter writes it."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_never

from etl.contract.model import Contract
from etl.contract.types import ColumnType, TypeKind
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.nested_values import is_nested
from sluice.contracts.prove.raw_texts import DAYS_BEYOND, RawText

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def avro_body(rows: list[Row], contract: Contract) -> bytes:
    """Return rows as a file whose fields are the contract's columns; each may be null."""
    import fastavro  # noqa: PLC0415  tenths of a second, and only this format takes it

    names = contract.file_names
    fields = [
        {"name": names[column.name], "type": ["null", _avro_type(column.type, f"t{place}")]}
        for place, column in enumerate(contract.columns)
    ]
    records = [
        {names[column.name]: _avro_value(row[column.name], column.type) for column in contract.columns} for row in rows
    ]
    sink = io.BytesIO()
    schema: Any = {"type": "record", "name": "row", "fields": fields}
    fastavro.writer(sink, schema, records, codec="deflate")  # pyright: ignore[reportUnknownMemberType]
    return sink.getvalue()


def _avro_type(declared: ColumnType, record_name: str) -> Any:
    """Return a type as a schema has it; `record_name` is of records, each of which has another."""
    written: Any = declared.kind.value
    parts = [
        {"name": name, "type": ["null", _avro_type(part, f"{record_name}_{place}")]}
        for place, (name, part) in enumerate(declared.parts.items())
    ]
    match declared.kind:
        case TypeKind.ARRAY:
            written = {"type": "array", "items": parts[0]["type"]}
        case TypeKind.STRUCT:
            written = {"type": "record", "name": record_name, "fields": parts}
        case TypeKind.STRING | TypeKind.INT | TypeKind.BOOLEAN | TypeKind.DOUBLE | TypeKind.FLOAT:
            pass
        case TypeKind.SMALLINT | TypeKind.TINYINT:  # Avro has none so narrow: the gate refuses the file
            written = "int"
        case TypeKind.BIGINT:
            written = "long"
        case TypeKind.BINARY:
            written = "bytes"
        case TypeKind.DATE:
            written = {"type": "int", "logicalType": "date"}
        case TypeKind.TIMESTAMP:
            written = {"type": "long", "logicalType": "timestamp-micros"}
        case TypeKind.TIMESTAMP_NTZ:
            written = {"type": "long", "logicalType": "local-timestamp-micros"}
        case TypeKind.DECIMAL:
            scaled = {"precision": declared.precision, "scale": declared.scale}
            written = {"type": "bytes", "logicalType": "decimal", **scaled}
        case _:
            assert_never(declared.kind)
    return written


def _avro_value(value: Any, declared: ColumnType) -> Any:
    """Return a value as fastavro writes it: times as numbers, since it takes one without an offset for the machine's."""
    if is_nested(value):
        return _nested_value(value, declared)
    if isinstance(value, RawText):
        return DAYS_BEYOND if declared.kind is TypeKind.DATE else DAYS_BEYOND * (DAY // MICROSECOND)
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - datetime(1970, 1, 1)) // MICROSECOND
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    if isinstance(value, Decimal):
        unscaled = int(f"{value:.{declared.scale}f}".replace(".", ""))
        return unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True)
    return value


def _nested_value(value: tuple[Any, ...], declared: ColumnType) -> Any:
    if declared.kind is TypeKind.ARRAY:
        return [_avro_value(entry, declared.parts[""]) for entry in value]
    return {name: _avro_value(entry, part) for (name, part), entry in zip(declared.parts.items(), value, strict=True)}
