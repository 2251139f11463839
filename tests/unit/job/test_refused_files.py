"""A file of another kind than its contract declares is named as what it is, with what to do: before Spark reads it."""

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from etl.sources import preflight
from etl.sources.object_rules import MAX_DETAIL_LENGTH
from etl.sources.preflight import FilePreflight
from sluice.contracts.backtest import files
from tests.csv_contracts import csv_contract
from tests.kinds_of_bytes import (
    ACCENTS,
    ARRAY,
    CSV,
    HTML,
    LINES,
    LIST,
    PDF,
    PRETTY,
    ROWS,
    XML,
    packed_columns,
    workbook,
    zipped,
)

META = "in the meta of the input"
LEFT_OUT = "which no format of a contract is; fetch the file again, or leave it out with `sluice skip`"
JSONL, PARQUET, EXCEL = ({"format": name} for name in ("jsonl", "parquet", "excel"))


def dialect(**keys: Any) -> dict[str, Any]:
    return {"dialect": keys}


HEADER = ["id", "city", "amount"]
FILES: dict[str, tuple[str, bytes, dict[str, Any], str, str]] = {
    "Hive's delimiter": (
        "a.csv",
        CSV.replace(b",", b"\x01"),
        {},
        "header",
        'write "dialect": {"delimiter": "\\u0001"}',
    ),
    "single quotes": ("a.csv", b"'id','city','amount'\n", {}, "header", """write "dialect": {"quote": "'"}"""),
    "a title and semicolons": (
        "a.csv",
        b"May\n\n" + CSV.replace(b",", b";"),
        {},
        "header",
        '{"delimiter": ";", "skip_rows": 2}',
    ),
    "UTF-16": ("a.csv", CSV.decode().encode("utf-16"), {}, "encoding", 'write "dialect": {"encoding": "utf-16"}'),
    "UTF-32": (
        "a.csv",
        CSV.decode().encode("utf-32"),
        {},
        "encoding",
        "put it again as UTF-8, as `iconv -f utf-32 -t utf-8` writes it",
    ),
    "JSON in UTF-16": (
        "a.json",
        LINES.decode().encode("utf-16"),
        JSONL,
        "encoding",
        "put it again as UTF-8, as `iconv -f utf-16",
    ),
    "Latin-1": ("a.csv", ACCENTS.encode("latin-1"), {}, "encoding", '"dialect": {"encoding": "iso-8859-1"}'),
    "UTF-8 as Latin-1": (
        "a.csv",
        ACCENTS.encode(),
        dialect(encoding="iso-8859-1"),
        "encoding",
        'write "dialect": {"encoding": "utf-8"}',
    ),
    "UTF-8 as windows": (
        "a.csv.gz",
        gzip.compress(ACCENTS.encode()),
        dialect(encoding="windows-1252"),
        "encoding",
        "by its letters UTF-8",
    ),
    "gzip": (
        "a.csv",
        gzip.compress(CSV),
        {},
        "compression",
        "gzip, which is read where the name ends in .gz; rename it to a.csv.gz",
    ),
    "gzip named bzip2": ("a.csv.bz2", gzip.compress(CSV), {}, "compression", "rename it to a.csv.gz"),
    "bzip2": ("a.csv", bz2.compress(CSV), {}, "compression", "rename it to a.csv.bz2"),
    "text named gzip": ("a.csv.gz", CSV, {}, "compression", "no gzip, though its name ends in .gz; rename it to a.csv"),
    "zip": (
        "a.csv",
        zipped(),
        {},
        "compression",
        "zip, which is not read; put it again unpacked, or as gzip named .gz",
    ),
    "zstd": (
        "a.csv",
        pa.compress(CSV, "zstd", asbytes=True),
        {},
        "compression",
        "zstd, which is not read; put it again unpacked",
    ),
    "Parquet": (
        "a.csv",
        packed_columns(parquet),
        {},
        "compression",
        'parquet, where text is read; write "format": "parquet"',
    ),
    "ORC": ("a.csv", packed_columns(orc), {}, "compression", 'write "format": "orc"'),
    "Excel": ("a.csv", workbook(HEADER), {}, "compression", 'excel, where text is read; write "format": "excel"'),
    "legacy Excel": (
        "a.csv",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        {},
        "compression",
        "a legacy .xls; save it as .xlsx",
    ),
    "SQLite": ("a.csv", b"SQLite format 3\x00\x10\x00\x01", {}, "compression", "leave it out with `sluice skip`"),
    "HTML": ("a.csv", HTML, {}, "format", f"an HTML page, {LEFT_OUT}"),
    "HTML without a header": ("a.csv", HTML, dialect(header=False), "format", f"an HTML page, {LEFT_OUT}"),
    "XML": ("a.csv", XML, {}, "format", f"an XML document with the error AccessDenied, {LEFT_OUT}"),
    "PDF": ("a.csv", PDF, {}, "format", f"a PDF, {LEFT_OUT}"),
    "JSON lines": ("a.csv", LINES, {}, "format", 'JSON objects, one a line: write "format": "jsonl"'),
    "a JSON array": ("a.csv", ARRAY, {}, "format", 'write "format": "jsonl", "records": "array"'),
    "a JSON list": ("a.csv", LIST, {}, "format", 'write "format": "jsonl", "records": "data.items"'),
    "an array as lines": ("a.json", ARRAY, JSONL, "format", 'write "records": "array"'),
    "pretty objects as lines": ("a.json", PRETTY, JSONL, "format", 'write "records": "objects"'),
    "lines as a list": ("a.json", LINES, {**JSONL, "records": "data"}, "format", 'write "records": "lines"'),
    "another list": ("a.json", LIST, {**JSONL, "records": "data"}, "format", 'write "records": "data.items"'),
    "HTML as JSON": ("a.json", HTML, JSONL, "format", f"an HTML page, {LEFT_OUT}"),
    "XML as JSON": (
        "a.json",
        XML,
        {**JSONL, "records": "array"},
        "format",
        "an XML document with the error AccessDenied",
    ),
    "CSV as JSON": (
        "a.json",
        CSV.replace(b",", b"\t"),
        JSONL,
        "format",
        'write "format": "csv", "dialect": {"delimiter": "\\t"}',
    ),
    "CSV as Parquet": ("a.parquet", CSV, PARQUET, "format", 'no parquet file but CSV: write "format": "csv"'),
    "JSON as Parquet": ("a.parquet", LINES, PARQUET, "format", 'write "format": "jsonl"'),
    "XML as Parquet": (
        "a.parquet",
        XML,
        PARQUET,
        "format",
        "no parquet file but an XML document with the error AccessDenied",
    ),
    "ORC as Parquet": (
        "a.parquet",
        packed_columns(orc),
        PARQUET,
        "format",
        'no parquet file but orc: write "format": "orc"',
    ),
    "packed Parquet": (
        "a.parquet",
        gzip.compress(packed_columns(parquet)),
        PARQUET,
        "compression",
        "but gzip; put it again unpacked",
    ),
    "CSV as Excel": ("a.xlsx", CSV, EXCEL, "format", 'no excel file but CSV: write "format": "csv"'),
    "Parquet as Excel": ("a.xlsx", packed_columns(parquet), EXCEL, "format", 'write "format": "parquet"'),
    "Excel below a title": (
        "a.xlsx",
        workbook(["May"], [], HEADER, [1, "a", 2]),
        EXCEL,
        "header",
        'its header is row 3: write "first_row": 3',
    ),
}
"""The name, the bytes, what the contract says, the rule that breaks, and what its message says."""


def look_at(tmp_path: Path, name: str, content: bytes, **meta: Any) -> FilePreflight:
    path = tmp_path / name
    path.write_bytes(content)
    [raw_object] = files.list_objects([path])
    contract = csv_contract(HEADER, **meta)
    return preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_kind_is_named_with_what_to_do(tmp_path: Path, kind: str) -> None:
    name, content, meta, rule, expected = FILES[kind]
    look = look_at(tmp_path, name, content, **meta)
    assert look.fault == rule, look.detail
    assert expected in look.detail
    assert ('write "' in look.detail) == (META in look.detail)
    assert len(look.detail) - len(look.object.key) < MAX_DETAIL_LENGTH - 200


def test_of_a_file_about_persons_no_name_within_it_is_told(tmp_path: Path) -> None:
    columns: Any = [{"name": "id"}, {"name": "city", "pii": True}]
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps({"Ada": {"Lovelace": ROWS}}).encode())
    [raw_object] = files.list_objects([path])
    for meta in ({}, JSONL, PARQUET):
        contract = csv_contract(columns, **meta)
        look = preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)
        assert (look.fault, "the names that lead to the list" in look.detail) == ("format", True), look.detail
        assert "Lovelace" not in look.detail


READ: dict[str, tuple[bytes, dict[str, Any]]] = {
    "the plain one": (CSV, {}),
    "few letters that may be two": ("id,city,amount\n1,Ã©,2\n".encode("latin-1"), dialect(encoding="iso-8859-1")),
    "one column of JSON": (b'id;city;amount\n{"a": 1};x;y\n', dialect(delimiter=";")),
    "a broken line of JSON": (b"id,\n" + LINES, JSONL),
    "a list that another one is longer than": (
        json.dumps({"data": ROWS[:1], "log": ROWS}).encode(),
        {**JSONL, "records": "data"},
    ),
    "an empty list": (json.dumps({"data": [], "log": ROWS}).encode(), {**JSONL, "records": "data"}),
}


@pytest.mark.parametrize("kind", READ)
def test_a_file_that_may_be_as_declared_is_read(tmp_path: Path, kind: str) -> None:
    content, meta = READ[kind]
    look = look_at(tmp_path, "a.csv", content, **meta)
    assert look.fault is None, look.detail
