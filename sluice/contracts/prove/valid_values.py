"""The values worth trying of each column, and those of them that break no rule about their column."""

from typing import Any

from etl.contract.model import Contract, Rule
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import judges_rows, marked
from sluice.contracts.prove.values import in_text, mentions, pool

Pools = dict[str, list[Any]]
# Rules about the whole day that say of each value whether it may be.
CLOSED = ("expect_column_distinct_values_to_be_in_set", "expect_column_distinct_values_to_equal_set")


class NoValidDay(Exception):
    """No generated day keeps both contracts; the message says which rules refused what was tried."""


def pools_of(dataset: Dataset, number: int) -> tuple[Pools, Pools]:
    """Return values to try of the raw and of the published columns, about `number` of each and a null."""
    given, published = dataset.given.contract, dataset.published.contract
    pools = {column.name: _pool(published, column.name, column.type, dataset, number) for column in published.columns}
    raw = {column.name: _pool(given, column.name, column.type, dataset, number) for column in given.columns}
    types = {column.name: column.type for column in published.columns}
    for column in given.columns:
        if column.name in types:
            same = column.type == types[column.name]
            more = pools[column.name] if same else in_text(types[column.name], pools[column.name])
            raw[column.name] = list(dict.fromkeys([*more, *raw[column.name]]))
    return raw, pools


def _pool(contract: Contract, name: str, declared: str, dataset: Dataset, number: int) -> list[Any]:
    rules = [rule for rule in contract.rules if mentions(rule, name)]
    return pool(declared, rules, dataset.given.parameters, number)


def good_of(dataset: Dataset, pools: Pools) -> Pools:
    """Return the values of each raw column that break no rule about this column alone, nulls only where nothing else."""
    longest = max(map(len, pools.values()))
    tall = [{name: values[at % len(values)] for name, values in pools.items()} for at in range(longest)]
    raw = dataset.input_marks(tall)
    frame = dataset.shared(dataset.given.frame(tall))
    alone = {rule.rule for rule in dataset.published.row_rules if _alone(rule, set(frame.columns))}
    conditions = dataset.published.conditions
    typed_rows = marked(frame, {rule: column for rule, column in conditions.items() if rule in alone})
    about = {rule.rule: rule.columns[0] for rule in dataset.rules if _alone(rule, set(pools))}
    about |= {rule: column for rule, (column, _) in dataset.structure().items() if column in pools}
    closed = {rule.columns[0]: set(map(str, rule.kwargs["value_set"])) for rule in dataset.rules if rule.type in CLOSED}
    good: Pools = {}
    for name, values in pools.items():
        bad = {at for at in range(longest) for rule in raw[at] | typed_rows[at] if about.get(rule) == name}
        kept = [value for at, value in enumerate(values) if at not in bad]
        kept = [value for value in kept if name not in closed or str(value) in closed[name]]
        good[name] = [value for value in kept if value is not None and _is_clean(value)] or kept
        if not good[name]:
            refused = sorted({rule for at in bad for rule in raw[at] | typed_rows[at] if about.get(rule) == name})
            raise NoValidDay(f"no generated value of column {name!r} keeps all of {', '.join(refused)}")
    return good


def _is_clean(value: Any) -> bool:
    return not isinstance(value, str) or (value.isprintable() and value.strip() == value != "")


def _alone(rule: Rule, columns: set[str]) -> bool:
    whole = rule.kwargs.get("row_condition") is None
    return judges_rows(rule) and len(rule.columns) == 1 and rule.columns[0] in columns and whole
