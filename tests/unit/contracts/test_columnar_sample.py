"""A draft of Parquet and ORC says which times Spark cuts, and which no draft can see."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from etl.contract.source_format import SourceFormat
from sluice.contracts.arrow_types import LOCAL_TIME, declared_type
from sluice.contracts.profile.columnar_sample import CUT, UNREAD, read_columnar_sample

NANOS = pa.timestamp("ns")
TIMES = {"fine": pa.array([1_700_000_000_123_456_789, None], NANOS), "whole": pa.array([-1000, 0], NANOS)}


def test_times_that_spark_cuts_are_said_and_those_that_the_gate_refuses_are_not(tmp_path: Path) -> None:
    table, doubts = pa.table(TIMES), list[Any]()
    orc.write_table(table, tmp_path / "a.orc")
    write_parquet: Any = parquet.write_table
    write_parquet(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    parquet.write_table(table, tmp_path / "b.parquet")
    for name in ("a.orc", "a.parquet", "b.parquet"):
        doubts.append([*read_columnar_sample(tmp_path / name, SourceFormat(name[2:])).doubts])
    assert doubts == [[CUT.format("fine")], [CUT.format("fine")], []]


@pytest.mark.parametrize("year", [1, 9999])
def test_a_column_of_orc_whose_years_arrow_has_not_is_drafted_by_its_type_alone(year: int, tmp_path: Path) -> None:
    local = pa.field("clock", pa.int64(), metadata=LOCAL_TIME)
    schema = pa.schema([("id", pa.int32()), ("at", pa.timestamp("us")), local])
    table = pa.table({"id": [1, 2], "at": [datetime(year, 1, 1), None], "clock": [0, 1]}, schema=schema)
    orc.write_table(table, tmp_path / "a.orc")
    content = read_columnar_sample(tmp_path / "a.orc", SourceFormat.ORC)
    assert [str(declared_type(field.type)) for field in content.table.schema] == ["int", "timestamp", "timestamp_ntz"]
    assert content.table.column("id").to_pylist() == [1, 2]
    assert [*content.doubts] == [UNREAD.format("at")]
