"""What a backtest is given: files, a table, or wrong use that is told before Spark is started."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from etl.contract.loading import contract_of
from etl.contract.stage import Stage, SuiteStage
from sluice.cli.app import main
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.contract_pair import ContractPair, load_changed, load_published
from sluice.contracts.backtest.data import Table, find_day_column, parse_data_arguments, require_data_files
from tests.lake import LAKE
from tests.lake.mutations import change_column, change_meta
from tests.unit.contracts.changed import apply_all
from tests.unit.contracts.conftest import Write
from tests.unit.contracts.test_diff import commit_all, run_git

OUTPUT, INPUT = "expectations/trades/output.json", "expectations/trades/input.json"


def write_pair(write: Write, stage: str = "output") -> ContractPair:
    return load_changed(write() / f"expectations/trades/{stage}.json")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table").mkdir()
    for name in ("a.csv", "b.csv.gz", "lake.db.csv", "_a.csv", "table/one.parquet"):
        (tmp_path / name).write_text("")
    return tmp_path


def test_files_are_raw_files_whatever_their_names_look_like(folder: Path) -> None:
    assert parse_data_arguments(["a.csv", "lake.db.csv"], Stage.OUTPUT) == [Path("a.csv"), Path("lake.db.csv")]


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("table", Path("table")),
        ("parquet:table", Path("table")),
        ("parquet:table/one.parquet", Path("table/one.parquet")),
        ("lake.sluice_dev.trades", "lake.sluice_dev.trades"),
    ],
)
def test_a_folder_or_a_name_in_a_catalog_is_a_table(folder: Path, typed: str, where: Path | str) -> None:
    assert parse_data_arguments([typed], Stage.OUTPUT) == Table(where)


@pytest.mark.parametrize(
    ("typed", "stage", "message"),
    [
        (["c.csv"], Stage.OUTPUT, "c.csv is no file, no folder and no table's name"),
        (["parquet:nowhere"], Stage.OUTPUT, "parquet:nowhere is no file"),
        (["a.csv", "table"], Stage.OUTPUT, "not both and not two tables"),
        (["table", "lake.db.trades"], Stage.OUTPUT, "not both and not two tables"),
        (["table"], Stage.INPUT, "an input contract judges raw rows, not a table"),
        (["_a.csv"], Stage.INPUT, "a name that starts with _ or a dot is overlooked"),
    ],
)
def test_what_cannot_be_judged_is_wrong_use(folder: Path, typed: list[str], stage: SuiteStage, message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        parse_data_arguments(typed, stage)


def test_days_are_told_by_the_date_that_the_output_is_partitioned_by(write: Write) -> None:
    for stage in (Stage.INPUT, Stage.OUTPUT):
        assert find_day_column(write_pair(write, stage), None) == "transaction_date"


@pytest.mark.parametrize("parts", [[], ["region"], ["transaction_date"]])
def test_without_such_a_date_there_are_no_days(write: Write, parts: list[str]) -> None:
    contracts = load_changed(write(change_meta(partition_by=parts)) / OUTPUT)
    assert find_day_column(contracts, None) is None


def test_a_day_may_be_any_declared_column_but_none_about_a_person(write: Write) -> None:
    contracts = load_changed(write(apply_all(change_column(1, pii=True), change_column(5, pii=True))) / INPUT)
    assert find_day_column(contracts, "total_amount") == "total_amount"
    assert find_day_column(contracts, None) is None
    with pytest.raises(WrongUse, match="'customer_id' is about a person"):
        find_day_column(contracts, "customer_id")
    with pytest.raises(WrongUse, match="no column 'weekday' to tell days by; there are transaction_id"):
        find_day_column(contracts, "weekday")


@pytest.fixture
def repository(write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    from sluice.contracts.backtest import contract_pair  # noqa: PLC0415
    from sluice.contracts.diff import git_history  # noqa: PLC0415

    folder = write()
    run_git(folder, "init", "-q")
    commit_all(folder, "the shipped contracts")
    monkeypatch.setattr(contract_pair, "suites_at", lambda revision: git_history.suites_at(revision, folder))
    return folder


def test_the_published_contract_is_the_datasets_at_the_commit_with_its_twin(repository: Path, write: Write) -> None:
    write(change_meta(version="9.0.0"), change_meta(version="8.0.0"))
    now = load_changed(repository / INPUT)
    before = load_published(now.contract, "HEAD")
    assert before
    assert before.twin
    assert (now.contract.version, now.output_contract.version) == ("8.0.0", "9.0.0")
    assert (before.contract.stage, before.twin.stage) == (Stage.INPUT, Stage.OUTPUT)
    assert {before.contract.version, before.twin.version}.isdisjoint({"8.0.0", "9.0.0"})


@pytest.mark.parametrize("before", [None, "{", "{}"])
def test_a_suite_that_was_not_there_or_does_not_load_any_more_is_not_published(
    repository: Path, before: str | None
) -> None:
    now = load_changed(repository / OUTPUT)
    (repository / OUTPUT).unlink() if before is None else (repository / OUTPUT).write_text(before)
    commit_all(repository, "before")
    assert load_published(now.contract, "HEAD") is None


def test_a_contract_that_does_not_load_is_wrong_use_also_where_it_is_the_twin(write: Write) -> None:
    folder = write()
    (folder / INPUT).write_text("{")
    for suite in (INPUT, OUTPUT):
        with pytest.raises(WrongUse, match=r"strict loading refuses .*input\.json"):
            load_changed(folder / suite)


def test_wrong_use_of_the_command_ends_with_2(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write()
    (tmp_path / "day.csv").write_text("")
    assert main(["backtest", "nowhere.json", str(tmp_path / "day.csv")]) == 2
    assert "nowhere.json is no suite file; name one such as expectations/orders/output.json" in capsys.readouterr().err
    (folder / INPUT).unlink()
    assert main(["backtest", str(folder / OUTPUT), str(tmp_path / "day.csv")]) == 2
    assert "raw files are read by both contracts of a dataset" in capsys.readouterr().err


def test_the_command_is_told_without_spark_or_the_library() -> None:
    code = "import json, sys, sluice.contracts.backtest.command; print(json.dumps([*sys.modules]))"
    completed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(completed.stdout)
    assert "sluice.contracts.backtest.rendering" in loaded
    assert not {"pyspark", "great_expectations"} & set(loaded)


def test_a_manifest_is_no_data_and_neither_is_what_the_glob_does_not_take() -> None:
    suite = json.loads((LAKE / "expectations" / "trades" / "input.json").read_text())
    arrival = {"pattern": "trades/day=*/*.csv", "manifest": "trades/day=*/*.md5"}
    suite["meta"] |= {"files": "day=*/*.{csv,md5}", "arrivals": [arrival]}
    contract = contract_of(suite)
    require_data_files([Path("/x/day=1/a.csv")], contract)
    with pytest.raises(WrongUse, match=r"/x/day=1/a\.md5 is a manifest, which says what is in other files"):
        require_data_files([Path("/x/day=1/a.md5")], contract)
    with pytest.raises(WrongUse, match=r"/x/a\.csv: meta\.files is .*, which does not take it"):
        require_data_files([Path("/x/a.csv")], contract)
