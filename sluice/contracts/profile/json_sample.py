"""A sample of JSON as columns of text, each value as the text that the file has; of a nested one its JSON."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.contract.dialect import Encoding
from etl.contract.json_values import is_list
from etl.contract.record_form import RecordForm
from etl.sources import json_syntax, text_lines
from etl.sources.json_forms import likely_form
from etl.sources.json_records import BrokenRecords, JsonRecord, iterate_json_records
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.columnar_types import NO_TEXT
from sluice.contracts.profile.json_types import left_out_doubts, type_of_values
from sluice.contracts.profile.json_values import JsonObject, decoder
from sluice.contracts.profile.sample_bytes import SAMPLE_BYTES, open_bytes
from sluice.contracts.profile.sample_content import SampleContent, text_array
from sluice.contracts.profile.sampled_lines import read_text, sampled_lines

HEAD_CHARACTERS = 1 << 22
"""Of a file, by which the form of its records is told: a list may begin behind much that is none."""


def read_json_sample(path: Path, encoding: Encoding) -> SampleContent:
    """Read JSON records; a key that a record lacks is null there, and one whose values no type is for is left out.

    Raises:
        WrongUse: a record is no object or has a key twice, or no key has values that a type of a contract is for.
    """
    head = read_text(path, encoding, HEAD_CHARACTERS)
    form, records = likely_form(head, len(head) < HEAD_CHARACTERS, []) or (RecordForm.LINES, RecordForm.LINES)
    reader, unit = decoder(), "line" if form is RecordForm.LINES else "record"
    rows = [
        _as_row(_parse_record(record, reader, where), where)
        for record in _records(path, encoding, form, records)
        for where in [f"{unit} {record.number} of {path}"]
    ]
    names = [*dict.fromkeys(name for row in rows for name in row)]
    nested = {
        name: type_of_values([row.get(name) for row in rows], name)
        for name in names
        if any(isinstance(row.get(name), list) for row in rows)
    }
    kept = [name for name in names if name not in nested or nested[name].declared]
    left_out = {part: why for inferred in nested.values() for part, why in inferred.left_out.items()}
    doubts = left_out_doubts(left_out)
    if names and not kept:
        raise WrongUse(f"{path} has no key that a contract can declare: {doubts[0]}")
    return SampleContent(
        _text_table(kept, rows),
        kept,
        records="" if form is RecordForm.LINES else records,
        nested={index: nested[name].declared for index, name in enumerate(kept) if name in nested},
        doubts=doubts,
        ignores_columns=bool(left_out),
    )


def _records(path: Path, encoding: Encoding, form: RecordForm, records: str) -> Iterator[JsonRecord]:
    """Yield the records of a file, of a large one those of a sample."""
    if form is RecordForm.LINES:
        for number, ended in sampled_lines(path, encoding):
            line = ended.rstrip("\r\n")
            if text_lines.is_row(line):
                yield JsonRecord(number, line)
        return
    size = 0
    try:
        with open_bytes(path) as stream:
            for record in iterate_json_records(stream, records):
                size += len(record.text)
                if size > SAMPLE_BYTES:
                    return
                yield record
    except BrokenRecords as error:
        raise WrongUse(f"{path} cannot be read as JSON: {error.why}") from error


def _parse_record(record: JsonRecord, reader: json.JSONDecoder, where: str) -> Any:
    try:
        value = reader.decode(record.text)
    except (ValueError, RecursionError) as error:
        raise WrongUse(f"{where} cannot be read: {getattr(error, 'msg', error)}") from error
    is_flat = isinstance(value, JsonObject) and not any(isinstance(inner, list) for _, inner in value)
    if is_flat and not json_syntax.is_object(record.text):
        raise WrongUse(f"{where} {NO_TEXT}")
    return value


def _as_row(record: Any, where: str) -> dict[str, Any]:
    if not isinstance(record, JsonObject):
        raise WrongUse(f"{where} is no JSON object, and a row is one")
    row = dict(record)
    if len(row) < len(record):
        raise WrongUse(f"{where} has a key twice; which of the two values is meant nobody can tell")
    if not all(map(text_lines.is_text, filter(None, _texts_of(record)))):
        raise WrongUse(f"{where} {NO_TEXT}")
    return row


def _texts_of(value: Any) -> Iterator[str]:
    """Yield all keys and texts of a value."""
    if isinstance(value, JsonObject):
        for name, inner in value:
            yield name
            yield from _texts_of(inner)
    elif is_list(value):
        for inner in value:
            yield from _texts_of(inner)
    elif isinstance(value, str):
        yield value


def _text_table(names: Iterable[str], rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {f"{index}": text_array(_text_of(row.get(name)) for row in rows) for index, name in enumerate(names)}
    )


def _text_of(value: Any) -> str | None:
    if isinstance(value, list):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    if isinstance(value, JsonObject):
        return {name: _plain(inner) for name, inner in value}
    return [_plain(inner) for inner in value] if is_list(value) else value
