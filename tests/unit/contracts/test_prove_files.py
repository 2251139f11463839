"""Rows as files of each format, read back by another reader than the job's."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyarrow import orc, parquet

from etl.contract.model import ColumnSpec, Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import ColumnType
from sluice.contracts.prove.raw_files import file_body, file_line, is_writable

TYPES = {"id": "string", "seats": "int", "riders": "bigint", "fare": "decimal(20,12)", "on": "date", "paid": "boolean"}
ROW = {
    "id": 'a "b", c',
    "seats": 2,
    "riders": 5_000_000_000,
    "fare": Decimal("1234567.123456789012"),
    "on": date(2025, 1, 31),
    "paid": True,
}
NULLS: dict[str, Any] = dict.fromkeys(TYPES)


def make_contract(form: str, **types: str) -> Contract:
    columns = tuple(ColumnSpec(name, ColumnType(kind), name) for name, kind in types.items())
    return Contract(
        dataset="trips",
        stage=Stage.INPUT,
        version="1.0.0",
        owner="us",
        description="Trips.",
        columns=columns,
        rules=(),
        format=SourceFormat(form),
    )


def test_a_csv_file_holds_quotes_and_commas_and_nothing_for_null() -> None:
    text = dict.fromkeys(("id", "city"), "string")
    body = file_body([{"id": 'a "b", c', "city": None}, {"id": "b", "city": "Bern"}], make_contract("csv", **text))
    assert [*csv.reader(io.StringIO(body.decode()))] == [["id", "city"], ['a "b", c', ""], ["b", "Bern"]]


@pytest.mark.parametrize("value", ["two\nlines", "two\rlines"])
def test_a_line_of_csv_holds_no_line_end(value: str) -> None:
    assert not is_writable({"id": value}, make_contract("csv", id="string"))
    assert is_writable({"id": value}, make_contract("jsonl", id="string"))


def test_a_json_line_holds_a_number_with_each_of_its_digits() -> None:
    line = file_line(ROW, make_contract("jsonl", **TYPES))
    assert line is not None
    assert json.loads(line, parse_float=Decimal) == {**ROW, "on": "2025-01-31"}
    assert json.loads(str(file_line(NULLS, make_contract("jsonl", **TYPES)))) == NULLS


@pytest.mark.parametrize(("form", "read"), [("parquet", parquet.read_table), ("orc", orc.read_table)])
def test_a_columnar_file_has_the_declared_types(form: str, read: Any) -> None:
    table = read(io.BytesIO(file_body([ROW, NULLS], make_contract(form, **TYPES))))
    assert table.to_pylist() == [ROW, NULLS]
    kinds = ["string", "int32", "int64", "decimal128(20, 12)", "date32[day]", "bool"]
    assert [str(kind) for kind in table.schema.types] == kinds
