"""Files of many exporters go from `profile` through the gate to the rows that they mean, without an edit."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sluice.cli.app import main
from sluice.contracts.check.files_check import CheckOptions, check_files
from sluice.contracts.lint.lint import lint_suites
from tests.draft_file import DraftFile, Row
from tests.draft_files import FILES
from tests.spark.lake import TODAY

SHORT = ("european", "missing")
"""What `make test` takes: the others are of parts that have tests of their own."""
CASES = [name if name in SHORT else pytest.param(name, marks=pytest.mark.long) for name in FILES]


def draft(file: DraftFile, folder: Path) -> Path:
    """Write a file and its draft; return the file."""
    path = folder / file.name
    path.write_bytes(file.content)
    assert main(["profile", str(path), "--dataset", "day", "--out", str(folder / "contracts/day")]) == 0
    return path


def check(spark: Any, path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Take a file through the gate by the drafted contracts; return the report."""

    @contextmanager
    def session(_folder: Path) -> Generator[Any]:
        yield spark
        for name in ("fs.s3.impl", "spark.sql.parquet.outputTimestampType"):
            spark.conf.unset(name)

    capsys.readouterr()
    options = CheckOptions(
        "day", (path,), {}, folder / "contracts", folder / "rows.parquet", run_date=TODAY.isoformat(), as_json=True
    )
    check_files(options, session)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_published_as_it_means(
    name: str, spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = FILES[name]()
    path = draft(file, tmp_path)
    findings = lint_suites([str(tmp_path / "contracts/day")]).findings
    # Of the pair lint says that a transform is missing, as it is before a person writes one.
    assert [finding for finding in findings if finding.kind != "draft" and "transform" not in finding.found] == []
    report = check(spark, path, tmp_path, capsys)
    assert report["state"] == "SUCCEEDED", report["message"]
    published = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert sorted(published, key=str) == sorted(map(in_columns_of(published), file.rows), key=str)


def in_columns_of(published: list[Row]) -> Any:
    """Return what gives a row the order of the published columns, so that rows compare as texts."""
    assert published
    return lambda row: {name: row[name] for name in published[0]}
