"""The columns that tell one row of a sample from another, by their names and their values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

import pyarrow as pa

from etl.contract.types import Family, TypeKind
from sluice.contracts.profile.column import ColumnProfile
from sluice.contracts.profile.sample import Sample

IDENTIFIER = re.compile(
    r"(^|[^a-z])(id|key|code|number|no|nr|num|uuid|guid|sku|ref|reference|ean|isbn)$|[a-z](ID|Id|Key)$|^id_",
    re.IGNORECASE,
)
PLAIN_ID = re.compile(r"(^|[^a-z])(id|uuid|guid)$|[a-z](ID|Id)$", re.IGNORECASE)
POSTCODE = re.compile(r"zip|post|plz", re.IGNORECASE)
TIME_FAMILIES = frozenset(family for family in Family if family.is_ordered and family is not Family.NUMBER)
WHOLE_KINDS = (TypeKind.INT, TypeKind.BIGINT)
MOST_COLUMNS = 3
MOST_TRIED = 60  # combinations of columns that are counted


@dataclass(frozen=True)
class KeyCandidate:
    """Columns of a sample, and how many of its rows they tell apart; no columns where none tell all apart."""

    columns: tuple[str, ...]
    different: int


def key_of(sample: Sample, columns: list[ColumnProfile]) -> KeyCandidate:
    """Return the fewest columns without nulls, named as identifiers are, that no two rows share; no columns where none do.

    A measure that happens to be unique is no key: the next file has it twice. A day or a time may be a part of one.
    """
    present = [column for column in columns if not column.nulls]
    identifiers = sorted(filter(_may_identify, present), key=_key_rank)
    times = [column for column in present if column.declared.family in TIME_FAMILIES and column not in identifiers]
    for names, different in _count_combinations(sample.table, identifiers, times):
        if different == sample.rows:
            return KeyCandidate(names, different)
    return KeyCandidate((), 0)


def _may_identify(column: ColumnProfile) -> bool:
    whole = column.declared.family is Family.NUMBER and column.declared.kind in WHOLE_KINDS
    return is_identifier(column.name) and (column.declared.is_text or whole) and not POSTCODE.search(column.name)


def is_identifier(name: str) -> bool:
    """Say whether a column's name is that of an identifier, whose values grow and mean no amount."""
    return bool(IDENTIFIER.search(name))


def _key_rank(column: ColumnProfile) -> tuple[bool, bool, int]:
    return bool(column.personal), not PLAIN_ID.search(column.name), column.declared.kind.key_rank


def _count_combinations(
    table: pa.Table, identifiers: list[ColumnProfile], times: list[ColumnProfile]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield combinations, single columns first, with the number of rows that each tells apart."""
    for column in identifiers:
        yield (column.name,), column.values
    tried = 0
    for number in range(2, MOST_COLUMNS + 1):
        for combination in combinations([*identifiers, *times], number):
            if combination[0] in times or prod(column.values for column in combination) < table.num_rows:
                continue
            names = tuple(column.name for column in combination)
            yield names, table.select(names).group_by(list(names)).aggregate([]).num_rows
            tried += 1
            if tried == MOST_TRIED:
                return
