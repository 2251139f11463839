"""A new dataset comes whole, draft, transform and entries, or not at all."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.settings.lake_folder import use_lake
from sluice.cli.errors import WrongUse
from sluice.lake_template import file_changes, new_dataset
from sluice.lake_template.code_owners import add_owner, code_owners_file
from sluice.program.stack_files import STACKS
from tests.lake import LAKE

CSV = "store_id,city\nS001,Berlin\nS002,Hamburg\n"


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Path]:
    """A lake with the tests' stack files and one dataset."""
    folder = tmp_path / "lake"
    folder.mkdir()
    for file in LAKE.glob("Pulumi*.yaml"):
        shutil.copy2(file, folder)
    shutil.copytree(LAKE / "expectations" / "buyers", folder / "expectations" / "buyers")
    (folder / "etl" / "datasets").mkdir(parents=True)
    with use_lake(folder):
        yield folder


def sample(folder: Path, name: str = "stores.csv", text: str = CSV) -> Path:
    file = folder.parent / name
    file.write_text(text)
    return file


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_draft_a_transform_entries_and_an_owner_are_written_and_the_next_steps_said(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_dataset.run("stores", [sample(lake)], owner_handle="@shop/stores")
    assert {path.name for path in (lake / "expectations" / "stores").iterdir()} == {"input.json", "output.json"}
    assert "def transform(stores: DataFrame)" in (lake / "etl" / "datasets" / "stores.py").read_text()
    assert [stack for stack in STACKS if "    stores: {}\n" not in (lake / f"Pulumi.{stack}.yaml").read_text()] == []
    assert (lake / ".github" / "CODEOWNERS").read_text() == "/expectations/stores/ @shop/stores\n"
    printed = capsys.readouterr().out
    assert "stores: a draft from 2 rows with 2 columns" in printed
    assert "sluice lint" in printed
    assert "sluice prove stores" in printed
    assert not list(lake.rglob("*.sluice-new"))


def test_several_files_are_one_sample(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new_dataset.run("stores", [sample(lake)], [sample(lake, "more.csv", "store_id,city\nS003,Munich\n")])
    assert "a draft from 3 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "handle", "reason"),
    [
        ("Stores", None, "is no dataset's name"),
        ("../stores", None, "is no dataset's name"),
        ("s" * 21, None, "is no dataset's name"),
        ("buyers", None, "is there already, and no tool rewrites a dataset"),
        ("trades", None, "has an entry trades already"),
        ("raw_buyers", None, "cannot be beside each other"),
        ("stores", "shop/stores", "is no handle of GitHub"),
        ("stores", "@shop/stores\n* @me", "is no handle of GitHub"),
    ],
)
def test_a_name_or_handle_that_is_none_changes_nothing(lake: Path, name: str, handle: str | None, reason: str) -> None:
    before = content(lake)
    with pytest.raises(WrongUse, match=reason):
        new_dataset.run(name, [sample(lake)], owner_handle=handle)
    assert content(lake) == before


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("gone.csv", None, "does not exist"),
        (
            "other.csv",
            "store_id,town\nS1,Berlin\n",
            "has the columns store_id, town, and stores.csv has store_id, city",
        ),
        ("other.jsonl", '{"store_id": "S1"}\n', "is jsonl and stores.csv is csv"),
        ("empty.csv", "store_id,city\n", "has no rows"),
    ],
)
def test_a_file_that_is_no_sample_beside_the_first_changes_nothing(
    lake: Path, name: str, text: str | None, reason: str
) -> None:
    before = content(lake)
    other = lake.parent / name if text is None else sample(lake, name, text)
    with pytest.raises(WrongUse, match=reason):
        new_dataset.run("stores", [sample(lake), other])
    assert content(lake) == before


def test_a_stacks_file_that_takes_no_entry_changes_nothing(lake: Path) -> None:
    (lake / "Pulumi.prod.yaml").write_text("config:\n  sluice:datasets: '{}'\n")
    before = content(lake)
    with pytest.raises(WrongUse, match=r"Pulumi.prod.yaml takes no entry: .*; nothing was changed"):
        new_dataset.run("stores", [sample(lake)])
    assert content(lake) == before


@pytest.mark.parametrize("failure", [KeyboardInterrupt, PermissionError("no")])
@pytest.mark.parametrize("at_file", [0, 3, 6])
def test_ctrl_c_or_a_full_disk_between_two_files_leaves_all_as_it_was(
    lake: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, at_file: int
) -> None:
    before, replaced, replace = content(lake), list[str](), os.replace

    def replace_until(source: str, target: str) -> None:
        if len(replaced) == at_file:
            raise failure
        replaced.append(target)
        replace(source, target)

    monkeypatch.setattr(file_changes.os, "replace", replace_until)
    with pytest.raises((KeyboardInterrupt, PermissionError)):
        new_dataset.run("stores", [sample(lake)])
    assert content(lake) == before
    assert not (lake / "expectations" / "stores").exists()


def test_the_file_of_owners_is_that_which_github_takes(tmp_path: Path) -> None:
    assert code_owners_file(tmp_path) == tmp_path / ".github" / "CODEOWNERS"
    (tmp_path / "CODEOWNERS").write_text("* @all")
    assert code_owners_file(tmp_path) == tmp_path / "CODEOWNERS"
    assert add_owner("* @all", "stores", "@me") == "* @all\n/expectations/stores/ @me\n"
