"""What a dataset needs before it is named in the configuration; a name that is none, and a cycle, are refused."""

import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from components.settings import dependencies as needs
from components.settings.config_reader import BadConfiguration
from components.settings.contracts import load_contract, unresolved_names
from components.settings.stack_settings import Settings
from tests.lake import LAKE
from tests.program.test_settings import make_settings

ALL_DATASETS = {"trades": {}, "buyers": {}, "goods": {}}


def settings_needing(**entries: list[str]) -> Settings:
    return make_settings(
        datasets=json.dumps({**ALL_DATASETS, **{name: {"needs": names} for name, names in entries.items()}})
    )


def test_a_dataset_needs_what_its_entry_names() -> None:
    settled = {dataset.name: dataset.needs for dataset in settings_needing(trades=["goods", "buyers"]).datasets}
    assert settled == {"trades": ("goods", "buyers"), "buyers": (), "goods": ()}


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"trades": ["byers"]},
        'sluice:datasets.trades.needs is ["byers"]: takes names of sluice:datasets, which lacks byers; it has '
        "buyers, goods, trades: add byers, or drop the name",
    ),
    (
        {"trades": ["buyers"], "buyers": ["goods"], "goods": ["trades"]},
        "sluice:datasets: takes needs that end somewhere, and ",
    ),
    ({"trades": ["trades"]}, "and trades needs trades: drop one of them"),
    ({"trades": "buyers"}, 'sluice:datasets.trades.needs is "buyers": takes a list of datasets'),
    ({"trades": [1]}, "sluice:datasets.trades.needs is [1]: takes a list of datasets"),
    ({"trades": ["goods", "goods"]}, 'needs is ["goods", "goods"]: takes each dataset once'),
]


@pytest.mark.parametrize(("needs", "message"), WRONG)
def test_wrong_needs_are_refused_by_their_path(needs: dict[str, Any], message: str) -> None:
    with pytest.raises(BadConfiguration, match=re.escape(message)):
        settings_needing(**needs)


def test_a_cycle_is_told_as_it_runs() -> None:
    with pytest.raises(BadConfiguration) as refused:
        settings_needing(trades=["buyers"], buyers=["goods"], goods=["trades"])
    match = re.search(r"and (\w+) needs (\w+), which needs (\w+), which needs (\w+): drop", str(refused.value))
    assert match is not None
    after = {"trades": "buyers", "buyers": "goods", "goods": "trades"}
    names = match.groups()
    assert [after[name] for name in names[:-1]] == list(names[1:])


def test_needs_are_no_value_of_the_whole_stack() -> None:
    with pytest.raises(BadConfiguration, match=r"sluice:needs is .*: takes nothing, no such key"):
        make_settings(needs='["buyers"]')


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the contracts and the transforms' names that the configuration is settled by."""
    shutil.copytree(LAKE / "expectations", tmp_path / "expectations")
    (tmp_path / "etl/datasets").mkdir(parents=True)
    for dataset in (*ALL_DATASETS, "trades_daily"):
        (tmp_path / f"etl/datasets/{dataset}.py").touch()
    monkeypatch.setattr("components.settings.stack_settings.load_contract", partial(load_contract, root=tmp_path))
    monkeypatch.setattr("components.settings.stack_settings.unresolved_names", partial(unresolved_names, root=tmp_path))
    return tmp_path


def test_a_contract_that_names_a_dataset_without_contracts_is_refused_with_the_likely_one(project: Path) -> None:
    suite = project / "expectations/trades/output.json"
    suite.write_text(suite.read_text().replace('"dataset": "buyers"', '"dataset": "byers"'))
    with pytest.raises(BadConfiguration) as refused:
        settings_needing()
    assert (
        "sluice:datasets.trades: takes contracts whose names are there, and expectations/trades/output.json: reference "
        "'known_customer' names dataset 'byers', and there is no expectations/byers/output.json; "
        "did you mean 'buyers'?"
    ) in str(refused.value)


def test_a_contract_that_names_what_is_not_the_whole_key_is_refused(project: Path) -> None:
    suite = project / "expectations/trades/output.json"
    suite.write_text(suite.read_text().replace('"key": "customer_id"', '"key": "country"'))
    with pytest.raises(BadConfiguration, match="which is not the whole key of buyers"):
        settings_needing()


def test_a_contract_that_names_a_dataset_which_the_stack_does_not_deploy_is_not_refused(project: Path) -> None:
    assert (project / "expectations/buyers").is_dir()
    assert [dataset.name for dataset in make_settings(datasets='{"trades": {}}').datasets] == ["trades"]


def test_a_dataset_without_a_transform_is_refused_before_anything_is_deployed(project: Path) -> None:
    (project / "etl/datasets/trades.py").unlink()
    with pytest.raises(BadConfiguration, match=r"a dataset with a transform, and etl/datasets/trades\.py is missing"):
        settings_needing()


def test_a_transform_that_is_named_and_not_there_is_refused_with_the_likely_one(project: Path) -> None:
    suite = project / "expectations/trades/output.json"
    suite.write_text(suite.read_text().replace('"key":', '"transform": "good", "key":', 1))
    with pytest.raises(BadConfiguration, match=r"good\.py is missing; did you mean 'goods'\?"):
        settings_needing()
    suite.write_text(suite.read_text().replace('"good"', '"goods"', 1))
    (project / "etl/datasets/trades.py").unlink()
    assert settings_needing()


def test_a_dataset_of_the_stack_without_contracts_is_refused_with_the_likely_one() -> None:
    with pytest.raises(BadConfiguration, match=r"expectations/trade/input\.json is missing; did you mean 'trades'\?"):
        make_settings(datasets='{"trade": {}}')


@pytest.mark.parametrize(
    ("switched", "gold"),
    [({"trades": True, "goods": False}, True), ({"trades": False, "goods": False}, False)],
)
def test_what_is_built_from_tables_is_as_active_as_its_sources(switched: dict[str, bool], gold: bool) -> None:
    """A flow that starts a source builds it too, and then the alarm for a run that never came has to be on."""
    sources = {"trades": (), "goods": (), "daily": ("trades", "goods"), "monthly": ("daily",)}
    active_before = {**switched, "daily": not gold, "monthly": not gold}
    assert needs.active_datasets(active_before, sources) == {**switched, "daily": gold, "monthly": gold}
