"""What a dataset needs before it is named in the configuration; a name that is none, and a cycle, are refused."""

import json
import re
from typing import Any

import pytest

from components.answers import BadConfiguration
from components.settings import Settings
from tests.program.test_settings import of

EVERY = {"sales": {}, "customers": {}, "products": {}}


def needing(**needs: list[str]) -> Settings:
    return of(datasets=json.dumps({**EVERY, **{name: {"needs": names} for name, names in needs.items()}}))


def test_a_dataset_needs_what_its_entry_names() -> None:
    settled = {one.name: one.needs for one in needing(sales=["products", "customers"]).datasets}
    assert settled == {"sales": ("products", "customers"), "customers": (), "products": ()}


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"sales": ["custmers"]},
        'sluice:datasets.sales.needs is ["custmers"]: takes names of sluice:datasets, which lacks custmers; it has sales, '
        "customers, products: add custmers, or drop the name",
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
        needing(**needs)


def test_a_cycle_is_told_as_it_runs() -> None:
    with pytest.raises(BadConfiguration) as refused:
        needing(sales=["customers"], customers=["products"], products=["sales"])
    told = re.search(r"and (\w+) needs (\w+), which needs (\w+), which needs (\w+): drop", str(refused.value))
    assert told is not None
    after = {"sales": "customers", "customers": "products", "products": "sales"}
    names = told.groups()
    assert [after[name] for name in names[:-1]] == list(names[1:])


def test_needs_are_no_value_of_the_whole_stack() -> None:
    with pytest.raises(BadConfiguration, match=r"sluice:needs is .*: takes nothing, no such key"):
        of(needs='["customers"]')
