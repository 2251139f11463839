"""Two rows as bytes of many kinds, and what a download gives in their place."""

import io
import json
import zipfile
from typing import Any

import pyarrow as pa
from openpyxl import Workbook

ROWS = [{"id": 1, "city": "Oslo", "amount": 2.5}, {"id": 2, "city": "Lund", "amount": 3.5}]
CSV = b"id,city,amount\n1,Oslo,2.5\n2,Lund,3.5\n"
LINES = "\n".join(map(json.dumps, ROWS)).encode()
ARRAY = json.dumps(ROWS).encode()
PRETTY = "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()
LIST = json.dumps({"n": 2, "data": {"items": ROWS}}).encode()
HTML = b"<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n"
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>x</Message></Error>'
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
ACCENTS = "id,città,amount\n1,Malmö,2\n2,Århus,3\n"


def packed_columns(module: Any) -> bytes:
    sink = io.BytesIO()
    module.write_table(pa.Table.from_pylist(ROWS), sink)
    return sink.getvalue()


def workbook(*rows: list[Any]) -> bytes:
    book: Any = Workbook()
    sink = io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(sink)
    return sink.getvalue()


def zipped() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("day.csv", CSV)
    return sink.getvalue()
