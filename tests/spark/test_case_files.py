"""Small files that others wrote go from `profile` through the gate to the rows that other readers read, without an edit."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.stage import Stage
from sluice.cli.app import main
from sluice.contracts.profile.draft_text import draft_texts
from sluice.contracts.profile.sample_files import read_samples
from tests.case_files import CASES, FOLDER, case_rows
from tests.spark.test_draft_files import check, in_columns_of

SHORT = ("nm_na.csv", "nested.jsonl", "pq_pandas_ts.parquet")
"""What `make test` takes through the gate; all are drafted."""


def test_each_file_is_a_case() -> None:
    assert sorted(CASES) == sorted(file.name for file in FOLDER.iterdir())


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_drafted_with_the_types_of_its_values(name: str) -> None:
    texts, _ = draft_texts("day", read_samples([FOLDER / name]))
    output: Contract = contract_of(json.loads(texts[Stage.OUTPUT]))
    rows = case_rows(name)
    assert output.names == [*rows[0]]
    for column in output.columns:
        kinds = {type(row[column.name]).__name__ for row in rows if row[column.name] is not None}
        assert not kinds or kinds <= KINDS[column.type.kind.value], (column.name, str(column.type), kinds)


KINDS: dict[str, set[str]] = {
    "int": {"int"},
    "bigint": {"int"},
    "double": {"float", "int"},
    "decimal": {"Decimal"},
    "boolean": {"bool"},
    "string": {"str"},
    "date": {"date"},
    "timestamp": {"datetime"},
    "timestamp_ntz": {"datetime"},
    "struct": {"dict"},
}
"""What Python has of the values of a type."""


@pytest.mark.parametrize(
    "name", [name if name in SHORT else pytest.param(name, marks=pytest.mark.long) for name in CASES]
)
def test_each_case_is_published_as_independent_readers_read_it(
    name: str, spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", str(FOLDER / name), "--dataset", "day", "--out", str(tmp_path / "contracts/day")]) == 0
    report = check(spark, FOLDER / name, tmp_path, capsys)
    assert report["state"] == "SUCCEEDED", report["message"]
    published = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert sorted(published, key=str) == sorted(map(in_columns_of(published), case_rows(name)), key=str)
