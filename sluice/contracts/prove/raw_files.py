"""Rows as a raw file of the format that a contract declares, as an exporter writes it."""

import io
import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, assert_never

from etl.contract.dialect import Dialect
from etl.contract.input_column import InputColumn, file_source
from etl.contract.key_folders import NULL_FOLDER, folder_names, folder_path, is_folder_text
from etl.contract.model import Contract
from etl.contract.record_form import RecordForm, path_names
from etl.contract.source_format import SourceFormat
from etl.contract.types import ColumnType, TypeKind
from etl.sources import csv_header
from sluice.contracts.prove.avro_files import avro_body
from sluice.contracts.prove.excel_files import excel_body, excel_line
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.nested_values import as_plain_data, is_nested
from sluice.contracts.prove.raw_texts import DAYS_BEYOND, RawText, raw_text

MICROS_BEYOND = DAYS_BEYOND * 86_400_000_000
LINE_ENDS = re.compile(r"[\n\r]")
MAX_FOLDERS_LENGTH = 200
"""Characters: a key has at most 1024, and a name in an emulator's folder at most 255."""


def file_line(row: Row, contract: Contract) -> str | None:
    """Return a row as a line of a text format; None where no such line has it.

    A line of CSV cannot hold a line end (etl/sources/csv_reader.py), and one of a single empty column is a blank one. Where
    nothing quotes a field it holds no delimiter, and what its encoding has no byte for is in no file. A column's options may
    have no text for a value.
    """
    contract = contract.as_file_contents()
    columns = contract.input_columns
    texts = {
        column.name: None if row[column.name] is None else raw_text(row[column.name], column) for column in columns
    }
    if any(text is None and row[name] is not None for name, text in texts.items()):
        return None
    if contract.format is SourceFormat.EXCEL:
        return excel_line(texts)
    if contract.format.is_positional:
        fields = [texts.get(name or "") or "" for name in csv_header.declared_layout(contract)]
        return _csv_line(fields, contract)
    entries = (
        f"{json.dumps(file_source(column))}: {_json_value(row[column.name], texts[column.name], column)}"
        for column in columns
    )
    return f"{{{', '.join(entries)}}}"


def has_text(value: Any, column: InputColumn, contract: Contract) -> bool:
    """Say whether a file of the contract's format can have a value in a column."""
    if value is None or not contract.format.is_text:
        return True
    text = raw_text(value, column)
    return text is not None and (not contract.format.is_positional or _csv_field(text, contract.dialect) is not None)


def _csv_line(fields: list[str], contract: Contract) -> str | None:
    dialect = contract.dialect
    written = [_csv_field(field, dialect) for field in fields]
    line = dialect.delimiter.join(field for field in written if field is not None)
    if None in written or not line.strip() or (dialect.comment and line.startswith(dialect.comment)):
        return None
    return None if LINE_ENDS.search(line) and not dialect.multi_line else line


def _csv_field(field: str, dialect: Dialect) -> str | None:
    """Return a field as a file has it; None where no file can have it."""
    try:
        field.encode(dialect.encoding.codec)
    except UnicodeEncodeError:
        return None
    if field in dialect.null_values and field:
        return None  # it would come back as null
    quote, escape = dialect.quote, dialect.escape
    if not any(mark in field for mark in (dialect.delimiter, quote, escape, "\n", "\r", dialect.comment) if mark):
        return field
    if not quote:
        return None
    escaped = field.replace(escape, escape * 2) if escape and escape != quote else field
    return f"{quote}{escaped.replace(quote, quote * 2)}{quote}"


def _json_value(value: Any, text: str | None, column: InputColumn) -> str:
    """Return a number or a flag without options as JSON has it, and other values as their text."""
    if is_nested(value):
        return _nested_json(value, column.type)
    if value is None or (isinstance(value, bool) and not column.reading_options):
        return json.dumps(value)
    if isinstance(value, int | Decimal | float) and not column.reading_options and math.isfinite(value):
        return str(text)
    return json.dumps(text, ensure_ascii=False)


def _nested_json(value: Any, declared: ColumnType) -> str:
    if value is None or not declared.parts:
        column = InputColumn("", declared, "")
        return _json_value(value, None if value is None else raw_text(value, column), column)
    is_struct = declared.kind is TypeKind.STRUCT
    parts = [*declared.parts.items()] if is_struct else [*declared.parts.items()] * len(value)
    pairs = [(name, _nested_json(entry, part)) for (name, part), entry in zip(parts, value, strict=True)]
    if is_struct:
        return f"{{{', '.join(f'{json.dumps(name)}: {text}' for name, text in pairs)}}}"
    return f"[{', '.join(text for _, text in pairs)}]"


def is_writable(row: Row, contract: Contract) -> bool:
    """Say whether a file of the contract's format can hold a row, under a key that has its folders."""
    has_line = not contract.format.is_text or file_line(row, contract) is not None
    return has_line and row_folders(row, contract) is not None


def row_folders(row: Row, contract: Contract) -> str | None:
    """Return the folders of the key under which a row's file stands, "" where none are needed; None where no key has it."""
    values = [(row[column.name], column) for column in contract.folder_columns]
    texts = [None if value is None else raw_text(value, column) for value, column in values]
    if any(text in ("", NULL_FOLDER) or not is_folder_text(text or "") for text in texts) or any(
        text is None and value is not None for text, (value, _) in zip(texts, values, strict=True)
    ):
        return None
    path = folder_path(texts, folder_names(contract))
    return path if len(path) <= MAX_FOLDERS_LENGTH else None


def rows_by_folder(rows: list[Row], contract: Contract) -> dict[str, list[Row]]:
    """Return rows by the folders of their files' keys; "" for what no key has."""
    shares: dict[str, list[Row]] = {}
    for row in rows:
        shares.setdefault(row_folders(row, contract) or "", []).append(row)
    return shares or {folder_path([None] * len(contract.folder_columns), folder_names(contract)): []}


def file_body(rows: list[Row], contract: Contract) -> bytes:
    """Return rows, each of which a file can hold, as one.

    Raises:
        ValueError: the contract's rows are those of tables.
    """
    contract = contract.as_file_contents()
    match contract.format:
        case SourceFormat.CSV:
            return _text_body(_csv_header(contract), rows, contract)
        case SourceFormat.JSONL:
            return _json_body(rows, contract)
        case SourceFormat.PARQUET:
            from pyarrow import parquet  # noqa: PLC0415  half a second, and only these formats take it

            return _columnar_body(rows, contract, parquet.write_table)
        case SourceFormat.ORC:
            from pyarrow import orc  # noqa: PLC0415  the same

            return _columnar_body(rows, contract, orc.write_table)
        case SourceFormat.AVRO:
            return avro_body(rows, contract)
        case SourceFormat.EXCEL:
            return excel_body([line for row in rows if (line := file_line(row, contract)) is not None], contract)
        case SourceFormat.TABLES:
            raise ValueError(f"{contract.dataset} is built from tables; no file holds its rows")
        case _:
            assert_never(contract.format)


def _json_body(rows: list[Row], contract: Contract) -> bytes:
    match contract.record_form:
        case RecordForm.LINES | RecordForm.OBJECTS:
            return _text_body([], rows, contract)
        case RecordForm.ARRAY | RecordForm.PATH:
            names = path_names(contract.records) if contract.record_form is RecordForm.PATH else ()
            lines = ",\n".join(line for row in rows if (line := file_line(row, contract)) is not None)
            before = "".join(f"{{{json.dumps(name)}: " for name in names)
            return f"{before}[{lines}]{'}' * len(names)}".encode()
        case _:
            assert_never(contract.record_form)


def _text_body(header: list[str], rows: list[Row], contract: Contract) -> bytes:
    lines = [line for row in rows if (line := file_line(row, contract)) is not None]
    footer = ["the end"] * contract.dialect.skip_footer
    return "".join(f"{line}\n" for line in [*header, *lines, *footer]).encode(contract.dialect.encoding.codec)


def _csv_header(contract: Contract) -> list[str]:
    skipped = ["before the header"] * contract.dialect.skip_rows
    if not contract.dialect.header:
        return skipped
    line = _csv_line([str(file_source(column)) for column in contract.columns], contract)
    return [*skipped, "" if line is None else line]


def _columnar_body(rows: list[Row], contract: Contract, write_table: Callable[..., None]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  the same

    from sluice.contracts.arrow_types import arrow_type  # noqa: PLC0415  the same

    is_orc = contract.format is SourceFormat.ORC
    fields = [_field(column, is_orc) for column in contract.input_columns]
    arrays = [
        _column_array([as_plain_data(row[column.name], column.type) for row in rows], arrow_type(column.type)).cast(
            field.type
        )
        for column, field in zip(contract.input_columns, fields, strict=True)
    ]
    sink = io.BytesIO()
    write_table(pa.table(arrays, schema=pa.schema(fields)), sink)
    return sink.getvalue()


def _field(column: InputColumn, is_orc: bool) -> Any:
    import pyarrow as pa  # noqa: PLC0415  the same

    from sluice.contracts.arrow_types import LOCAL_TIME, arrow_type, type_in_orc  # noqa: PLC0415  the same

    name, kind = str(file_source(column)), arrow_type(column.type)
    if is_orc and column.type.kind is TypeKind.TIMESTAMP_NTZ:
        return pa.field(name, pa.int64(), metadata=LOCAL_TIME)
    return pa.field(name, type_in_orc(kind) if is_orc else kind)


def _column_array(values: list[Any], kind: Any) -> Any:
    """Return values as an array of a type, with the first day beyond Python's for each text of no value."""
    import pyarrow as pa  # noqa: PLC0415  the same

    present = [None if isinstance(value, RawText) else value for value in values]
    if present == values:
        return pa.array(values, kind)
    integer, beyond = (pa.int32(), DAYS_BEYOND) if pa.types.is_date(kind) else (pa.int64(), MICROS_BEYOND)
    numbers = pa.array(present, kind).cast(integer).to_pylist()
    pairs = zip(values, numbers, strict=True)
    return pa.array([beyond if isinstance(value, RawText) else number for value, number in pairs], integer).cast(kind)
