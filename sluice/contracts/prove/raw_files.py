"""Rows as a raw file of the format that a contract declares, as an exporter writes it."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from etl.contract.model import Contract
from etl.contract.types import DECIMAL
from sluice.contracts.prove.frames import Row

LINE_ENDS = re.compile(r"[\n\r]")
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "parquet": "parquet", "orc": "orc"}


def file_line(row: Row, contract: Contract) -> str | None:
    """Return a row as a line of a text format; None where no such line has it.

    A line of CSV cannot hold a line end (etl/sources/csv_reader.py), and one of a single empty column is a blank one.
    """
    values = [row[name] for name in contract.names]
    if contract.format == "csv":
        fields = ["" if value is None else str(value) for value in values]
        line = ",".join(
            f'"{field.replace(chr(34), chr(34) * 2)}"' if re.search('[,"]', field) else field for field in fields
        )
        return None if LINE_ENDS.search(line) or not line.strip() else line
    entries = (f"{json.dumps(name)}: {_json_value(value)}" for name, value in zip(contract.names, values, strict=True))
    return f"{{{', '.join(entries)}}}"


def _json_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(str(value) if isinstance(value, date) else value, ensure_ascii=False)


def is_writable(row: Row, contract: Contract) -> bool:
    """Say whether a file of the contract's format can hold a row."""
    return contract.format not in ("csv", "jsonl") or file_line(row, contract) is not None


def file_body(rows: list[Row], contract: Contract) -> bytes:
    """Return rows, each of which a file can hold, as one."""
    if contract.format in ("csv", "jsonl"):
        header = [",".join(contract.names)] if contract.format == "csv" else []
        lines = [line for row in rows if (line := file_line(row, contract)) is not None]
        return "".join(f"{line}\n" for line in [*header, *lines]).encode()
    return _columnar_body(rows, contract)


def _columnar_body(rows: list[Row], contract: Contract) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  half a second, and only these formats take it
    from pyarrow import orc, parquet  # noqa: PLC0415

    fields = [pa.field(column.name, _arrow_type(column.type)) for column in contract.columns]
    table = pa.Table.from_pylist([{name: row[name] for name in contract.names} for row in rows], pa.schema(fields))
    sink = io.BytesIO()
    write: Callable[..., None] = parquet.write_table if contract.format == "parquet" else orc.write_table
    write(table, sink)
    return sink.getvalue()


def _arrow_type(declared: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    decimal = DECIMAL.fullmatch(declared)
    if decimal:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    kinds = {"string": pa.string(), "int": pa.int32(), "bigint": pa.int64(), "boolean": pa.bool_(), "date": pa.date32()}
    return kinds[declared]
