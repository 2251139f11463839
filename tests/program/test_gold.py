"""A dataset that is built from tables reads these, has nothing of raw, and comes after what it is built from."""

import json

import pytest

from components.settings.config_reader import BadConfiguration
from sluice.program.graph import Graph
from tests.program.deployed import Deployed
from tests.program.test_references import ALLOWED_REQUESTS, REFUSED_REQUESTS, is_permitted, s3_ask
from tests.program.test_settings import make_settings

SOURCES = ("trades", "goods")
FILE_STATEMENTS = {"ListOwnRaw", "ReadOwnRaw", "ReadMended", "ListMended"}
OWN_RAW = {
    "read raw": s3_ask("GET", "raw", "{}/2027-01-01.csv"),
    "list raw": s3_ask("GET", "raw", "", list_type="2", prefix="{}/"),
}


@pytest.fixture
def daily(graph: Graph) -> Deployed:
    return Deployed(graph, "trades_daily")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("what", ALLOWED_REQUESTS)
def test_its_job_may(daily: Deployed, source: str, what: str) -> None:
    assert is_permitted(daily, ALLOWED_REQUESTS[what](daily, source))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("what", REFUSED_REQUESTS)
def test_its_job_may_not(daily: Deployed, source: str, what: str) -> None:
    assert not is_permitted(daily, REFUSED_REQUESTS[what](daily, source))


@pytest.mark.parametrize("what", {**ALLOWED_REQUESTS, **REFUSED_REQUESTS})
def test_what_it_is_not_built_from_is_closed_to_it(daily: Deployed, what: str) -> None:
    assert not is_permitted(daily, {**ALLOWED_REQUESTS, **REFUSED_REQUESTS}[what](daily, "buyers"))


@pytest.mark.parametrize("what", OWN_RAW)
def test_it_has_no_raw_of_its_own(graph: Graph, daily: Deployed, what: str) -> None:
    trades = Deployed(graph, "trades")
    assert is_permitted(trades, OWN_RAW[what](trades, "trades"))
    assert not is_permitted(daily, OWN_RAW[what](daily, "trades_daily"))
    assert not [argument for argument in daily.arguments if argument.startswith("--raw")]


def test_but_for_files_and_sources_its_job_may_what_that_of_files_may(graph: Graph, daily: Deployed) -> None:
    ids_of_files = Deployed(graph, "buyers").statement_ids
    assert ids_of_files >= FILE_STATEMENTS
    assert daily.statement_ids == (ids_of_files - FILE_STATEMENTS) | {"FindSources", "ReadSources"}


def test_it_needs_what_it_is_built_from_beside_what_its_entry_names() -> None:
    entries = {"trades": {}, "goods": {}, "buyers": {}, "trades_daily": {"needs": ["buyers"]}}
    [needs] = [
        dataset.needs
        for dataset in make_settings(datasets=json.dumps(entries)).datasets
        if dataset.name == "trades_daily"
    ]
    assert needs == ("buyers", "goods", "trades")


def test_a_stack_that_lacks_what_it_is_built_from_is_refused() -> None:
    with pytest.raises(BadConfiguration) as refused:
        make_settings(datasets=json.dumps({"trades": {}, "trades_daily": {}}))
    assert (
        "sluice:datasets.trades_daily: takes its sources too, and sluice:datasets lacks goods, which "
        "expectations/trades_daily/input.json reads; it has trades, trades_daily: add goods"
    ) in str(refused.value)


def test_a_source_that_needs_what_is_built_from_it_is_a_cycle() -> None:
    entries = {"trades": {"needs": ["trades_daily"]}, "goods": {}, "trades_daily": {}}
    with pytest.raises(BadConfiguration, match="sluice:datasets: takes needs that end somewhere, and "):
        make_settings(datasets=json.dumps(entries))
