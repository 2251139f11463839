"""The columns that tell one row of a sample from another, or are nearest to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

import pyarrow as pa

from sluice.contracts.profile.column import ColumnProfile
from sluice.contracts.profile.sample import Sample

IDENTIFIER = re.compile(r"(^|[^a-z])(id|key|code|number|no|nr|uuid|guid)$|[a-z](ID|Id|Key)$", re.IGNORECASE)
MOST_COLUMNS = 3
MOST_TRIED = 60  # combinations of columns that are counted before the nearest is taken


@dataclass(frozen=True)
class KeyCandidate:
    """Columns of a sample, and how many of its rows they tell apart."""

    columns: tuple[str, ...]
    different: int


def key_of(sample: Sample, columns: list[ColumnProfile]) -> KeyCandidate:
    """Return the fewest columns without nulls that no two rows share; where there are none, those that come nearest."""
    exact = [column for column in columns if not column.declared.kind.is_floating] or columns
    candidates = sorted((column for column in exact if not column.nulls), key=_key_rank) or sorted(exact, key=_key_rank)
    tried: list[KeyCandidate] = []
    for names, different in _count_combinations(sample.table, candidates):
        tried.append(KeyCandidate(names, different))
        if different == sample.rows or len(tried) == MOST_TRIED:
            break
    return max(tried, key=lambda candidate: candidate.different)


def is_identifier(name: str) -> bool:
    """Say whether a column's name is that of an identifier, whose values grow and mean no amount."""
    return bool(IDENTIFIER.search(name))


def _key_rank(column: ColumnProfile) -> tuple[bool, bool, int]:
    return not is_identifier(column.name), bool(column.personal), column.declared.kind.key_rank


def _count_combinations(table: pa.Table, candidates: list[ColumnProfile]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield combinations, single columns first, with the number of rows that each tells apart."""
    for column in candidates:
        yield (column.name,), column.values
    for number in range(2, min(MOST_COLUMNS, len(candidates)) + 1):
        for combination in combinations(candidates, number):
            if prod(column.values for column in combination) >= table.num_rows:
                names = tuple(column.name for column in combination)
                yield names, table.select(names).group_by(list(names)).aggregate([]).num_rows
