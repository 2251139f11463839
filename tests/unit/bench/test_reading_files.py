"""The readings as each kind of file, with the contract that reads it and the options that Spark's own reader takes."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import orc, parquet

from bench import shapes
from bench.reading import csv_options
from bench.reading_files import KINDS, FileKind
from bench.readings import COLUMNS
from etl.contract.dialect import Dialect
from etl.contract.loading import parse_contract

BY_NAME = {kind.name: kind for kind in KINDS}


def rows_of(kind: FileKind, folder: Path) -> list[list[str]]:
    """Return the rows as Python's own readers have them, None as an empty text."""
    contract = parse_contract(kind.suites().input, kind.name)
    files = kind.write_day(400, folder)
    assert len(files) == 4
    if contract.format.is_columnar:
        read_table = parquet.read_table if kind.name == "parquet" else orc.read_table
        return [[str(value) for value in row.values()] for file in files for row in read_table(file).to_pylist()]
    encoding = contract.dialect.encoding.codec
    if kind.name == "json-lines":
        lines = [line for file in files for line in file.read_text(encoding).splitlines()]
        return [list(json.loads(line, parse_float=str, parse_int=str).values()) for line in lines]
    read: list[list[str]] = []
    for file in files:
        with file.open(encoding=encoding, newline="") as text:
            header, *rows = csv.reader(text, delimiter=contract.dialect.delimiter)
        read += rows if contract.dialect.header else [header, *rows]
        assert not contract.dialect.header or header == [*COLUMNS]
    return read


@pytest.mark.parametrize("kind", KINDS, ids=[*BY_NAME])
def test_each_kind_has_the_same_readings(kind: FileKind, tmp_path: Path) -> None:
    rows = rows_of(kind, tmp_path)
    assert len({row[0] for row in rows}) == len(rows) == 400
    plain = rows_of(BY_NAME["headless"], tmp_path / "plain")
    assert [row[:3] for row in rows] == [row[:3] for row in plain]
    comma = "," if kind.name == "semicolons" else "."
    assert [row[6].replace(comma, ".") for row in rows] == [row[6] for row in plain]
    assert (sum("\n" in str(row[-1]) for row in rows) == 20) is kind.line_breaks


def test_a_day_of_very_many_columns_has_a_rule_for_each_column() -> None:
    suites = shapes._wide_suites()
    columns = {column for rule in parse_contract(suites.output, "output").rules for column in rule.columns}
    assert len(parse_contract(suites.input, "input").names) == len(columns) == shapes.COLUMNS


@pytest.mark.parametrize(
    ("dialect", "options"),
    [
        ({}, {"header": True, "escape": '"'}),
        ({"delimiter": ";", "header": False}, {"header": False, "escape": '"', "sep": ";"}),
        ({"escape": "\\", "encoding": "iso-8859-1"}, {"header": True, "escape": "\\", "encoding": "iso-8859-1"}),
        (
            {"multi_line": True, "null_values": ["NA"]},
            {"header": True, "escape": '"', "nullValue": "NA", "multiLine": True},
        ),
    ],
)
def test_a_dialect_is_read_by_sparks_own_options(dialect: dict[str, Any], options: dict[str, Any]) -> None:
    assert csv_options(Dialect(**dialect)) == options


def test_what_sparks_reader_has_no_option_for_is_not_measured() -> None:
    with pytest.raises(ValueError, match="passes no lines over"):
        csv_options(Dialect(skip_rows=1))
