"""Small files that others wrote go from `profile` through `try` to the rows that other readers read, without an edit."""

import json
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from components.settings.lake_folder import use_lake
from sluice.cli.app import main
from sluice.sandbox import published_rows, try_day
from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator
from sluice.sandbox.jobs.class_archive import ARCHIVE_LAKE
from sluice.sandbox.lake import Dataset, deployed_datasets
from tests.case_files import CASES, FOLDER, case_rows

pytestmark = pytest.mark.long
TRANSFORM = '"""Rows as they are typed."""\n\nADDS = ()\n\n\ndef transform(rows):\n    return rows\n'


def dataset_of(name: str) -> str:
    """Return the dataset of a file."""
    return Path(name).stem


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Dataset]]:
    """A lake of a dataset a file, as drafted, deployed once."""
    folder = tmp_path_factory.mktemp("lake")
    (folder / "etl/datasets").mkdir(parents=True)
    for name in CASES:
        dataset = dataset_of(name)
        out = folder / "expectations" / dataset
        assert main(["profile", str(FOLDER / name), "--dataset", dataset, "--out", str(out)]) == 0
        (folder / f"etl/datasets/{dataset}.py").write_text(TRANSFORM)
    shutil.copy(ARCHIVE_LAKE / "Pulumi.yaml", folder)
    entries = "".join(f"    {dataset_of(name)}: {{}}\n" for name in CASES)
    settings = (ARCHIVE_LAKE / "Pulumi.local.yaml").read_text()
    (folder / "Pulumi.local.yaml").write_text(settings.replace("    readings: {}\n", entries))
    with emulator.running_emulator() as emulated_aws, use_lake(folder):
        deploy_program(emulated_aws, folder=folder)
        yield deployed_datasets(emulated_aws)


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_published_by_try_as_other_readers_read_it(
    name: str, datasets: dict[str, Dataset], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = datasets[dataset_of(name)]
    monkeypatch.setattr(try_day.emulator, "running_emulator", lambda: nullcontext(dataset.emulator))
    monkeypatch.setattr(try_day, "deploy_lake", lambda *_: datasets)
    code = try_day.try_day(dataset.name, [FOLDER / name], None, first={}, as_json=True)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    rows = case_rows(name)
    assert (code, report["state"], report["rows_published"]) == (0, "SUCCEEDED", len(rows)), report
    published = published_rows._load_table(dataset).scan(selected_fields=tuple(rows[0])).to_arrow().to_pylist()
    in_order = [{column: row[column] for column in rows[0]} for row in published]
    assert sorted(in_order, key=str) == sorted(rows, key=str)
