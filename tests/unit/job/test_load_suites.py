"""The tests' own trades are sound under each load."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from etl.contract.loading import parse_contract
from etl.contract.validation.pair import find_disagreements
from tests.lake.loads import CHANGES, CHANGES_HEADER, FOLDERS, SNAPSHOT, trades_suites


@pytest.mark.parametrize("load", ["append", "upsert", SNAPSHOT, FOLDERS, CHANGES])
def test_the_suites_of_trades_agree_under_each_load(load: str | Mapping[str, Any]) -> None:
    suites = trades_suites(load)
    read, published = (parse_contract(json.dumps(suites[stage]), stage) for stage in ("input", "output"))
    assert [*find_disagreements(read, published)] == []
    assert published.loading.kind == (load if isinstance(load, str) else load["kind"])
    if load is CHANGES:
        assert ",".join(read.names) == CHANGES_HEADER
