"""Made-up files through the gate, as `sluice check` takes them: what is published, and which rules refuse."""

import io
import json
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pyarrow.parquet as pq

from sluice.contracts.check.files_check import CheckOptions, check_files
from tests.made_files.made_file import DATASET, MadeFile
from tests.spark.lake import TODAY


def find_fault(spark: Any, file: MadeFile) -> str | None:
    """Take a file through the gate; return what is wrong about how it ended, None where it ended as it must."""
    with TemporaryDirectory(prefix="made-") as folder:
        report, rows = _check(spark, file, Path(folder))
    rules = [violation["rule"].removeprefix(f"{DATASET}.structure.") for violation in report["violations"]]
    if report["state"] == "SUCCEEDED":
        if file.refused_by:
            return f"published, though {sorted(file.refused_by)} had to refuse it: {rows}"
        expected = sorted(map(comparable, file.rows))
        actual = sorted(map(comparable, rows))
        differing = [(old, new) for old, new in zip(expected, actual, strict=False) if old != new]
        return f"{len(expected)} rows written, {len(actual)} published; {differing[:3]}" if expected != actual else None
    if file.refused_by:
        return None if file.refused_by & {*rules} else f"refused by {rules}: {report['message']}"
    return f"refused: {rules} {report['message']} {report.get('faults', '')}"


def comparable(row: tuple[Any, ...]) -> str:
    """Return a row as text in which no two values are the same: NaN, -0.0 and 38 digits too."""
    return repr(tuple(map(_plain, row)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in sorted(cast(dict[str, Any], value).items())}
    if isinstance(value, list):
        return [*map(_plain, cast(list[Any], value))]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _check(spark: Any, file: MadeFile, folder: Path) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    @contextmanager
    def session(_folder: Path) -> Generator[Any]:
        yield spark
        for name in ("fs.s3.impl", "spark.sql.parquet.outputTimestampType"):
            spark.conf.unset(name)

    path, out, printed = file.write(folder), folder / "rows.parquet", io.StringIO()
    options = CheckOptions(DATASET, (path,), {}, folder / "contracts", out, run_date=TODAY.isoformat(), as_json=True)
    with redirect_stdout(printed), redirect_stderr(io.StringIO()):
        check_files(options, session)
    report = json.loads(printed.getvalue().splitlines()[-1])
    if not out.exists():
        return report, []
    table = pq.read_table(out).select([column["name"] for column in file.columns])
    return report, [tuple(row.values()) for row in table.to_pylist()]
