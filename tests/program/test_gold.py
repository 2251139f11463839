"""A dataset that is built from tables reads these, has nothing of raw, and comes after what it is built from."""

import json

import pytest

from components.settings.config_reader import BadConfiguration
from sluice.program.graph import Graph
from tests.program.deployed import Deployed
from tests.program.test_references import MAY, MAY_NOT, permits, s3
from tests.program.test_settings import of

SOURCES = ("sales", "products")
OF_FILES = {"ListOwnRaw", "ReadOwnRaw", "ReadMended", "ListMended"}
OWN_RAW = {
    "read raw": s3("GET", "raw", "{}/2027-01-01.csv"),
    "list raw": s3("GET", "raw", "", list_type="2", prefix="{}/"),
}


@pytest.fixture
def daily(graph: Graph) -> Deployed:
    return Deployed(graph, "sales_daily")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("what", MAY)
def test_its_job_may(daily: Deployed, source: str, what: str) -> None:
    assert permits(daily, MAY[what](daily, source))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("what", MAY_NOT)
def test_its_job_may_not(daily: Deployed, source: str, what: str) -> None:
    assert not permits(daily, MAY_NOT[what](daily, source))


@pytest.mark.parametrize("what", {**MAY, **MAY_NOT})
def test_what_it_is_not_built_from_is_closed_to_it(daily: Deployed, what: str) -> None:
    assert not permits(daily, {**MAY, **MAY_NOT}[what](daily, "customers"))


@pytest.mark.parametrize("what", OWN_RAW)
def test_it_has_no_raw_of_its_own(graph: Graph, daily: Deployed, what: str) -> None:
    sales = Deployed(graph, "sales")
    assert permits(sales, OWN_RAW[what](sales, "sales"))
    assert not permits(daily, OWN_RAW[what](daily, "sales_daily"))
    assert not [word for word in daily.arguments if word.startswith("--raw")]


def test_but_for_files_and_sources_its_job_may_what_that_of_files_may(graph: Graph, daily: Deployed) -> None:
    others = Deployed(graph, "customers").sids
    assert others >= OF_FILES
    assert daily.sids == (others - OF_FILES) | {"FindSources", "ReadSources"}


def test_it_needs_what_it_is_built_from_beside_what_its_entry_names() -> None:
    entries = {"sales": {}, "products": {}, "customers": {}, "sales_daily": {"needs": ["customers"]}}
    [needs] = [one.needs for one in of(datasets=json.dumps(entries)).datasets if one.name == "sales_daily"]
    assert needs == ("customers", "products", "sales")


def test_a_stack_that_lacks_what_it_is_built_from_is_refused() -> None:
    with pytest.raises(BadConfiguration) as refused:
        of(datasets=json.dumps({"sales": {}, "sales_daily": {}}))
    assert (
        "sluice:datasets.sales_daily: takes its sources too, and sluice:datasets lacks products, which "
        "expectations/sales_daily/input.json reads; it has sales, sales_daily: add products"
    ) in str(refused.value)


def test_a_source_that_needs_what_is_built_from_it_is_a_cycle() -> None:
    entries = {"sales": {"needs": ["sales_daily"]}, "products": {}, "sales_daily": {}}
    with pytest.raises(BadConfiguration, match="sluice:datasets: takes needs that end somewhere, and "):
        of(datasets=json.dumps(entries))
