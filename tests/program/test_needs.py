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
from components.settings.lake_folder import ROOT
from components.settings.stack_settings import Settings
from tests.program.test_settings import make_settings

ALL_DATASETS = {"sales": {}, "customers": {}, "products": {}}


def settings_needing(**entries: list[str]) -> Settings:
    return make_settings(
        datasets=json.dumps({**ALL_DATASETS, **{name: {"needs": names} for name, names in entries.items()}})
    )


def test_a_dataset_needs_what_its_entry_names() -> None:
    settled = {dataset.name: dataset.needs for dataset in settings_needing(sales=["products", "customers"]).datasets}
    assert settled == {"sales": ("products", "customers"), "customers": (), "products": ()}


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"sales": ["custmers"]},
        'sluice:datasets.sales.needs is ["custmers"]: takes names of sluice:datasets, which lacks custmers; it has '
        "customers, products, sales: add custmers, or drop the name",
    ),
    (
        {"sales": ["customers"], "customers": ["products"], "products": ["sales"]},
        "sluice:datasets: takes needs that end somewhere, and ",
    ),
    ({"sales": ["sales"]}, "and sales needs sales: drop one of them"),
    ({"sales": "customers"}, 'sluice:datasets.sales.needs is "customers": takes a list of datasets'),
    ({"sales": [1]}, "sluice:datasets.sales.needs is [1]: takes a list of datasets"),
    ({"sales": ["products", "products"]}, 'needs is ["products", "products"]: takes each dataset once'),
]


@pytest.mark.parametrize(("needs", "message"), WRONG)
def test_wrong_needs_are_refused_by_their_path(needs: dict[str, Any], message: str) -> None:
    with pytest.raises(BadConfiguration, match=re.escape(message)):
        settings_needing(**needs)


def test_a_cycle_is_told_as_it_runs() -> None:
    with pytest.raises(BadConfiguration) as refused:
        settings_needing(sales=["customers"], customers=["products"], products=["sales"])
    match = re.search(r"and (\w+) needs (\w+), which needs (\w+), which needs (\w+): drop", str(refused.value))
    assert match is not None
    after = {"sales": "customers", "customers": "products", "products": "sales"}
    names = match.groups()
    assert [after[name] for name in names[:-1]] == list(names[1:])


def test_needs_are_no_value_of_the_whole_stack() -> None:
    with pytest.raises(BadConfiguration, match=r"sluice:needs is .*: takes nothing, no such key"):
        make_settings(needs='["customers"]')


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the contracts and the transforms' names that the configuration is settled by."""
    shutil.copytree(ROOT / "expectations", tmp_path / "expectations")
    (tmp_path / "etl/datasets").mkdir(parents=True)
    for dataset in (*ALL_DATASETS, "sales_daily"):
        (tmp_path / f"etl/datasets/{dataset}.py").touch()
    monkeypatch.setattr("components.settings.stack_settings.load_contract", partial(load_contract, root=tmp_path))
    monkeypatch.setattr("components.settings.stack_settings.unresolved_names", partial(unresolved_names, root=tmp_path))
    return tmp_path


def test_a_contract_that_names_a_dataset_without_contracts_is_refused_with_the_likely_one(project: Path) -> None:
    suite = project / "expectations/sales/output.json"
    suite.write_text(suite.read_text().replace('"dataset": "customers"', '"dataset": "custmers"'))
    with pytest.raises(BadConfiguration) as refused:
        settings_needing()
    assert (
        "sluice:datasets.sales: takes contracts whose names are there, and expectations/sales/output.json: reference "
        "'known_customer' names dataset 'custmers', and there is no expectations/custmers/output.json; "
        "did you mean 'customers'?"
    ) in str(refused.value)


def test_a_contract_that_names_what_is_not_the_whole_key_is_refused(project: Path) -> None:
    suite = project / "expectations/sales/output.json"
    suite.write_text(suite.read_text().replace('"key": "customer_id"', '"key": "country"'))
    with pytest.raises(BadConfiguration, match="which is not the whole key of customers"):
        settings_needing()


def test_a_contract_that_names_a_dataset_which_the_stack_does_not_deploy_is_not_refused(project: Path) -> None:
    assert (project / "expectations/customers").is_dir()
    assert [dataset.name for dataset in make_settings(datasets='{"sales": {}}').datasets] == ["sales"]


def test_a_dataset_without_a_transform_is_refused_before_anything_is_deployed(project: Path) -> None:
    (project / "etl/datasets/sales.py").unlink()
    with pytest.raises(BadConfiguration, match=r"a dataset with a transform, and etl/datasets/sales\.py is missing"):
        settings_needing()


def test_a_transform_that_is_named_and_not_there_is_refused_with_the_likely_one(project: Path) -> None:
    suite = project / "expectations/sales/output.json"
    suite.write_text(suite.read_text().replace('"key":', '"transform": "product", "key":', 1))
    with pytest.raises(BadConfiguration, match=r"product\.py is missing; did you mean 'products'\?"):
        settings_needing()
    suite.write_text(suite.read_text().replace('"product"', '"products"', 1))
    (project / "etl/datasets/sales.py").unlink()
    assert settings_needing()


def test_a_dataset_of_the_stack_without_contracts_is_refused_with_the_likely_one() -> None:
    with pytest.raises(BadConfiguration, match=r"expectations/sale/input\.json is missing; did you mean 'sales'\?"):
        make_settings(datasets='{"sale": {}}')


@pytest.mark.parametrize(
    ("switched", "gold"),
    [({"sales": True, "products": False}, True), ({"sales": False, "products": False}, False)],
)
def test_what_is_built_from_tables_is_as_active_as_its_sources(switched: dict[str, bool], gold: bool) -> None:
    """A flow that starts a source builds it too, and then the alarm for a run that never came has to be on."""
    sources = {"sales": (), "products": (), "daily": ("sales", "products"), "monthly": ("daily",)}
    active_before = {**switched, "daily": not gold, "monthly": not gold}
    assert needs.active_datasets(active_before, sources) == {**switched, "daily": gold, "monthly": gold}
