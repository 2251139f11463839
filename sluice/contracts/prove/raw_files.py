"""Rows as a raw file of the format that a contract declares, as an exporter writes it."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from sluice.contracts.prove.frames import Row

LINE_ENDS = re.compile(r"[\n\r]")


def file_line(row: Row, contract: Contract) -> str | None:
    """Return a row as a line of a text format; None where no such line has it.

    A line of CSV cannot hold a line end (etl/sources/csv_reader.py), and one of a single empty column is a blank one.
    """
    values = [row[name] for name in contract.names]
    if contract.format.is_positional:
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
    return not contract.format.is_text or file_line(row, contract) is not None


def file_body(rows: list[Row], contract: Contract) -> bytes:
    """Return rows, each of which a file can hold, as one.

    Raises:
        ValueError: the contract's rows are those of tables.
    """
    match contract.format:
        case SourceFormat.CSV:
            return _text_body([",".join(contract.names)], rows, contract)
        case SourceFormat.JSONL:
            return _text_body([], rows, contract)
        case SourceFormat.PARQUET:
            from pyarrow import parquet  # noqa: PLC0415  half a second, and only these formats take it

            return _columnar_body(rows, contract, parquet.write_table)
        case SourceFormat.ORC:
            from pyarrow import orc  # noqa: PLC0415  the same

            return _columnar_body(rows, contract, orc.write_table)
        case SourceFormat.TABLES:
            raise ValueError(f"{contract.dataset} is built from tables; no file holds its rows")
        case _:
            assert_never(contract.format)


def _text_body(header: list[str], rows: list[Row], contract: Contract) -> bytes:
    lines = [line for row in rows if (line := file_line(row, contract)) is not None]
    return "".join(f"{line}\n" for line in [*header, *lines]).encode()


def _columnar_body(rows: list[Row], contract: Contract, write_table: Callable[..., None]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  the same

    from sluice.contracts.arrow_types import arrow_type  # noqa: PLC0415  the same

    fields = [pa.field(column.name, arrow_type(column.type)) for column in contract.columns]
    table = pa.Table.from_pylist([{name: row[name] for name in contract.names} for row in rows], pa.schema(fields))
    sink = io.BytesIO()
    write_table(table, sink)
    return sink.getvalue()
