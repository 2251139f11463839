"""`sluice check`: files through the job's gate in a lake that is there for the check alone."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.compute.job import SPARK_SETTINGS
from sluice.cli.app import main
from sluice.cli.errors import WrongUse
from sluice.contracts.check.files_check import CheckOptions, check_files
from sluice.contracts.check.session import JOB_SETTINGS
from tests.lake import DAYS, LAKE
from tests.lake.catalogue import catalogue_parquet
from tests.lake.loads import FOLDERS, trades_suites
from tests.spark.lake import TODAY, Lake

RUN_DATE = TODAY.isoformat()
GOOD = DAYS / "good.csv"
HEADER, *TRADES = GOOD.read_text().splitlines()


class Check:
    """Checks on the shared session."""

    def __init__(self, spark: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.spark, self.capsys = spark, capsys

    @contextmanager
    def session(self, _folder: Path) -> Generator[Any]:
        """Yield the session, and give it back its S3 and its timestamps."""
        yield self.spark
        for name in ("fs.s3.impl", "spark.sql.parquet.outputTimestampType"):
            self.spark.conf.unset(name)

    def run(self, dataset: str, *files: Path, **more: Any) -> tuple[int, dict[str, Any]]:
        """Return exit code and report."""
        options = CheckOptions(dataset, files, more.pop("first", {}), run_date=RUN_DATE, as_json=True, **more)
        code = check_files(options, self.session)
        return code, json.loads(self.capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def check(spark: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Checks whose temporary folders would be seen."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return Check(spark, capsys)


def no_temporary_folder(tmp_path: Path) -> bool:
    """Say whether nothing is left of a check."""
    return not [*(tmp_path / "scratch").iterdir()]


def test_a_good_day_is_what_a_run_of_the_job_publishes(check: Check, lake: Lake, tmp_path: Path) -> None:
    code, report = check.run("trades", GOOD, out=tmp_path / "rows.parquet")
    assert (code, report["state"], report["rows_published"]) == (0, "SUCCEEDED", 5)
    lake.put_files(good__csv=GOOD.read_bytes())
    assert lake.run().rows_published == 5
    written = pq.read_table(tmp_path / "rows.parquet")
    columns = json.loads((LAKE / "expectations/trades/output.json").read_text())["meta"]["columns"]
    assert written.column_names == [column["name"] for column in columns]
    published = [{name: row[name] for name in written.column_names} for row in lake.rows()]
    assert written.sort_by("transaction_id").to_pylist() == published
    assert written.schema.field("unit_price").type == pa.decimal128(10, 2)
    assert written.schema.field("transaction_date").type == pa.date32()
    assert no_temporary_folder(tmp_path)


def test_a_manifest_among_the_files_is_held_and_without_one_nothing_waits(check: Check, tmp_path: Path) -> None:
    contracts = tmp_path / "contracts"
    shutil.copytree(LAKE / "expectations", contracts)
    suite = json.loads((contracts / "trades/input.json").read_text())
    suite["meta"]["arrivals"] = [{"pattern": "trades/day=*/*.csv", "manifest": "trades/day=*/*.sha256"}]
    (contracts / "trades/input.json").write_text(json.dumps(suite))
    day = tmp_path / "day=1"
    day.mkdir()
    file, manifest = Path(shutil.copy(GOOD, day / "good.csv")), day / "day.sha256"
    manifest.write_text(f"{'0' * 64}  good.csv\n")
    code, report = check.run("trades", file, manifest, contracts_folder=contracts)
    assert (code, [violation["rule"] for violation in report["violations"]]) == (1, ["trades.structure.manifest"])
    manifest.write_text(f"{'0' * 64}  other.csv\n")
    code, report = check.run("trades", file, manifest, contracts_folder=contracts)
    assert (code, report["rows_published"], report["waiting"][0]["keys"]) == (0, 0, ["trades/day=1/good.csv"])
    code, report = check.run("trades", file, contracts_folder=contracts)
    assert (code, report["rows_published"], report["waiting"]) == (0, 5, [])


def test_the_files_of_a_check_are_one_copy_where_copies_are_folders(check: Check, tmp_path: Path) -> None:
    contracts = tmp_path / "expectations" / "trades"
    contracts.mkdir(parents=True)
    for stage, suite in trades_suites(FOLDERS).items():
        (contracts / f"{stage}.json").write_text(json.dumps(suite))
    halves = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for half, rows in zip(halves, (TRADES[:2], TRADES[2:]), strict=True):
        half.write_text("\n".join((HEADER, *rows, "")))
    code, report = check.run("trades", *halves, contracts_folder=contracts.parent)
    assert (code, report["rows_published"], report["waiting"]) == (0, len(TRADES), []), report["message"]


@pytest.mark.long
def test_references_are_not_evaluated_and_said_so_unless_with_gives_them(check: Check) -> None:
    _, alone = check.run("trades", GOOD)
    names = [result["rule"] for result in alone["not_evaluated"]]
    assert "trades.customer_id.known" in names
    assert alone["rules_not_evaluated"] == len(names)
    _, report = check.run("trades", GOOD, first={"buyers": [DAYS / "buyers.jsonl"]})
    assert "trades.customer_id.known" not in [result["rule"] for result in report["not_evaluated"]]


@pytest.mark.long
def test_a_dataset_of_tables_says_what_with_has_to_give_and_is_built_from_it(check: Check, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--with trades=FILE"):
        check.run("trades_daily")
    goods = tmp_path / "goods.parquet"
    goods.write_bytes(catalogue_parquet())
    code, report = check.run("trades_daily", first={"goods": [goods], "trades": [GOOD]})
    assert (code, report["dataset"], report["state"]) == (0, "trades_daily", "SUCCEEDED"), report["message"]
    assert report["rows_published"] > 0


def test_a_refused_day_exits_1_and_leaves_the_old_file(check: Check, tmp_path: Path) -> None:
    out, day = tmp_path / "rows.parquet", tmp_path / "day.csv"
    out.write_text("old")
    day.write_text("\n".join([HEADER.replace("quantity", "amount"), *TRADES, ""]))
    code, report = check.run("trades", day, out=out)
    assert (code, report["state"], report["rows_published"], report["sample"]) == (1, "FAILED", 0, [])
    assert [result["rule"] for result in report["violations"]] == ["trades.structure.header"]
    assert "s3://" not in report["message"]
    assert "operate" not in report["message"]
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.csv", "rows.parquet", "scratch"]
    assert no_temporary_folder(tmp_path)


def test_an_empty_file_is_refused_by_the_gate_and_not_as_wrong_use(check: Check, tmp_path: Path) -> None:
    (tmp_path / "day.csv").touch()
    code, report = check.run("trades", tmp_path / "day.csv")
    assert (code, [result["rule"] for result in report["violations"]]) == (1, ["trades.structure.empty"])


@pytest.mark.long
def test_a_draft_of_a_dataset_without_a_transform_is_published_as_typed_and_said_to_be_one(
    check: Check, tmp_path: Path
) -> None:
    day = tmp_path / "stores.csv"
    day.write_text("store_id,opened\nS1,2024-05-01\nS2,2024-06-01\n")
    words = ["-m", "review", "profile", str(day), "--dataset", "stores", "--out", str(tmp_path / "contracts/stores")]
    profiled = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert profiled.returncode == 0, profiled.stderr
    code, report = check.run("stores", day, contracts_folder=tmp_path / "contracts", out=tmp_path / "rows.parquet")
    assert (code, report["draft"], report["typed_only"]) == (0, True, True), report
    assert pq.read_table(tmp_path / "rows.parquet").num_rows == 2


def test_faulty_contracts_are_told_all_at_once_and_exit_1(
    check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(LAKE / "expectations/trades", tmp_path / "contracts/trades")
    (tmp_path / "contracts/trades/input.json").unlink()
    suite = tmp_path / "contracts/trades/output.json"
    text = suite.read_text().replace('"type": "expect_', '"type": "expct_', 2)
    suite.write_text(text)
    code, report = check.run("trades", GOOD, contracts_folder=tmp_path / "contracts")
    assert (code, report["state"]) == (1, "FAILED")
    assert len(report["faults"]) >= 3
    assert "input.json is missing" in report["faults"][0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("trades", "nowhere.csv"), "nowhere.csv is no file"),
        (("trades", "."), ". is a folder"),
        (("trade", "pyproject.toml"), "did you mean 'trades'"),
        (("trades",), "name at least one"),
        (("trades", "pyproject.toml", "--out", "missing/rows.parquet"), "there is no folder missing"),
        (("trades", "pyproject.toml", "--out", "pyproject.toml"), "is a file that is read"),
        (("trades", "pyproject.toml", "--run-date", "2025-02-30"), "yyyy-MM-dd"),
        (("trades", "pyproject.toml", "--contracts", "nowhere"), "nowhere is no folder"),
        (("trades", "pyproject.toml", "--with", "shoppers"), "DATASET=FILE"),
    ],
)
def test_wrong_use_is_told_with_what_to_do(
    words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert expected in re.sub(r"\s+", " ", captured.err)


def test_the_sessions_settings_are_the_jobs_own() -> None:
    job_settings = {name: value for name, _, value in (setting.partition("=") for setting in SPARK_SETTINGS)}
    assert JOB_SETTINGS.items() <= job_settings.items()


@pytest.mark.long
def test_the_command_as_a_process_writes_one_json_object_as_its_last_line(tmp_path: Path) -> None:
    words = ["trades", str(GOOD), "--run-date", RUN_DATE, "--out", str(tmp_path / "rows.parquet"), "--json"]
    completed = subprocess.run(
        [sys.executable, "-m", "sluice", "check", *words], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout.splitlines()[-1])["rows_published"] == 5
    assert pq.read_table(tmp_path / "rows.parquet").num_rows == 5
