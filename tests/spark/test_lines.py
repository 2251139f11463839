"""The gate and `sluice profile` agree on what a line is, a field and a text, whatever stands in a file."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.table_names import OBJECT
from etl.contract.types import ColumnType
from etl.gate.structure import StructureRules
from etl.sources import readers
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import HEADER
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest import files as backtest_files
from sluice.contracts.profile import sample
from sluice.contracts.profile.csv_dialect import dialect_entries

ODD = (
    *("\x00", "\x01", "\x07", "\x0b", "\x0c", "\x1a", "\x1c", "\x1f", "\x7f", "\x80", "\x85", "\xa0", "\xad"),
    *("\u200b", "\u2027", "\u2028", "\u2029", "\u202a", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U0001f600", "\ue000"),
    *("\t", " ", '"', '""', "'", "\\", "#", "é", "e\u0301", "\r", "\n", "\r\n", "\n\n", "\n \n", "\n\t\n", "\n\xa0\n"),
)
BYTES = (b"\xff", b"\xed\xa0\xbd", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xc3")
FILES: dict[str, tuple[str, bytes]] = {
    **{f"in a field: {odd!r}": ("csv", f"a,b\n1,x{odd}y\n2,z\n".encode()) for odd in ODD},
    **{f"a field: {odd!r}": ("csv", f"a,b\n1,{odd}\n2,z\n".encode()) for odd in ODD},
    **{f"in quotes: {odd!r}": ("csv", f'a,b\n1,"x{odd}y"\n2,z\n'.encode()) for odd in ODD},
    **{f"in the header: {odd!r}": ("csv", f"a,b{odd}\n1,2\n".encode()) for odd in ODD},
    **{f"before the header: {odd!r}": ("csv", f"{odd}a,b\n1,2\n".encode()) for odd in ODD},
    **{f"bytes: {odd!r}": ("csv", b"a,b\n1,x" + odd + b"y\n") for odd in BYTES},
    "other line ends": ("csv", b"a,b\r1,2\r3,4\r"),
    "mixed line ends": ("csv", b"a,b\r\n1,2\r3,4\n5,6"),
    "a field more": ("csv", b"a,b\n1,2,3\n"),
    "a field fewer": ("csv", b"a,b\n1\n"),
    "quoted": ("csv", b'"a","b"\n"1","x,""y"""\n'),
    "text behind a quote": ("csv", b'a,b\n1,"x"y\n'),
    "a quote that never closes": ("csv", b'a,b\n1,"x\n'),
    "half a quoted name": ("csv", b'"a"x,b\n1,2\n'),
    "one column": ("one", b"a\n\n1\n \n\t\n"),
    "one column of nothing": ("one", b"a\n\n"),
    "one column, a header alone": ("one", b"a\n"),
    "one column, no line end": ("one", b"a\n1"),
    "one column, quoted": ("one", b'a\n""\n"1"\n'),
    **{f"in a string: {odd!r}": ("jsonl", f'{{"a": "x{odd}y", "b": "z"}}\n'.encode()) for odd in ODD},
    **{f"escaped: {odd!r}": ("jsonl", json.dumps({"a": f"x{odd}y", "b": "z"}).encode()) for odd in ODD},
    **{f"between: {odd!r}": ("jsonl", f'{{"a": "x", {odd}"b": "z"}}\n'.encode()) for odd in ODD},
    **{f"string's bytes: {odd!r}": ("jsonl", b'{"a": "x' + odd + b'y", "b": "z"}\n') for odd in BYTES},
    "half a pair": ("jsonl", b'{"a": "\\ud83d", "b": "z"}'),
    "the other half": ("jsonl", b'{"a": "\\ude00", "b": "z"}'),
    "half a pair in a key": ("jsonl", b'{"a": "1", "b": "1", "\\ud83d": "z"}'),
    "numbers": ("jsonl", b'{"a": 1e400, "b": -0}\n{"a": 1.10, "b": 1E+2}'),
    "a number that is none": ("jsonl", b'{"a": 01, "b": 1}'),
    "a key twice": ("jsonl", b'{"a": 1, "a": 1, "b": 2}'),
    "nested": ("jsonl", b'{"a": {"c": 1}, "b": 2}'),
    "a byte-order mark": ("jsonl", b'\xef\xbb\xbf{"a": 1, "b": 2}'),
}
COLUMNS = {"csv": ["a", "b"], "jsonl": ["a", "b"], "one": ["a"]}


def make_contract(kind: str) -> Contract:
    columns = tuple(ColumnSpec(name, ColumnType("string"), "") for name in COLUMNS[kind])
    form = "jsonl" if kind == "jsonl" else "csv"
    return Contract(
        dataset="odd",
        stage=Stage.INPUT,
        version="1",
        owner="",
        description="",
        columns=columns,
        rules=(),
        format=SourceFormat(form),
    )


def profiled_rows(file: Path) -> list[tuple[str | None, ...]] | None:
    """Return the rows that a profile sees; None where it refuses the file, or drafts another form than the default."""
    try:
        seen = sample.read_sample(file)
    except WrongUse:
        return None
    if seen.records or seen.sources or seen.nested or (seen.dialect and dialect_entries(seen.dialect)):
        return None
    table: pa.Table = seen.table
    return (
        None if table.column_names != COLUMNS[file.parent.name] else [tuple(row.values()) for row in table.to_pylist()]
    )


def gated_rows(spark: Any, kind: str, files: list[Path]) -> dict[str, list[tuple[str | None, ...]] | None]:
    """Return the rows that the gate sees of each file, in one reading of all; None where it refuses the file."""
    declared = make_contract(kind)
    looks = backtest_files.preflight_files(spark, backtest_files.list_objects(files), declared)
    frame = readers.read_objects(
        spark, backtest_files.DISK, [look for look in looks if not look.fault], declared, LineRegex()
    )
    wrong = [F.coalesce(mark, F.lit(False)) for _, mark in StructureRules(declared, declared).marks.values()]
    frame = frame.withColumn("wrong", F.array_contains(F.array(*wrong), True)).where(~F.col(HEADER))
    rows_by_file: dict[str, list[tuple[str | None, ...]] | None] = {Path(look.object.key).name: None for look in looks}
    rows = frame.select(OBJECT, "wrong", *declared.names).collect()
    for key in {row[OBJECT] for row in rows}:
        file_rows = [row for row in rows if row[OBJECT] == key]
        values = [tuple(row[name] for name in declared.names) for row in file_rows]
        rows_by_file[Path(key).name] = None if any(row["wrong"] for row in file_rows) else values
    return rows_by_file


@pytest.mark.parametrize("kind", COLUMNS)
def test_what_a_profile_takes_the_gate_takes_and_sees_the_same_rows(spark: Any, tmp_path: Path, kind: str) -> None:
    names = [name for name, (file_kind, _) in FILES.items() if file_kind == kind]
    files = [tmp_path / kind / f"{number}.{'jsonl' if kind == 'jsonl' else 'csv'}" for number in range(len(names))]
    (tmp_path / kind).mkdir()
    for name, file in zip(names, files, strict=True):
        file.write_bytes(FILES[name][1])
    gate = gated_rows(spark, kind, files)
    readings = {name: (gate[file.name], profiled_rows(file)) for name, file in zip(names, files, strict=True)}
    assert {name: both for name, both in readings.items() if both[0] != both[1]} == {}
    assert any(gate_rows for gate_rows, _ in readings.values())
    assert any(gate_rows is None for gate_rows, _ in readings.values())


def test_of_one_column_every_line_is_a_row(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (file := tmp_path / "one" / "a.csv").write_bytes(FILES["one column"][1])
    assert profiled_rows(file) == gated_rows(spark, "one", [file])["a.csv"] == [(None,), ("1",), (" ",), ("\t",)]


def text_table(*values: bytes) -> pa.Table:
    """Return a table of one row whose texts are these bytes, UTF-8 or not."""
    ends = [pa.array([0, len(value)], pa.int32()).buffers()[1] for value in values]
    arrays = [pa.StringArray.from_buffers(1, end, pa.py_buffer(value)) for end, value in zip(ends, values, strict=True)]
    return pa.table({f"column_{number}": array for number, array in enumerate(arrays)})


COLUMNAR = {
    "half a pair": (text_table(b"x\xed\xa0\xbdy"), "text"),
    "a pair as two": (text_table(b"\xed\xa0\xbd\xed\xb8\x80"), "text"),
    "a character over two columns": (text_table(b"x\xc3", b"\xa9y"), "text"),
    "a control character": (text_table(b"x\x07"), "text"),
    "a line separator": (text_table("x\u2028".encode()), "text"),
    "line ends and an emoji": (text_table("x\r\ny 😀".encode()), None),
    "a year that is none": (pa.table({"day": pa.array([-719_163, 1], pa.int32()).cast(pa.date32())}), "cast.day"),
    "a year of five digits": (pa.table({"day": pa.array([2_932_897], pa.int32()).cast(pa.date32())}), "cast.day"),
    "the first day and the last": (
        pa.table({"day": pa.array([-719_162, 2_932_896], pa.int32()).cast(pa.date32())}),
        None,
    ),
}


@pytest.mark.parametrize("name", COLUMNAR)
def test_of_typed_columns_a_profile_takes_what_the_gate_takes(spark: Any, tmp_path: Path, name: str) -> None:
    table, rule = COLUMNAR[name]
    parquet.write_table(table, file := tmp_path / "a.parquet")
    types = ((column, ColumnType("date" if column == "day" else "string")) for column in table.column_names)
    declared = Contract(
        dataset="odd",
        stage=Stage.INPUT,
        version="1",
        owner="",
        description="",
        columns=tuple(ColumnSpec(*column, "") for column in types),
        rules=(),
        format=SourceFormat.PARQUET,
    )
    looks = backtest_files.preflight_files(spark, backtest_files.list_objects([file]), declared)
    frame = readers.read_objects(spark, backtest_files.DISK, looks, declared, LineRegex())
    broken = [
        result.rule
        for result in StructureRules(declared, declared).compute_results(frame, looks)[1]
        if result.unexpected
    ]
    assert broken == ([] if rule is None else [f"odd.structure.{rule}"])
    if rule is None:
        assert sample.read_sample(file).rows == table.num_rows
    else:
        with pytest.raises(WrongUse):
            sample.read_sample(file)
