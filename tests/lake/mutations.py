"""Ways to change a shipped suite, for tests that refuse the result."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.contract.loading import parse_contract
from etl.errors import ContractInvalid
from tests.lake import LAKE

ROOT = Path(__file__).resolve().parents[2]
TRADES = {stage: json.loads((LAKE / f"expectations/trades/{stage}.json").read_text()) for stage in ("input", "output")}
Suite = dict[str, Any]
Change = Callable[[Suite], object]
QUANTITY, REGION = "trades.quantity.range", "trades.region.published"
DATE, KEY, ROWS = "trades.transaction_date.not_future", "trades.transaction_id.unique", "trades.output.rows"


def find_rule(suite: Suite, name: str) -> Suite:
    return next(expectation for expectation in suite["expectations"] if expectation["meta"]["rule"] == name)


def change_kwargs(name: str, **changed: Any) -> Change:
    """Change arguments of the output's rule; None drops one."""

    def update_kwargs(suite: Suite) -> None:
        rule_kwargs = find_rule(suite, name)["kwargs"]
        rule_kwargs.update(changed)
        for argument in [argument for argument, value in changed.items() if value is None]:
            del rule_kwargs[argument]

    return update_kwargs


def change_field(name: str, **changed: Any) -> Change:
    return lambda suite: find_rule(suite, name).update(changed)


def change_rule_meta(name: str, **changed: Any) -> Change:
    return lambda suite: find_rule(suite, name)["meta"].update(changed)


def change_meta(**changed: Any) -> Change:
    return lambda suite: suite["meta"].update(changed)


def change_column(index: int, **changed: Any) -> Change:
    return lambda suite: suite["meta"]["columns"][index].update(changed)


def remove_path(*path: Any) -> Change:
    def delete_path(suite: Suite) -> None:
        holder = suite
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]

    return delete_path


def drop_rule(name: str) -> Change:
    return lambda suite: suite["expectations"].remove(find_rule(suite, name))


def repeat_rule(name: str) -> Change:
    return lambda suite: suite["expectations"].append(find_rule(suite, name))


def replace_rule(name: str, kind: str, **arguments: Any) -> Change:
    return lambda suite: find_rule(suite, name).update(type=kind, kwargs=arguments)


def refusal_lines(change: Change) -> list[str]:
    """Change the shipped trades output and return the lines that refuse it, each of which names the file."""
    suite = copy.deepcopy(TRADES["output"])
    change(suite)
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(json.dumps(suite), "trades/output.json")
    lines = str(refused.value).splitlines()
    assert all(line.startswith("trades/output.json: ") for line in lines)
    return lines
