"""A few of the made-up files of `make fuzz`, the same each time: each comes back equal, or is refused by what is wrong."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.made_files.columnar_files import parquet_files
from tests.made_files.csv_files import csv_files
from tests.made_files.damage import columnar_file, damaged_csv, wrong_values
from tests.made_files.json_files import json_files
from tests.made_files.made_file import MadeFile
from tests.spark.file_gate import find_fault

MAKERS = {
    "csv": csv_files(),
    "json": json_files(),
    "parquet": parquet_files(),
    "a broken line": damaged_csv(),
    "a wrong value": wrong_values(),
}


def richest_file(makers: st.SearchStrategy[MadeFile], count: int = 8) -> MadeFile:
    """Return that of the first files which has the most columns and rows, the same each time: the very first is bare."""
    files: list[MadeFile] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(file=makers)
    def collect(file: MadeFile) -> None:
        files.append(file)

    collect()
    return max(files, key=lambda file: (len(file.columns), len(file.rows), len(file.meta), len(file.content)))


def test_a_time_of_a_zone_in_orc_is_refused_by_its_type(spark: Any) -> None:
    moment = datetime(2025, 1, 31, tzinfo=UTC)
    file = columnar_file("orc", pa.timestamp("us", "UTC"), "timestamp", [moment], "a time of a zone", "schema")
    assert find_fault(spark, file) is None


@pytest.mark.parametrize("name", MAKERS)
def test_a_made_up_file_comes_back_equal_or_is_refused_by_what_is_wrong(spark: Any, name: str) -> None:
    file = richest_file(MAKERS[name])
    assert find_fault(spark, file) is None, file.recipe
