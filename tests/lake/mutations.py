"""Ways to change a shipped suite, for tests that refuse the result."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.contract.model import load
from etl.errors import ContractInvalid

ROOT = Path(__file__).resolve().parents[2]
SALES = {stage: json.loads((ROOT / f"expectations/sales/{stage}.json").read_text()) for stage in ("input", "output")}
Suite = dict[str, Any]
Change = Callable[[Suite], object]
QUANTITY, REGION = "sales.quantity.range", "sales.region.published"
DATE, KEY, ROWS = "sales.transaction_date.not_future", "sales.transaction_id.unique", "sales.output.rows"


def rule(suite: Suite, name: str) -> Suite:
    return next(one for one in suite["expectations"] if one["meta"]["rule"] == name)


def kwargs(name: str, **changed: Any) -> Change:
    """Change arguments of the output's rule; None drops one."""

    def change(suite: Suite) -> None:
        found = rule(suite, name)["kwargs"]
        found.update(changed)
        for argument in [argument for argument, value in changed.items() if value is None]:
            del found[argument]

    return change


def field(name: str, **changed: Any) -> Change:
    return lambda suite: rule(suite, name).update(changed)


def meta_of(name: str, **changed: Any) -> Change:
    return lambda suite: rule(suite, name)["meta"].update(changed)


def meta(**changed: Any) -> Change:
    return lambda suite: suite["meta"].update(changed)


def column(index: int, **changed: Any) -> Change:
    return lambda suite: suite["meta"]["columns"][index].update(changed)


def without(*path: Any) -> Change:
    def drop(suite: Suite) -> None:
        holder = suite
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]

    return drop


def dropped(name: str) -> Change:
    return lambda suite: suite["expectations"].remove(rule(suite, name))


def twice(name: str) -> Change:
    return lambda suite: suite["expectations"].append(rule(suite, name))


def other(name: str, kind: str, **arguments: Any) -> Change:
    return lambda suite: rule(suite, name).update(type=kind, kwargs=arguments)


def refusal(change: Change) -> list[str]:
    """Change the shipped sales output and return the lines that refuse it, each of which names the file."""
    suite = copy.deepcopy(SALES["output"])
    change(suite)
    with pytest.raises(ContractInvalid) as refused:
        load(json.dumps(suite), "sales/output.json")
    lines = str(refused.value).splitlines()
    assert all(line.startswith("sales/output.json: ") for line in lines)
    return lines
