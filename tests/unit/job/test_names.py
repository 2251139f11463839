"""A name that a suite writes of another dataset is one that this dataset answers to."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etl.contract.faults import did_you_mean
from etl.contract.validation.cross_dataset import Publication, read_publications, unresolved_dataset_names
from tests.lake import LAKE

EXPECTATIONS = LAKE / "expectations"
SHIPPED = read_publications(EXPECTATIONS)
Suite = dict[str, Any]
Change = Callable[[Suite], object]
BUYERS = {"name": "known_customer", "column": "customer_id", "dataset": "buyers", "key": "customer_id"}


def load_shipped_suite(dataset: str, stage: str = "output") -> Suite:
    return json.loads((EXPECTATIONS / dataset / f"{stage}.json").read_text())


def unresolved_names(
    change: Change, dataset: str = "trades", stage: str = "output", **more_publications: Publication
) -> list[str]:
    suite = copy.deepcopy(load_shipped_suite(dataset, stage))
    change(suite)
    return [str(fault) for fault in unresolved_dataset_names(suite, {**SHIPPED, **more_publications})]


def change_reference(**changed: str) -> Change:
    return lambda suite: suite["meta"]["references"][0].update(changed)


def test_a_reference_to_rows_without_a_key_is_refused() -> None:
    [fault] = unresolved_names(lambda _: None, buyers=Publication(SHIPPED["buyers"].columns, ()))
    assert fault.endswith(
        "names buyers.customer_id, and rows of buyers have no key, so it may find one row or many; refer to a dataset whose "
        "key is one column, or give buyers a key"
    )


def test_every_name_in_the_shipped_suites_is_answered_to() -> None:
    assert sorted(SHIPPED) == ["buyers", "goods", "trades", "trades_daily"]
    for path in EXPECTATIONS.glob("*/*.json"):
        assert [*unresolved_dataset_names(json.loads(path.read_text()), SHIPPED)] == [], path


def test_a_reference_to_a_dataset_without_a_suite_is_a_fault_that_names_the_likely_one() -> None:
    (fault,) = unresolved_names(change_reference(dataset="byers"))
    assert fault == (
        "reference 'known_customer' names dataset 'byers', and there is no expectations/byers/output.json; "
        "did you mean 'buyers'? there are buyers, goods, trades, trades_daily; or write that suite first"
    )


def test_a_reference_to_a_column_that_is_not_published_is_a_fault_that_names_the_likely_one() -> None:
    (fault,) = unresolved_names(change_reference(key="custmer_id"))
    assert "names buyers.custmer_id, which buyers does not publish; did you mean 'customer_id'?" in fault


def test_a_reference_to_a_column_that_is_not_the_key_is_a_fault_that_names_the_key() -> None:
    (fault,) = unresolved_names(change_reference(key="country"))
    assert "buyers.country, which is not the whole key of buyers (customer_id)" in fault
    assert fault.endswith('write "key": "customer_id"')


def test_a_reference_to_a_part_of_a_key_is_a_fault() -> None:
    pair = Publication({"customer_id": "string", "country": "string"}, ("customer_id", "country"))
    (fault,) = unresolved_names(lambda suite: None, buyers=pair)
    assert "buyers.customer_id, which is not the whole key of buyers (customer_id, country)" in fault


def test_a_reference_to_a_key_of_another_type_is_a_fault() -> None:
    numbered = Publication({"customer_id": "bigint"}, ("customer_id",))
    (fault,) = unresolved_names(lambda suite: None, buyers=numbered)
    assert "holds string against buyers.customer_id, which is bigint" in fault


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda source: source.update(dataset="good"), "names dataset 'good', and there is no"),
        (lambda source: source["columns"].append("categry"), "names goods.categry, which goods does not publish"),
    ],
)
def test_a_source_that_nobody_publishes_is_a_fault(change: Callable[[Any], object], expected: str) -> None:
    (fault,) = unresolved_names(lambda suite: change(suite["meta"]["sources"][1]), "trades_daily", "input")
    assert expected in fault
    assert "did you mean '" in fault


@pytest.mark.parametrize(
    ("dataset", "keep_by", "expected"),
    [
        ("trades", "transaction_date", ""),
        (
            "trades",
            "region",
            "loses rows by the age of 'region' (its keep_days), so what is left of it are parts of days",
        ),
        ("goods", "name", "let goods keep its rows for ever"),
    ],
)
def test_a_source_whose_rows_leave_otherwise_than_by_its_day_is_a_fault(
    dataset: str, keep_by: str, expected: str
) -> None:
    kept = replace(SHIPPED[dataset], keep_by=keep_by)
    faults = unresolved_names(lambda _: None, "trades_daily", "input", **{dataset: kept})
    assert len(faults) == bool(expected)
    assert all(expected in fault for fault in faults)


def test_what_a_dataset_publishes_says_by_which_date_its_rows_leave(tmp_path: Path) -> None:
    suite = load_shipped_suite("trades")
    suite["meta"]["keep_days"] = {"column": "transaction_date", "days": 30}
    file = tmp_path / "trades" / "output.json"
    file.parent.mkdir()
    file.write_text(json.dumps(suite))
    assert read_publications(tmp_path)["trades"] == replace(SHIPPED["trades"], keep_by="transaction_date")


def test_a_source_whose_day_is_no_date_is_a_fault() -> None:
    (fault,) = unresolved_names(
        lambda suite: suite["meta"]["sources"][0].update(day="region"), dataset="trades_daily", stage="input"
    )
    assert "has day 'region', which is string there" in fault


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda sums: sums.update(dataset="sale"), "names dataset 'sale', and there is no"),
        (lambda sums: sums["by"].update(region="regio"), "names trades.regio, which trades does not publish"),
        (lambda sums: sums["sums"].update(units="quantty"), "names trades.quantty, which trades does not publish"),
        (lambda sums: sums["by"].update(region="*"), "names trades.*, which trades does not publish"),
    ],
)
def test_a_reconciliation_with_what_nobody_publishes_is_a_fault(change: Callable[[Any], object], expected: str) -> None:
    (fault,) = unresolved_names(lambda suite: change(suite["meta"]["reconciles"][0]), "trades_daily")
    assert expected in fault


def test_all_faults_come_at_once() -> None:
    unpublished = unresolved_names(
        lambda suite: [reference.update(dataset="nobody") for reference in suite["meta"]["references"]]
    )
    assert len(unpublished) == 2


@pytest.mark.parametrize("broken", [None, [], {}, {"meta": []}, {"meta": {"references": 1, "sources": [2]}}])
def test_what_is_no_suite_is_left_to_strict_loading(broken: Any) -> None:
    assert [*unresolved_dataset_names(broken, SHIPPED)] == []


def test_a_suite_that_cannot_be_read_is_no_fault_of_those_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "buyers").mkdir()
    (tmp_path / "buyers/output.json").write_text("{")
    readable = {**read_publications(tmp_path), "goods": SHIPPED["goods"]}
    assert [*unresolved_dataset_names(load_shipped_suite("trades"), readable)] == []


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("byers", "did you mean 'buyers'? "),
        ("Buyers", "did you mean 'buyers'? "),
        ("good", "did you mean 'goods'? "),
        ("zebra", ""),
        ("", ""),
        (7, ""),
    ],
)
def test_what_is_alike_is_asked_for(name: Any, likely: str) -> None:
    assert did_you_mean(name, SHIPPED) == likely
