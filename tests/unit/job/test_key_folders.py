"""Columns that come from folders of an object's key: which folders they are, and what a contract may say of them."""

from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from etl.contract.key_folders import FolderRefused, folder_texts, folders_of_file
from etl.contract.stage import Stage
from etl.contract.validation.suite import faults_of
from sluice.contracts.check.contracts import CheckedDataset
from sluice.contracts.check.local_lake import LocalLake
from sluice.contracts.diff.changes import PRODUCERS
from sluice.contracts.diff.meta_changes import column_changes
from sluice.contracts.profile.column import profile_columns
from sluice.contracts.profile.draft import draft_suites
from sluice.contracts.profile.sample_files import read_samples
from sluice.contracts.prove.raw_files import is_writable, row_folders, rows_by_folder
from tests.csv_contracts import csv_contract, csv_suite

DT: dict[str, Any] = {"name": "dt", "source": {"folder": "dt"}}
TEXTS = {
    "dt=2025-01-01/x.csv": "2025-01-01",
    "a/b=c/dt=S%C3%A3o%20Paulo%2F1/e/x.csv": "São Paulo/1",
    "d%74=a=b/x.csv": "a=b",
    "dt=1+1%/x.csv": "1+1%",
    "dt=__HIVE_DEFAULT_PARTITION__/x.csv": None,
    "dt=/x.csv": None,
}
REFUSED = {
    "x.csv": "no folder dt= in its key",
    "dt=2025": "no folder dt= in its key",
    "DT=1/x.csv": "no folder dt= in its key",
    "dt/x.csv": "no folder dt= in its key",
    "dt=1/dt=2/x.csv": "2 folders dt= in its key",
    "dt=%E3/x.csv": "the folder dt= of its key is no UTF-8",
    "dt=%0A/x.csv": "the folder dt= of its key has a control character",
}


def test_a_folder_has_one_text() -> None:
    assert {path: folder_texts(path, ["dt"])[0] for path in TEXTS} == TEXTS


@pytest.mark.parametrize("path", REFUSED)
def test_a_key_without_one_such_folder_is_refused(path: str) -> None:
    with pytest.raises(FolderRefused, match=REFUSED[path]):
        folder_texts(path, ["dt"])


FAULTS: dict[str, tuple[list[Any], dict[str, Any], str]] = {
    "nothing of the file": ([DT], {}, "each column is a folder of the key"),
    "twice": (["id", DT, {**DT, "name": "day"}], {}, "2 columns are the folder 'dt'"),
    "bytes": (["id", {**DT, "type": "binary"}], {"format": "parquet"}, "'dt' is binary, and a folder of a key is text"),
    "a list": (["id", {**DT, "type": "array<int>"}], {"format": "jsonl"}, "a folder of a key is text"),
    "a person": (["id", {**DT, "pii": True}], {}, "'dt' is about a person, and keys stand in messages"),
    "a path": (["id", {**DT, "source": {"folder": "a/b"}}], {}, 'an object such as {"folder": "dt"}'),
    "another object": (["id", {**DT, "source": {"file": "dt"}}], {}, 'an object such as {"folder": "dt"}'),
    "an option of another type": (
        ["id", {**DT, "type": "int", "format": "yyyy"}],
        {"format": "orc"},
        "has format, which",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_folder_that_cannot_be_a_column_is_a_fault(name: str) -> None:
    columns, meta, expected = FAULTS[name]
    assert expected in "; ".join(map(str, faults_of(csv_suite(columns, **meta))))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "orc"])
def test_a_folder_may_be_typed_by_options_in_each_format(form: str) -> None:
    contract = csv_contract(["id", {**DT, "type": "date", "format": "yyyyMMdd"}], format=form)
    assert (contract.as_file_contents().names, contract.names) == (["id"], ["id", "dt"])
    assert contract.as_stored_rows().folder_columns == ()


def test_folders_stand_beside_positions_and_names() -> None:
    source = {"name": "id", "source": 2}
    assert faults_of(csv_suite([source, DT, {"name": "n", "source": 1}], dialect={"header": False})) == []
    assert faults_of(csv_suite([{"name": "id", "source": "dt"}, DT])) == []


def test_a_column_that_moves_into_the_key_concerns_producers() -> None:
    before, after = csv_contract(["id", "dt"]), csv_contract(["id", DT])
    [change] = column_changes(before, after, {})
    assert (change.words, change.label) == ("dt in the file → the folder dt= of the key", PRODUCERS)


def test_proofs_write_a_file_for_each_folder() -> None:
    contract = csv_contract(
        ["id", {**DT, "type": "date", "format": "yyyyMMdd"}, {"name": "r", "source": {"folder": "r"}}]
    )
    rows = [{"id": "1", "dt": date(2025, 1, 2), "r": text} for text in ("a/b", None, "a/b")]
    shares = {"dt=20250102/r=a%2Fb/": [rows[0], rows[2]], "dt=20250102/r=__HIVE_DEFAULT_PARTITION__/": [rows[1]]}
    assert rows_by_folder(rows, contract) == shares
    assert all(folder_texts(f"{path}x", ["r"]) == [share[0]["r"]] for path, share in shares.items())
    unwritable = [{**rows[0], "r": text} for text in ("", "\n", "__HIVE_DEFAULT_PARTITION__", "x" * 300)]
    assert [is_writable(row, contract) for row in (*rows, *unwritable)] == [True] * 3 + [False] * 4
    assert row_folders({"id": "1"}, csv_contract(["id"])) == ""
    assert rows_by_folder([], contract) == {"dt=__HIVE_DEFAULT_PARTITION__/r=__HIVE_DEFAULT_PARTITION__/": []}


def test_of_a_file_on_this_machine_the_folders_that_columns_are_count(tmp_path: Path) -> None:
    contract = csv_contract(["id", DT])
    assert folders_of_file(tmp_path / "r=1/dt=a%20b/dt=x.csv", contract) == "dt=a%20b/"
    assert folders_of_file(tmp_path / "x.csv", contract) == ""


def test_a_draft_has_the_folders_of_files_below_the_one_that_is_named(tmp_path: Path) -> None:
    for day, value in (("2025-01-30", 1), ("2025-01-31", 2)):
        place = tmp_path / f"a=1/trades/dt={day}/Region=N%20{value}"
        place.mkdir(parents=True)
        (place / "x.csv").write_text(f"id,n\n{value},7\n")
    sample = read_samples([tmp_path / "a=1/trades"])
    assert sample.table.column_names == ["id", "n", "dt", "region"]
    assert sample.table.column("region").to_pylist() == ["N 1", "N 2"]
    suites = draft_suites("trips", sample, profile_columns(sample))
    columns = {column["name"]: column for column in suites[Stage.INPUT]["meta"]["columns"]}
    assert (columns["dt"]["source"], columns["region"]["source"]) == ({"folder": "dt"}, {"folder": "Region"})
    assert [faults_of(suite) for suite in suites.values()] == [[], []]


def test_a_check_puts_files_into_the_folders_that_columns_are(tmp_path: Path) -> None:
    paths = [tmp_path / f"r=1/dt={day}/x.csv" for day in (1, 2, 2)]
    paths[1:] = [paths[1], tmp_path / "dt=2/x.csv"]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lake = LocalLake(tmp_path / "lake", mock.Mock(), date(2025, 1, 1))
    dataset = CheckedDataset("trips", {Stage.INPUT: mock.Mock(contract=csv_contract(["id", DT]))})
    lake._land_files(dataset, paths)
    place = lake.objects / lake.raw_bucket / "trips"
    landed = [path.relative_to(place).as_posix() for path in sorted(place.rglob("*")) if path.is_file()]
    assert landed == ["2/dt=2/x.csv", "dt=1/x.csv", "dt=2/x.csv"]
