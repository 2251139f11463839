"""The columns that tell one row of a sample from another, or are nearest to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

import pyarrow as pa

from sluice.contracts.profile.column import Column
from sluice.contracts.profile.sample import Sample

IDENTIFIER = re.compile(r"(^|[^a-z])(id|key|code|number|no|nr|uuid|guid)$|[a-z](ID|Id|Key)$", re.IGNORECASE)
RANK = {"string": 0, "int": 0, "bigint": 0, "date": 1}
MOST_COLUMNS = 3
MOST_TRIED = 60  # combinations of columns that are counted before the nearest is taken


@dataclass(frozen=True)
class Key:
    """Columns of a sample, and how many of its rows they tell apart."""

    columns: tuple[str, ...]
    different: int


def key_of(sample: Sample, columns: list[Column]) -> Key:
    """Return the fewest columns without nulls that no two rows share; where there are none, those that come nearest."""
    candidates = sorted((one for one in columns if not one.nulls), key=_rank) or sorted(columns, key=_rank)
    tried: list[Key] = []
    for names, different in _counted(sample.table, candidates):
        tried.append(Key(names, different))
        if different == sample.rows or len(tried) == MOST_TRIED:
            break
    return max(tried, key=lambda one: one.different)


def is_identifier(name: str) -> bool:
    """Say whether a column's name is that of an identifier, whose values grow and mean no amount."""
    return bool(IDENTIFIER.search(name))


def _rank(column: Column) -> tuple[bool, bool, int]:
    return not is_identifier(column.name), bool(column.personal), RANK.get(column.declared, 2)


def _counted(table: pa.Table, candidates: list[Column]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield combinations, single columns first, with the number of rows that each tells apart."""
    for one in candidates:
        yield (one.name,), one.values
    for number in range(2, min(MOST_COLUMNS, len(candidates)) + 1):
        for some in combinations(candidates, number):
            if prod(one.values for one in some) >= table.num_rows:
                names = tuple(one.name for one in some)
                yield names, table.select(names).group_by(list(names)).aggregate([]).num_rows
