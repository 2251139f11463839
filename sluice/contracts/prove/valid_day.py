"""A day that keeps both contracts of a dataset: as it came, and as it is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any

from etl.contract.model import Rule
from etl.contract.table_names import OBJECT
from etl.contract.vocabulary import ROW_COUNT, UNIQUE
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import RULES, Row, judges_rows, with_marks
from sluice.contracts.prove.valid_values import NoValidDay, Pools, good_of, pools_of

FEWEST = 4  # rows of a day, so that copies and extremes have company
BLOCKS = 12  # days tried where a rule judges a column of the whole day


@dataclass(frozen=True)
class ValidDay:
    """Rows that keep both contracts, as they came and as they are published, and the values that were tried."""

    raw: list[Row]
    rows: list[Row]
    raw_pools: Pools
    pools: Pools


def valid_day(dataset: Dataset) -> ValidDay:
    """Find a day that the gate lets through at both stages.

    Raises:
        NoValidDay: none of those tried.
    """
    number = max(FEWEST, *(_fewest(rule) for rule in dataset.rules))
    most = min([number, *(_most(rule) for rule in dataset.rules)])
    raw_pools, pools = pools_of(dataset, 4 * number + 4)
    good = good_of(dataset, raw_pools)
    blocks = list(_blocks(dataset, good, number))
    refusals: list[str] = []
    for raw, rows in _passing(dataset, blocks, refusals):
        chosen = _distinct(dataset, raw, rows)[:most]
        day = ValidDay([raw[at] for at in chosen], [rows[at] for at in chosen], raw_pools, pools)
        refused = [
            *dataset.given.reported(dataset.given.frame(day.raw), list(dataset.given.contract.rules)),
            *dataset.published.reported(dataset.published.frame(day.rows), list(dataset.published.contract.rules)),
        ]
        if not refused:
            return day
        refusals += refused
    told = ", ".join(sorted(set(refusals))) or "the transform, which kept no row"
    raise NoValidDay(f"no generated day keeps both contracts; it was refused by {told}")


def _blocks(dataset: Dataset, good: Pools, number: int) -> Iterator[list[Row]]:
    """Yield candidate days: first of all sorts of rows, then of rows alike but for keys and what must be of many kinds."""
    chance = Random(2)  # noqa: S311  the same days each time
    whole = [rule for rule in dataset.rules if not judges_rows(rule) and rule.type not in (*UNIQUE, *ROW_COUNT)]
    keys = {name for rule in dataset.rules if rule.type in UNIQUE for name in rule.columns}
    many = keys | {name for rule in whole if "distinct" in rule.type or "unique" in rule.type for name in rule.columns}
    several = [rule for rule in dataset.rules if len(rule.columns) > 1 and rule.type not in UNIQUE]
    led = {name for rule in dataset.rules if rule.type in UNIQUE for name in rule.columns[:-1]}
    for block in range(BLOCKS if whole else 3):
        steady = {name: values[block % len(values)] for name, values in good.items() if block % 2 and name not in many}
        # Every other pair of days tells rows apart by the last column of a key alone, so that the others may repeat.
        once = many - led if block % 4 > 1 else many
        few = {name: values[:2] if name in many - once else values for name, values in good.items()}
        columns = {name: _drawn(values, name in once, chance) for name, values in few.items()}
        rows = [{name: next(column) for name, column in columns.items()} | steady for _ in range(8 * number)]
        yield [_alike(row, several, good, chance) if chance.random() < 0.3 else row for row in rows]


def _drawn(values: list[Any], once: bool, chance: Random) -> Iterator[Any]:
    """Yield a column's values without end: a key's in turn, others by chance, the first ones more often."""
    if once:
        yield from cycle(values)
    while True:
        yield chance.choice(values[: chance.randint(1, len(values))])


def _alike(row: Row, several: list[Rule], good: Pools, chance: Random) -> Row:
    """Give columns that a rule compares one of its pairs or the same value, where they can have it."""
    for rule in several:
        pools = [{str(value): value for value in good.get(name, ())} for name in rule.columns]
        pairs = rule.kwargs.get("value_pairs_set") or [[value] * len(pools) for value in pools[0]]
        fitting = [pair for pair in pairs if all(str(one) in pool for one, pool in zip(pair, pools, strict=True))]
        if fitting:
            values = zip(rule.columns, chance.choice(fitting), pools, strict=True)
            row = row | {name: pool[str(one)] for name, one, pool in values}
    return row


def _passing(dataset: Dataset, blocks: list[list[Row]], refusals: list[str]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield of each block the rows that break no row rule at either stage, raw and published."""
    rows = [row for block in blocks for row in block]
    broken = dataset.input_marks(rows)
    sound = [at for at in range(len(rows)) if not broken[at]]
    refusals += [rule for at in range(len(rows)) for rule in broken[at]] if not sound else []
    frame = dataset.given.frame([rows[at] for at in sound])
    published = dataset.transform(dataset.shared(frame))
    found = with_marks(published, dataset.published.conditions).collect()
    made: dict[int, Row] = {}
    for row in found:
        made[sound[int(row[OBJECT])]] = row.asDict()
    refusals += [rule for row in found for rule in row[RULES]] if all(row[RULES] for row in found) else []
    starts = iter(range(len(rows)))
    for block in blocks:
        places = [at for at in islice(starts, len(block)) if at in made and not made[at][RULES]]
        if places:
            yield [rows[at] for at in places], [made[at] for at in places]


def _distinct(dataset: Dataset, raw: list[Row], rows: list[Row]) -> list[int]:
    """Return the places of rows that share no value that must be unique."""
    seen: set[tuple[Any, ...]] = set()
    chosen: list[int] = []
    for at in range(len(raw)):
        values = [
            (rule.rule, *(row[name] for name in rule.columns))
            for bench, row in ((dataset.given, raw[at]), (dataset.published, rows[at]))
            for rule in bench.contract.rules
            if rule.type in UNIQUE
        ]
        if not seen & set(values):
            chosen.append(at)
            seen |= set(values)
    return chosen


def _fewest(rule: Rule) -> int:
    if rule.type not in ROW_COUNT:
        return len(rule.kwargs.get("value_set", ())) if "distinct" in rule.type else 0
    least = rule.kwargs.get("value", rule.kwargs.get("min_value")) or 0
    return least + bool(rule.kwargs.get("strict_min"))


def _most(rule: Rule) -> int:
    if rule.type not in ROW_COUNT:
        return 1 << 30
    most = rule.kwargs.get("value", rule.kwargs.get("max_value"))
    return 1 << 30 if most is None else most - bool(rule.kwargs.get("strict_max"))
