"""Rows as a file of Avro, as an exporter writes it."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_never

from etl.contract.model import Contract
from etl.contract.types import ColumnType, TypeKind
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.raw_texts import DAYS_BEYOND, RawText

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def avro_body(rows: list[Row], contract: Contract) -> bytes:
    """Return rows as a file whose fields are the contract's columns; each may be null."""
    import fastavro  # noqa: PLC0415  tenths of a second, and only this format takes it

    names = contract.file_names
    fields = [{"name": names[column.name], "type": ["null", _avro_type(column.type)]} for column in contract.columns]
    records = [
        {names[column.name]: _avro_value(row[column.name], column.type) for column in contract.columns} for row in rows
    ]
    sink = io.BytesIO()
    schema: Any = {"type": "record", "name": "row", "fields": fields}
    fastavro.writer(sink, schema, records, codec="deflate")  # pyright: ignore[reportUnknownMemberType]
    return sink.getvalue()


def _avro_type(declared: ColumnType) -> Any:
    written: Any = declared.kind.value
    match declared.kind:
        case TypeKind.ARRAY | TypeKind.STRUCT:  # contracts of Avro refuse them
            pass
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
