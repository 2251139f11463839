"""The values worth trying of each column, and those of them that break no rule about their column."""

from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import broken_by_row, judges_rows
from sluice.contracts.prove.raw_files import has_text
from sluice.contracts.prove.values import mentions_column, raw_texts, value_pool

Pools = dict[str, list[Any]]
# Rules about the whole day that say of each value whether it may be.
CLOSED = ("expect_column_distinct_values_to_be_in_set", "expect_column_distinct_values_to_equal_set")


class NoValidDay(Exception):
    """No generated day keeps both contracts; the message says which rules refused what was tried."""


def pools_of(dataset: Dataset, number: int) -> tuple[Pools, Pools]:
    """Return values to try of the raw and of the published columns, about `number` of each and a null."""
    input_contract, published = dataset.input_bench.contract, dataset.output_bench.contract
    pools = {
        column.name: _column_pool(published, column.name, column.type, dataset, number) for column in published.columns
    }
    raw = {
        column.name: _column_pool(input_contract, column.name, column.type, dataset, number)
        for column in input_contract.columns
    }
    types = {column.name: column.type for column in published.columns}
    for column in input_contract.columns:
        if column.name in types:
            if column.type == types[column.name]:
                shared_values = pools[column.name]
            elif column.type.is_text:
                shared_values = raw_texts(types[column.name], pools[column.name])
            else:  # values of its own type, by the rules of the output
                shared_values = _column_pool(published, column.name, column.type, dataset, number)
            raw[column.name] = list(dict.fromkeys([*shared_values, *raw[column.name]]))
    writable = {
        column.name: [value for value in raw[column.name] if has_text(value, column, input_contract)]
        for column in input_contract.input_columns
    }
    return writable, pools


def _column_pool(contract: Contract, name: str, declared: ColumnType, dataset: Dataset, number: int) -> list[Any]:
    rules = [rule for rule in contract.rules if mentions_column(rule, name)]
    return value_pool(declared, rules, dataset.input_bench.parameters, number, name)


def valid_values(dataset: Dataset, pools: Pools) -> Pools:
    """Return the values of each raw column that break no rule about this column alone, nulls only where nothing else."""
    longest = max(map(len, pools.values()))
    rows = [{name: values[index % len(values)] for name, values in pools.items()} for index in range(longest)]
    raw = dataset.input_marks(rows)
    frame = dataset.type_shared_columns(dataset.input_bench.build_frame(rows))
    alone = {rule.rule for rule in dataset.output_bench.row_rules if _judges_alone(rule, set(frame.columns))}
    conditions = dataset.output_bench.conditions
    typed_rows = broken_by_row(frame, {rule: column for rule, column in conditions.items() if rule in alone})
    about = {rule.rule: rule.roots[0] for rule in dataset.rules if _judges_alone(rule, set(pools))}
    about |= {rule: column for rule, (column, _) in dataset.structure_marks().items() if column in pools}
    closed = {rule.columns[0]: set(map(str, rule.kwargs["value_set"])) for rule in dataset.rules if rule.type in CLOSED}
    valid: Pools = {}
    for name, values in pools.items():
        bad = {index for index in range(longest) for rule in raw[index] | typed_rows[index] if about.get(rule) == name}
        good_values = [value for index, value in enumerate(values) if index not in bad]
        good_values = [value for value in good_values if name not in closed or str(value) in closed[name]]
        valid[name] = [value for value in good_values if value is not None and _is_clean(value)] or good_values
        if not valid[name]:
            refused = sorted(
                {rule for index in bad for rule in raw[index] | typed_rows[index] if about.get(rule) == name}
            )
            raise NoValidDay(f"no generated value of column {name!r} keeps all of {', '.join(refused)}")
    return valid


def _is_clean(value: Any) -> bool:
    return not isinstance(value, str) or (value.isprintable() and value.strip() == value != "")


def _judges_alone(rule: Rule, columns: set[str]) -> bool:
    is_unconditional = rule.kwargs.get("row_condition") is None
    return judges_rows(rule) and len(rule.roots) == 1 and rule.roots[0] in columns and is_unconditional
