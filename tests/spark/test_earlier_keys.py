"""Keys that the table holds already: the data files show that there are none, just where Spark finds none."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from etl.contract.loads import UniqueWithin
from etl.gate import key_conflicts
from etl.gate.key_conflicts import StagedRows
from etl.gate.onepass import key_lookup
from etl.gate.onepass.data_files import Files
from etl.gate.onepass.key_hashes import KeyHashes
from etl.gate.onepass.key_lookup import KeyLookup
from etl.gate.onepass.metric_queries import FilesInconclusive
from etl.iceberg.manifests import DataFile, added_files
from etl.iceberg.table import Table
from tests.spark.lake import GOOD, Lake, csv_bytes

DAY = date(2026, 1, 31)
TIMES = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 15, 31)]
SOME = {
    pa.int32(): [1, 2, 3],
    pa.string(): ["a", "é", "a\0", ""],
    pa.decimal128(9, 2): [Decimal("1.10"), Decimal("-1.10")],
    pa.date32(): [DAY, DAY - timedelta(1)],
    pa.timestamp("us", "UTC"): TIMES[:2],
    pa.bool_(): [True, False],
}
WIDER = {pa.int32(): pa.int64(), pa.decimal128(9, 2): pa.decimal128(18, 2)}


def write_file(path: Path, names: list[str], types: list[pa.DataType], rows: list[tuple[Any, ...]]) -> DataFile:
    """Write rows as Iceberg does: each column with its field id, the number of its place."""
    fields = [
        pa.field(name, kind, metadata={b"PARQUET:field_id": str(number).encode()})
        for number, (name, kind) in enumerate(zip(names, types, strict=True), 1)
    ]
    columns = [pa.array([row[number] for row in rows], kind) for number, kind in enumerate(types)]
    parquet.write_table(pa.table(columns, schema=pa.schema(fields)), path, row_group_size=3)
    return DataFile(path.as_uri(), len(rows), path.stat().st_size)


def look_up(
    run: list[DataFile], earlier: list[DataFile], key: tuple[str, ...], within: UniqueWithin | None
) -> KeyLookup:
    """Return a lookup in these files, all of which may hold keys."""
    return KeyLookup(Files(run, Mock(), sum(file.rows for file in run)), key, within, lambda _: [*run, *earlier])


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_files_show_new_keys_just_where_no_earlier_row_has_one(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("files")
    types = data.draw(st.lists(st.sampled_from(list(SOME)), min_size=1, max_size=3))
    days = data.draw(st.none() | st.integers(1, 20))
    row = st.tuples(*(st.sampled_from([*SOME[kind], None]) for kind in types), st.sampled_from([*TIMES, None]))
    run, earlier = data.draw(st.lists(row, min_size=1, max_size=4)), data.draw(st.lists(row, max_size=8))
    key = tuple(f"c{number}" for number in range(len(types)))
    all_types = [*types, pa.timestamp("us", "UTC")]
    now = [write_file(folder / "run.parquet", [*key, "at"], [WIDER.get(kind, kind) for kind in all_types], run)]
    former_names = [f"former_{name}" for name in [*key, "at"]]
    before = [write_file(folder / "earlier.parquet", former_names, all_types, earlier)]
    dates = [at for *_, at in run if at]
    least = min(dates) - timedelta(days) if days and dates else None
    keys = [values for *values, _ in run if None not in values]
    clashes = [values for *values, at in earlier if values in keys and not (least and at and at < least)]
    lookup = look_up(now, before, key, UniqueWithin(column="at", days=days) if days else None)
    assert lookup.shows_new_keys() is (not clashes)
    differ = len({*map(tuple, keys)}) == len(keys)
    assert lookup.shows_new_keys(alone=True) is (not clashes and differ)


def test_hashes_among_many_are_found_each() -> None:
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**64, 5000, np.uint64)
    others = np.concatenate(
        [random.integers(0, 2**64, 100_000, np.uint64), hashes[:7], np.array([0, 2**64 - 1], np.uint64)]
    )
    common = KeyHashes.from_hashes([hashes[:2000], hashes[2000:]]).find_common(others)
    assert [*common] == [*range(100_000, 100_007)]
    assert not KeyHashes.from_hashes([hashes, hashes[:1]]).all_differ


def test_a_file_without_the_key_has_none_and_one_that_tells_no_field_id_tells_nothing(tmp_path: Path) -> None:
    run = [write_file(tmp_path / "run.parquet", ["a", "b"], [pa.int32(), pa.int32()], [(1, 2)])]
    lacking = write_file(tmp_path / "lacking.parquet", ["a"], [pa.int32()], [(1,)])
    assert look_up(run, [lacking], ("a", "b"), None).shows_new_keys()
    assert not look_up(run, [lacking], ("a",), None).shows_new_keys()
    plain = tmp_path / "plain.parquet"
    parquet.write_table(pa.table({"a": pa.array([1], pa.int32())}), plain)
    with pytest.raises(FilesInconclusive, match="column a has no field id"):
        look_up([DataFile(plain.as_uri(), 1, 0)], [lacking], ("a",), None).shows_new_keys()
    with pytest.raises(FilesInconclusive, match="names no field ids"):
        look_up(run, [DataFile(plain.as_uri(), 1, 0)], ("a",), None).shows_new_keys()


def test_very_many_rows_are_left_to_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = [write_file(tmp_path / "run.parquet", ["a"], [pa.int32()], [(1,), (2,)])]
    monkeypatch.setattr(key_lookup, "MAX_ROWS", 0)
    assert look_up(run, [], ("a",), None).shows_new_keys()
    with pytest.raises(FilesInconclusive, match="1 earlier row"):
        look_up(run, [DataFile("file:///none", 1, 0)], ("a",), None).shows_new_keys()
    monkeypatch.setattr(key_lookup, "MAX_KEYS", 1)
    with pytest.raises(FilesInconclusive, match="a run of 2 rows"):
        look_up(run, [], ("a",), None).shows_new_keys()


SQL_VALUES = {
    "int": [1, 5, 9, 7],
    "bigint": [2**40, -(2**40), 0, 2**40 + 1],
    "string": ["b", "é", "zz", "c"],
    "decimal(9,2)": [Decimal("1.10"), Decimal("-7.00"), Decimal("3.00"), Decimal("1.11")],
    "date": [DAY, date(1969, 12, 1), date(2030, 1, 1), date(2000, 1, 1)],
    "timestamp": [
        datetime(2026, 1, 1, 5),
        datetime(1969, 12, 1, 1, 1, 1, 7),
        datetime(2030, 1, 1),
        datetime(2000, 1, 1),
    ],
    "timestamp_ntz": [datetime(2026, 1, 1, 5), datetime(1969, 12, 1), datetime(2030, 1, 1), datetime(2000, 1, 1)],
    "boolean": [True, True, True, False],
    "binary": [b"\xff", b"\x00", b"zz", b"c"],
}


def stage(table: Table, run_id: str, branch: str, rows: list[tuple[Any, ...]], schema: str) -> Files:
    """Stage rows as a run does; return its data files."""
    frame = table.spark.createDataFrame(rows, schema).coalesce(1)
    table.stage_rows(frame, branch, run_id, {})
    snapshot = table.spark.sql(f"SELECT snapshot_id FROM {table.name}.refs WHERE name = '{branch}'").collect()[0][0]
    return Files(added_files(table.spark, table.name, str(snapshot)), Mock(), len(rows))


@pytest.fixture
def local_table(lake: Lake, tmp_path: Path) -> Iterator[Table]:
    """A table whose data files are on disk, a column of each type beside a date."""
    table = Table(lake.spark, f"lake.{lake.database}.earlier", f"s3://{lake.bucket}/parquet/earlier")
    table.create_if_missing(
        [
            *(f"`{kind}` {kind}" for kind in SQL_VALUES),
            "day date",
            "_object string",
            "_version string",
            "_run_id string",
        ]
    )
    yield table
    lake.spark.sql(f"DROP TABLE {table.name}")


@pytest.mark.long
def test_spark_and_the_files_agree_on_each_type_and_on_dates(local_table: Table, lake: Lake) -> None:
    table, s3 = local_table, lake.aws.s3
    schema = ", ".join([*(f"`{kind}` {kind}" for kind in SQL_VALUES), "day date, _object string, _version string"])
    *earlier, new = [
        (*(values[number] for values in SQL_VALUES.values()), DAY - timedelta(10 * number), "a.csv", "1")
        for number in range(4)
    ]
    stage(table, "jr_1", "first", earlier, schema)
    table.publish("first")
    now = [(*new[:-3], DAY, "b.csv", "1"), (*(None for _ in SQL_VALUES), DAY, "b.csv", "1")]
    again = [(*earlier[1][:-3], DAY, "c.csv", "1")]
    for number, (rows, keys_are_new) in enumerate([(now, True), (again, False)]):
        files = stage(table, f"jr_2{number}", f"second{number}", rows, schema)
        files = Files(files.files, s3, files.rows)
        staged = partial(StagedRows, table, f"second{number}", f"jr_2{number}")
        for key in [*((kind,) for kind in SQL_VALUES if kind != "boolean"), ("int", "string"), ("boolean", "date")]:
            by_files = staged(key, files=lambda files=files: files)
            assert by_files.has_new_keys() is keys_are_new, key
            assert (key_conflicts.find_earlier_rows(by_files) is None) is keys_are_new
        by_spark = key_conflicts.find_earlier_rows(staged(("int", "string")))
        assert by_spark is not None
        assert (by_spark.count() == 0) is keys_are_new
        for days, is_new in ((9, True), (10, keys_are_new)):
            bounded = staged(("int",), UniqueWithin(column="day", days=days))
            by_spark = key_conflicts.find_earlier_rows(bounded)
            assert by_spark is not None
            assert (by_spark.count() == 0) is is_new
            by_files = staged(("int",), UniqueWithin(column="day", days=days), lambda files=files: files)
            assert by_files.has_new_keys() is is_new


def test_a_key_is_published_again_after_the_days_that_it_is_looked_for_and_the_result_says_these(lake: Lake) -> None:
    place = "contracts/output.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
    suite["meta"]["unique_within"] = {"column": "transaction_date", "days": 30}
    lake.put_key(place, json.dumps(suite).encode())
    states: list[tuple[str, int]] = []
    for name, day in (("a", "2025-01-15"), ("b", "2025-02-15"), ("c", "2025-03-17")):
        lake.put_files(**{f"{name}__csv": csv_bytes(GOOD.replace("2025-01-15", day))})
        verdict = lake.run()
        [key_rule] = [result for result in verdict.rules if result.rule == "trades.transaction_id.unique"]
        states.append((verdict.state, key_rule.unexpected))
    assert states == [("SUCCEEDED", 0), ("SUCCEEDED", 0), ("FAILED", 1)]
    assert "looked for among published rows whose transaction_date is at most 30 days before" in key_rule.why
    assert key_rule.samples == ("TXN001 is in trades/b.csv already",)
    assert len(lake.rows()) == 2
