"""Which source rows become a row with one of the keys: read by the input contract, typed, and taken through the transform.

A row matches by what the transform makes of it, or by its own columns where these have the key. One whose key does not come
out, since it is broken or the transform fails for it, is searched by text.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import OBJECT, ORDINAL
from etl.datasets import transform_of
from etl.forget.text_search import TextSearch
from etl.gate.broken_rows import RAW, TRACED_COLUMNS, line_mark, with_raw_line
from etl.gate.gated_plan import GatedPlan
from etl.gate.references import ResolvedReferences
from etl.gate.structure import is_data_row, is_sound_row
from etl.transform_errors import guard_transform

CANDIDATE, PLACE, TYPED_KEY = "_candidate", "_row_place", "_typed_key_"
Place = int | str
"""Where a row stands: its ordinal in its object from 0, the mark of its line where rows are lines, or the id of a row aside."""
Transform = Callable[[DataFrame], DataFrame]


@dataclass
class FoundRows:
    """Rows to remove, by the object that they are in: `places`, and how many of them were found by text alone."""

    places: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    by_text: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, key: str, place: Place, *, by_text: bool = False) -> None:
        """Add a row of an object."""
        if place not in self.places[key]:
            self.places[key].add(place)
            self.by_text[key] += by_text


@dataclass(frozen=True)
class RowFinder:
    """Finds source rows of keys.

    Attributes:
        input, output: the contracts.
        keys: a frame of the keys as the published table has them.
        search: the same keys as texts.
        place: what tells where a row stands, once RAW has the line's own text.
    """

    input: Contract
    output: Contract
    keys: DataFrame
    search: TextSearch
    place: Column

    @classmethod
    def for_objects(cls, contracts: tuple[Contract, Contract], keys: DataFrame, search: TextSearch) -> "RowFinder":
        """Return what finds rows of raw objects, by the contracts of input and output."""
        return cls(*contracts, keys, search, line_mark() if contracts[0].has_lines else F.col(ORDINAL))

    def find_rows(self, lines: DataFrame, matches: FoundRows) -> None:
        """Add the rows that a reader returned and that have one of the keys.

        Raises:
            Exception: what Spark raises where an object cannot be read, or the transform fails for a row.
        """
        self._find(lines, guard_transform(transform_of(self.output.transform_module), self.output.names, True), matches)

    def find_typed_rows(self, lines: DataFrame, matches: FoundRows) -> None:
        """Do so without the transform, which fails: by the rows' own columns where these have the key, else by text.

        Raises:
            Exception: what Spark raises where an object cannot be read.
        """
        missing = [column for column in self.output.columns if column.name not in self.input.names]
        absent = {column.name: F.lit(None).cast(column.type) for column in missing}
        self._find(lines, lambda typed: typed.withColumns(absent), matches)

    def _find(self, lines: DataFrame, transform: Transform, matches: FoundRows) -> None:
        plan = self._plan(transform)
        traced = plan.line_faults.set_aside(with_raw_line(lines))
        keyed = plan.gated_rows(traced, TRACED_COLUMNS).frame.withColumn(PLACE, self.place)
        published = F.struct(*(self._cast_key(name, name) for name in self.output.key))
        candidates = [published]
        if self._has_typed_keys:
            candidates.append(F.struct(*(self._cast_key(f"{TYPED_KEY}{name}", name) for name in self.output.key)))
        rows = keyed.select(OBJECT, PLACE, F.explode(F.array_distinct(F.array(*candidates))).alias(CANDIDATE))
        rows = rows.select(OBJECT, PLACE, f"{CANDIDATE}.*")
        for key, place in _collect(rows.join(self.keys, [*self.output.key], "left_semi").select(OBJECT, PLACE)):
            matches.add(key, place)
        has_key = F.lit(True)
        for name in self.output.key:
            has_key &= published.getField(name).isNotNull()
        unclear = keyed.where(~has_key).select(OBJECT, PLACE, RAW)
        broken = traced.where(is_data_row() & ~is_sound_row()).select(OBJECT, self.place.alias(PLACE), RAW)
        for key, place, text in _collect(unclear.unionByName(broken)):
            if self.search.finds(text or ""):
                matches.add(key, place, by_text=True)

    def _plan(self, transform: Transform) -> GatedPlan:
        """Return the way of a row without rules: it is typed and transformed, and judged by nobody."""

        def keep_typed_keys(typed: DataFrame) -> DataFrame:
            kept = (
                {f"{TYPED_KEY}{name}": F.col(f"`{name}`") for name in self.output.key} if self._has_typed_keys else {}
            )
            return transform(typed.withColumns(kept))

        input_contract = replace(self.input, rules=())
        output = replace(self.output, rules=(), references=())
        no_references: Any = ResolvedReferences(None, {})  # pyright: ignore[reportArgumentType]
        return GatedPlan({}, keep_typed_keys, input_contract, input_contract, output, no_references)

    @cached_property
    def _has_typed_keys(self) -> bool:
        return {*self.output.key} <= {*self.input.names}

    @cached_property
    def _types(self) -> dict[str, str]:
        return {column.name: str(column.type) for column in self.output.columns}

    def _cast_key(self, column: str, name: str) -> Column:
        return F.col(f"`{column}`").try_cast(self._types[name]).alias(name)


def _collect(frame: DataFrame) -> Iterable[Any]:
    return frame.toLocalIterator(prefetchPartitions=True)
