"""A key is proven by hashes that all differ: read from the data files, or counted by Spark where these cannot tell."""

import io
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from etl.gate.onepass import staged_metrics as written_rows
from etl.gate.onepass.data_files import Files
from etl.gate.onepass.metric_queries import FilesInconclusive, Unique
from etl.gate.onepass.ranged_file import S3RangeReader
from etl.gate.onepass.row_hashes import WIDEST
from etl.gate.onepass.staged_metrics import StagedMetrics
from etl.iceberg.manifests import DataFile
from tests.spark.lake import GOOD, Lake, csv_bytes

ROWS = [
    ([(1, "a"), (2, "a")], True),
    ([(1, "a"), (1, "a")], False),
    ([(1, "a"), (1, "b"), (2, "a")], True),
    ([(None, "a"), (None, "b")], True),
    ([(None, "a"), (None, "a")], False),
    ([(1, "a"), (1, "a\0")], True),
    ([], True),
]
SCHEMA = pa.schema([("n", pa.int32()), ("t", pa.string())])
TYPES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(max_size=20)
    | st.sampled_from(["a", "a\0", "\0a", "aaaaaaaa", "aaaaaaaaa", "é", "e\u0301", ""]),
    pa.int32(): st.integers(-3, 3) | st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(2025, 1, 1), date(2025, 1, 9)),
    pa.decimal128(20, 2): st.integers(-(10**20) + 1, 10**20 - 1).map(lambda cents: Decimal(cents).scaleb(-2)),
}


def write_files(folder: Path, schema: pa.Schema, *files: list[tuple[Any, ...]]) -> Files:
    """Write rows to a file each."""
    data_files: list[DataFile] = []
    for number, rows in enumerate(files):
        path = folder / f"{number}.parquet"
        columns = [pa.array([row[index] for row in rows], field.type) for index, field in enumerate(schema)]
        parquet.write_table(pa.table(columns, schema=schema), path, row_group_size=3)
        data_files.append(DataFile(path.as_uri(), len(rows), path.stat().st_size))
    return Files(data_files, Mock(), sum(map(len, files)))


@pytest.mark.parametrize(("rows", "unique"), ROWS)
def test_files_prove_a_key_and_never_overlook_a_double(tmp_path: Path, rows: list[Any], unique: bool) -> None:
    assert write_files(tmp_path, SCHEMA, rows).all_differ(["n", "t"]) is unique
    each = write_files(tmp_path, SCHEMA, *([row] for row in rows))
    assert each.all_differ(["n", "t"]) is unique


@settings(deadline=None)
@given(st.data())
def test_hashes_differ_just_where_values_do(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    types = data.draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=3))
    row = st.tuples(*(st.none() | TYPES[kind] for kind in types))
    rows = data.draw(st.lists(row, max_size=12))
    cut = data.draw(st.integers(0, len(rows)))
    schema = pa.schema([(f"c{number}", kind) for number, kind in enumerate(types)])
    files = write_files(tmp_path_factory.mktemp("files"), schema, rows[:cut], rows[cut:])
    assert files.all_differ(schema.names) is (max(Counter(rows).values(), default=0) < 2)


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.date32()], ids=str)
def test_no_number_has_the_hash_of_a_null(tmp_path: Path, kind: pa.DataType) -> None:
    days = [None, *(date.fromordinal(date(1970, 1, 1).toordinal() + number) for number in (-1, 0, 1))]
    rows = [(value,) for value in (days if pa.types.is_date(kind) else [None, -1, 0, 1, 2**31 - 1, -(2**31)])]
    schema = pa.schema([("n", kind), ("t", pa.string())])
    files = write_files(tmp_path, schema, [(*row, "a") for row in rows])
    assert files.all_differ(["n"])
    assert files.all_differ(["t", "n"])


def test_files_tell_nothing_where_they_hold_other_rows_than_were_written(tmp_path: Path) -> None:
    files = write_files(tmp_path, SCHEMA, [(1, "a")], [(2, "b")])
    with pytest.raises(FilesInconclusive, match="3 rows were written, and 2 by the manifests"):
        Files(files.files, Mock(), 3).all_differ(["n"])
    wrong_files = [DataFile(files.files[0].path, 2, files.files[0].size)]
    with pytest.raises(FilesInconclusive, match="has 1 row, and 2 by its manifest"):
        Files(wrong_files, Mock(), 2).all_differ(["n"])
    with pytest.raises(KeyError):
        files.all_differ(["other"])


def test_a_value_wider_than_is_held_in_memory_for_each_row_is_left_to_spark(tmp_path: Path) -> None:
    assert write_files(tmp_path, SCHEMA, [(1, "a" * WIDEST), (2, "b")]).all_differ(["t"])
    with pytest.raises(FilesInconclusive, match="more than 1024 bytes"):
        write_files(tmp_path, SCHEMA, [(1, "a" * WIDEST + "a"), (2, "b")]).all_differ(["t"])


def test_an_object_is_read_by_ranges() -> None:
    requested: list[str] = []

    def get_range(asked_for: str) -> Any:
        requested.append(asked_for)
        first, last = map(int, asked_for.removeprefix("bytes=").split("-"))
        return {"Body": io.BytesIO(b"0123456789"[first : last + 1])}

    file = S3RangeReader(get_range, 10)
    assert (file.seek(-3, io.SEEK_END), file.read(2), file.tell(), file.read(5), file.read(5)) == (
        7,
        b"78",
        9,
        b"9",
        b"",
    )
    assert (file.seek(1), file.seek(1, io.SEEK_CUR), file.read(1)) == (1, 2, b"2")
    assert requested == ["bytes=7-8", "bytes=9-9", "bytes=2-2"]
    assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)


def test_a_large_day_and_files_that_cannot_be_read_are_left_to_spark(caplog: pytest.LogCaptureFixture) -> None:
    files = Mock(side_effect=ImportError("no PyArrow"))
    assert not StagedMetrics(3, Mock(), files).are_unique(["id"])
    assert "keys are proven by Spark: no PyArrow" in caplog.text
    assert not StagedMetrics(written_rows.MAX_HASHED_ROWS + 1, Mock(), files).are_unique(["id"])
    assert files.call_count == 1


def test_a_key_within_a_key_is_looked_at_once() -> None:
    files = Mock()
    rows = StagedMetrics(2, Mock(), Mock(return_value=files))
    files.all_differ.return_value = True
    both, first, second = Unique(("n", "t")), Unique(("n",)), Unique(("t",))
    assert rows.answer_questions({"both": both, "one": first, "other": second}) == {"both": 0, "one": 0, "other": 0}
    assert files.all_differ.call_count == 2
    files.all_differ.return_value = False
    assert rows.answer_questions({"both again": both, "another": Unique(("x",))}) == {"both again": 0}
    assert StagedMetrics(2, Mock(), Mock(return_value=files)).answer_questions({"both": both, "one": first}) == {}


def test_a_day_in_many_files_is_proven_without_a_job_of_spark(lake: Lake) -> None:
    regions = ["US-EAST", "US-WEST", "EU-WEST"]
    rows = [GOOD.replace("TXN001", f"TXN{number}").replace("US-EAST", regions[number % 3]) for number in range(9)]
    lake.put_files(a__csv=csv_bytes(*rows[:5]), b__csv=csv_bytes(*rows[5:]))
    verdict = lake.run()
    assert verdict.rows_published == 9
    assert [result.way for result in verdict.rules if result.rule.endswith("unique")] == ["observed"]


@pytest.mark.parametrize(("second", "published"), [pytest.param("TXN002", 2, marks=pytest.mark.long), ("TXN001", 0)])
def test_a_key_is_judged_by_spark_where_no_file_can_be_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, second: str, published: int
) -> None:
    monkeypatch.setattr(Files, "all_differ", Mock(side_effect=OSError("no space left on device")))
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("TXN001", second)))
    verdict = lake.run()
    assert verdict.rows_published == published
    [key] = [result for result in verdict.rules if result.rule.endswith("unique")]
    assert (key.way, key.held) == ("computed", published == 2)
