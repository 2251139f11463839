"""A few of the made-up files of `make fuzz`, the same each time: each comes back equal, or is refused by what is wrong."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from etl.contract.source_format import SourceFormat
from sluice.contracts.arrow_types import declared_type
from sluice.contracts.profile.columnar_sample import read_columnar_sample
from tests.made_files.avro_files import avro_files
from tests.made_files.broken_lines import broken_csv, broken_json
from tests.made_files.columnar_files import orc_files, parquet_files
from tests.made_files.csv_files import csv_files
from tests.made_files.damage import ORC_DAMAGES, columnar_file, damaged_csv, wrong_values
from tests.made_files.excel_files import excel_files
from tests.made_files.json_files import json_files
from tests.made_files.made_file import MadeFile
from tests.spark.file_gate import find_fault
from tests.spark.level_gate import find_level_fault

MAKERS = {
    "csv": csv_files(),
    "json": json_files(),
    "parquet": parquet_files(),
    "a broken line": damaged_csv(),
    "a wrong value": wrong_values(),
    "orc": orc_files(),
    "avro": avro_files(),
    "excel": excel_files(),
}
SHORT = ("csv", "json", "parquet")
LEVELS = {"csv": broken_csv(), "json": broken_json()}


def first_cases(makers: st.SearchStrategy[Any], count: int = 8) -> list[Any]:
    """Return the first cases of a maker, the same each time."""
    cases: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(case=makers)
    def collect(case: Any) -> None:
        cases.append(case)

    collect()
    return cases


def richness(file: MadeFile) -> tuple[int, ...]:
    """Return how much a file has of columns and rows: the very first is bare."""
    return len(file.columns), len(file.rows), len(file.meta), len(file.content)


def test_a_time_of_a_zone_in_orc_is_refused_by_its_type(spark: Any) -> None:
    moment = datetime(2025, 1, 31, tzinfo=UTC)
    file = columnar_file("orc", pa.timestamp("us", "UTC"), "timestamp", [moment], "a time of a zone", "schema")
    assert find_fault(spark, file) is None


@pytest.mark.parametrize(
    "damage",
    [ORC_DAMAGES[0], *(pytest.param(damage, marks=pytest.mark.long) for damage in ORC_DAMAGES[1:])],
    ids=lambda damage: damage[3],
)
def test_orc_that_names_no_calendar_or_that_spark_cannot_read_is_refused(damage: Any, spark: Any) -> None:
    assert find_fault(spark, columnar_file("orc", *damage)) is None


def test_spark_s_own_orc_comes_back_with_its_first_days_and_its_local_times(spark: Any, tmp_path: Path) -> None:
    values = "DATE'0001-01-01' AS day, TIMESTAMP'1500-03-01 00:00:00' AS at, TIMESTAMP_NTZ'0001-01-01 12:00:00.000001' AS clock"
    spark.sql(f"SELECT 1 AS id, {values}").write.orc(str(tmp_path / "days"))
    [part] = (tmp_path / "days").glob("*.orc")
    (tmp_path / "day.orc").write_bytes(part.read_bytes())
    kinds = {"id": "int", "day": "date", "at": "timestamp", "clock": "timestamp_ntz"}
    row = (1, date(1, 1, 1), datetime(1500, 3, 1, tzinfo=UTC), datetime(1, 1, 1, 12, microsecond=1))
    columns = [{"name": name, "type": kind} for name, kind in kinds.items()]
    file = MadeFile("day.orc", (tmp_path / "day.orc").read_bytes(), columns, [row], {"format": "orc"})
    assert find_fault(spark, file) is None
    drafted = read_columnar_sample(tmp_path / "day.orc", SourceFormat.ORC).table
    assert [str(declared_type(field.type)) for field in drafted.schema] == [*kinds.values()]


def test_an_empty_text_of_json_is_no_value_however_its_column_is_typed(spark: Any) -> None:
    kinds = {"typed": "int", "flag": "boolean", "texts": "string", "within": "array<struct<x:double,t:string>>"}
    columns = [{"name": "id", "type": "int"}, *({"name": name, "type": kind} for name, kind in kinds.items())]
    values = dict.fromkeys(["typed", "flag", "texts"], "") | {"within": [{"x": "", "t": ""}]}
    content = "\n".join(json.dumps({"id": number} | values) for number in (1, 2)).encode()
    rows = [(number, None, None, None, [{"x": None, "t": ""}]) for number in (1, 2)]
    file = MadeFile("day.jsonl", content, columns, rows, {"format": "jsonl"}, {"texts": "date"})
    assert find_fault(spark, file) is None


@pytest.mark.parametrize(
    "name", [name if name in SHORT else pytest.param(name, marks=pytest.mark.long) for name in MAKERS]
)
def test_a_made_up_file_comes_back_equal_or_is_refused_by_what_is_wrong(spark: Any, name: str) -> None:
    file = max(first_cases(MAKERS[name]), key=richness)
    assert find_fault(spark, file) is None, file.recipe


@pytest.mark.long
@pytest.mark.parametrize("name", LEVELS)
def test_broken_lines_of_a_made_up_file_go_aside_and_are_replayed(spark: Any, name: str) -> None:
    case = max(first_cases(LEVELS[name], 30), key=lambda case: min(len(case.mendable), len(case.broken)))
    assert case.mendable
    assert case.broken
    assert find_level_fault(spark, case) is None, case.file.recipe
