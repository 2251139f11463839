"""A day that keeps both contracts of a dataset: as it came, and as it is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any

from etl.contract.model import Rule
from etl.contract.table_names import OBJECT
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import RULES, Row, add_broken_rules, judges_rows
from sluice.contracts.prove.raw_files import is_writable
from sluice.contracts.prove.valid_values import NoValidDay, Pools, pools_of, valid_values

FEWEST = 4  # rows of a day, so that copies and extremes have company
BLOCKS = 12  # days tried where a rule judges a column of the whole day


@dataclass(frozen=True)
class ValidDay:
    """Rows that keep both contracts, as they came and as they are published, and the values that were tried."""

    raw: list[Row]
    rows: list[Row]
    raw_pools: Pools
    pools: Pools


def find_valid_day(dataset: Dataset) -> ValidDay:
    """Find a day that the gate lets through at both stages.

    Raises:
        NoValidDay: none of those tried.
    """
    number = max(FEWEST, *(_fewest_rows(rule) for rule in dataset.rules))
    most = min([number, *(_most_rows(rule) for rule in dataset.rules)])
    raw_pools, pools = pools_of(dataset, 4 * number + 4)
    good = valid_values(dataset, raw_pools)
    blocks = list(_candidate_blocks(dataset, good, number))
    refusals: list[str] = []
    for raw, rows in _passing_rows(dataset, blocks, refusals):
        chosen = _distinct_rows(dataset, raw, rows)[:most]
        day = ValidDay([raw[index] for index in chosen], [rows[index] for index in chosen], raw_pools, pools)
        refused = [
            *dataset.input_bench.broken_results(
                dataset.input_bench.build_frame(day.raw), list(dataset.input_bench.contract.rules)
            ),
            *dataset.output_bench.broken_results(
                dataset.output_bench.build_frame(day.rows), list(dataset.output_bench.contract.rules)
            ),
        ]
        if not refused:
            return day
        refusals += refused
    refusing = ", ".join(sorted(set(refusals))) or "the transform, which kept no row"
    raise NoValidDay(f"no generated day keeps both contracts; it was refused by {refusing}")


def _candidate_blocks(dataset: Dataset, good: Pools, number: int) -> Iterator[list[Row]]:
    """Yield candidate days: first of all sorts of rows, then of rows alike but for keys and what must be of many kinds."""
    chance = Random(2)  # noqa: S311  the same days each time
    day_rules = [
        rule for rule in dataset.rules if not judges_rows(rule) and rule.type not in (*UNIQUE_TYPES, *ROW_COUNT_TYPES)
    ]
    keys = {name for rule in dataset.rules if rule.type in UNIQUE_TYPES for name in rule.columns}
    varied = keys | {
        name for rule in day_rules if "distinct" in rule.type or "unique" in rule.type for name in rule.columns
    }
    multi_column_rules = [rule for rule in dataset.rules if len(rule.columns) > 1 and rule.type not in UNIQUE_TYPES]
    led = {name for rule in dataset.rules if rule.type in UNIQUE_TYPES for name in rule.columns[:-1]}
    for block in range(BLOCKS if day_rules else 3):
        steady = {
            name: values[block % len(values)] for name, values in good.items() if block % 2 and name not in varied
        }
        # Every other pair of days tells rows apart by the last column of a key alone, so that the others may repeat.
        unique_columns = varied - led if block % 4 > 1 else varied
        sampled = {name: values[:2] if name in varied - unique_columns else values for name, values in good.items()}
        columns = {name: _draw_values(values, name in unique_columns, chance) for name, values in sampled.items()}
        rows = [{name: next(column) for name, column in columns.items()} | steady for _ in range(8 * number)]
        yield [_align_values(row, multi_column_rules, good, chance) if chance.random() < 0.3 else row for row in rows]


def _draw_values(values: list[Any], in_turn: bool, chance: Random) -> Iterator[Any]:
    """Yield a column's values without end: a key's in turn, others by chance, the first ones more often."""
    if in_turn:
        yield from cycle(values)
    while True:
        yield chance.choice(values[: chance.randint(1, len(values))])


def _align_values(row: Row, multi_column_rules: list[Rule], good: Pools, chance: Random) -> Row:
    """Give columns that a rule compares one of its pairs or the same value, where they can have it."""
    for rule in multi_column_rules:
        pools = [{str(value): value for value in good.get(name, ())} for name in rule.columns]
        pairs = rule.kwargs.get("value_pairs_set") or [[value] * len(pools) for value in pools[0]]
        fitting = [pair for pair in pairs if all(str(entry) in pool for entry, pool in zip(pair, pools, strict=True))]
        if fitting:
            values = zip(rule.columns, chance.choice(fitting), pools, strict=True)
            row = row | {name: pool[str(entry)] for name, entry, pool in values}
    return row


def _passing_rows(
    dataset: Dataset, blocks: list[list[Row]], refusals: list[str]
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield of each block the rows that break no row rule at either stage, raw and published."""
    rows = [row for block in blocks for row in block]
    broken = dataset.input_marks(rows)
    written = dataset.input_bench.contract
    sound = [index for index, row in enumerate(rows) if not broken[index] and is_writable(row, written)]
    refusals += [rule for index in range(len(rows)) for rule in broken[index]] if not sound else []
    frame = dataset.input_bench.build_frame([rows[index] for index in sound])
    published = dataset.transform(dataset.type_shared_columns(frame))
    published_rows = add_broken_rules(published, dataset.output_bench.conditions).collect()
    rows_by_index: dict[int, Row] = {}
    for row in published_rows:
        rows_by_index[sound[int(row[OBJECT])]] = row.asDict()
    refusals += (
        [rule for row in published_rows for rule in row[RULES]] if all(row[RULES] for row in published_rows) else []
    )
    starts = iter(range(len(rows)))
    for block in blocks:
        places = [
            index for index in islice(starts, len(block)) if index in rows_by_index and not rows_by_index[index][RULES]
        ]
        if places:
            yield [rows[index] for index in places], [rows_by_index[index] for index in places]


def _distinct_rows(dataset: Dataset, raw: list[Row], rows: list[Row]) -> list[int]:
    """Return the places of rows that share no value that must be unique."""
    taken_values: set[tuple[Any, ...]] = set()
    chosen: list[int] = []
    for index in range(len(raw)):
        values = [
            (rule.rule, *(row[name] for name in rule.columns))
            for bench, row in ((dataset.input_bench, raw[index]), (dataset.output_bench, rows[index]))
            for rule in bench.contract.rules
            if rule.type in UNIQUE_TYPES
        ]
        if not taken_values & set(values):
            chosen.append(index)
            taken_values |= set(values)
    return chosen


def _fewest_rows(rule: Rule) -> int:
    if rule.type not in ROW_COUNT_TYPES:
        return len(rule.kwargs.get("value_set", ())) if "distinct" in rule.type else 0
    least = rule.kwargs.get("value", rule.kwargs.get("min_value")) or 0
    return least + bool(rule.kwargs.get("strict_min"))


def _most_rows(rule: Rule) -> int:
    if rule.type not in ROW_COUNT_TYPES:
        return 1 << 30
    most = rule.kwargs.get("value", rule.kwargs.get("max_value"))
    return 1 << 30 if most is None else most - bool(rule.kwargs.get("strict_max"))
