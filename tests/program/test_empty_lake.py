"""A lake without datasets is planned, and not deployed; a stack that names some which are not there is at fault."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.settings.lake_folder import use_lake
from sluice.cli.app import main
from sluice.program import deployed_stack
from sluice.program.empty_lake import NO_DATASET

EMPTY = """config:
  aws:region: eu-west-1
  aws:defaultTags:
    tags: {project: acme, stack: dev, managed-by: pulumi}
  acme:datasets: {}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Path]:
    """A lake as `sluice init` makes it, with a name of its own."""
    (tmp_path / "expectations").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(EMPTY)
    with use_lake(tmp_path):
        yield tmp_path
    logging.disable(logging.NOTSET)  # a plan silences it for its process


def test_its_plan_is_green_and_names_the_command_that_begins_one(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "dev"]) == 0
    assert capsys.readouterr().out == f"{NO_DATASET}\n"
    assert main(["plan", "dev", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert (planned["resources"], planned["warnings"]) == (0, [NO_DATASET])


def test_preview_and_up_refuse(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployed_stack.main(["dev"]) == 1
    assert capsys.readouterr().err == f"dev has nothing to deploy, {NO_DATASET}\n"


def test_a_stack_that_names_a_dataset_without_contracts_is_refused_under_its_own_namespace(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lake / "Pulumi.dev.yaml").write_text(EMPTY.replace("{}", "{stores: {worker: 3}}"))
    assert main(["plan", "dev"]) == 1
    refused = capsys.readouterr().err
    assert "acme:datasets.stores: takes" in refused
    assert "acme:datasets.stores.worker is 3: takes nothing, no such key" in refused
    assert "sluice:" not in refused
