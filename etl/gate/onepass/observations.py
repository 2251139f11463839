"""What is counted of a frame on its way, in the pass that something else makes over it.

Each aggregate takes its time row by row, so all that only has to be known as "somewhere" or "nowhere" is one bit of a mask,
and two masks share a long.
"""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from etl.gate.onepass import bitmask
from etl.sources.compiled_parts import ROWS, codegen_barrier

LONGEST_WAIT = 60.0  # seconds for Spark's listener bus, which brings the values after the query has ended
MAX_FIELDS = 100  # columns of a frame that Spark compiles as a whole (`spark.sql.codegen.maxFields`)


class NotObserved(Exception):
    """The values never came: Spark may have planned the observed rows away."""


@dataclass(frozen=True)
class ObservedValues:
    """What was observed: the number of rows, which marks any row had, each count and aggregate, each word's OR."""

    rows: int
    marks: Mapping[Hashable, bool]
    values: Mapping[Hashable, Any]
    words: Mapping[Hashable, int]


@dataclass(frozen=True)
class Aggregate:
    """A function of a column's values, that no null changes, on the rows `within`; None for all."""

    function: Callable[[Column], Column]
    column: str
    within: Column | None = None

    @property
    def values(self) -> Column:
        """The values, null where another row stands."""
        return F.col(self.column) if self.within is None else F.when(self.within, F.col(self.column))

    def restricted_to(self, rows: Column | None) -> "Aggregate":
        """Return the same of those rows alone that are among `rows` too."""
        if rows is None:
            return self
        return replace(self, within=rows if self.within is None else rows & self.within)


@dataclass
class FrameObserver:
    """What to look for in a frame that is written later, by any key.

    Attributes:
        prefix: before the names of the columns that hold what is looked for.
        groups: booleans of a row, to be told somewhere or nowhere, by the rows that they are of (None for all).
        counts: booleans of a row, to be counted.
        aggregates: functions of a column's values.
        words: longs with bits in their lower half alone, to be ORed.
    """

    prefix: str = "_"
    groups: list[tuple[Column | None, dict[Hashable, Column]]] = field(default_factory=list)
    counts: dict[Hashable, Column] = field(default_factory=dict)
    aggregates: dict[Hashable, Aggregate] = field(default_factory=dict)
    words: dict[Hashable, Column] = field(default_factory=dict)
    observation: Observation | None = None

    def add_marks(self, where: Column | None, marks: Mapping[Hashable, Column]) -> None:
        """Add marks of the rows `where`, None for all."""
        self.groups.append((where, dict(marks)))

    @property
    def keys(self) -> list[Hashable]:
        """The keys of all marks."""
        return [key for _, marks in self.groups for key in marks]

    @property
    def columns(self) -> list[str]:
        """The names of the columns that `add_columns` adds."""
        filtered = [name for name, aggregate in self._named_aggregates.items() if aggregate.within is not None]
        return [*self._longs, *self._masks, *self._named_counts, *filtered]

    @property
    def _longs(self) -> list[str]:
        return [f"{self.prefix}long{number}" for number in range(-(-self._halves // 2))]

    @property
    def _masks(self) -> list[str]:
        return [f"{self.prefix}mask{number}" for number in range((len(self.keys) - 1) // bitmask.BITS)]

    @property
    def _halves(self) -> int:
        """How many words share longs: the marks' first, and those that are given."""
        return min(len(self.keys), 1) + len(self.words)

    @property
    def _named_counts(self) -> dict[str, Column]:
        return {f"{self.prefix}count{number}": condition for number, condition in enumerate(self.counts.values())}

    @property
    def _named_aggregates(self) -> dict[str, Aggregate]:
        return {f"{self.prefix}of{number}": aggregate for number, aggregate in enumerate(self.aggregates.values())}

    def add_columns(self, frame: DataFrame) -> DataFrame:
        """Return the same rows with what is looked for in columns of its own beside theirs."""
        # What is observed is interpreted, and a column of its own generated; nor may it hold what needs Python.
        mask_words = bitmask.pack_groups([(where, list(marks.values())) for where, marks in self.groups])
        # Where one half is null, both would be.
        words = [F.coalesce(word, F.lit(0).cast("long")) for word in self.words.values()]
        longs = dict(zip(self._longs, bitmask.join_words([*mask_words[:1], *words]), strict=True))
        masks = dict(zip(self._masks, mask_words[1:], strict=True))
        counts = {name: F.when(condition, F.lit(1)) for name, condition in self._named_counts.items()}
        filtered = {
            name: aggregate.values for name, aggregate in self._named_aggregates.items() if aggregate.within is not None
        }
        marked = frame.withColumns({**longs, **counts, **filtered}) if longs or counts or filtered else frame
        if masks and len(frame.columns) > MAX_FIELDS:
            return marked.withColumns(masks)  # of hundreds of columns each further step copies every row
        for name, word in masks.items():  # all masks in one would be more code than is ever compiled
            marked = codegen_barrier(marked).withColumn(name, word)
        return marked

    def attach_to(self, frame: DataFrame, carried: "FrameObserver | None" = None) -> DataFrame:
        """Return the same rows, counted while they pass, with what is counted in columns of their own beside theirs.

        `carried` is another's whose columns the rows have already: one tally is of both.
        """
        observers = [self, *([carried] if carried else [])]
        observation = Observation()
        for observer in observers:
            observer.observation = observation
        expressions = [expression for observer in observers for expression in observer._expressions]
        return self.add_columns(frame).observe(observation, F.count(F.lit(1)).alias(ROWS), *expressions)

    @property
    def _expressions(self) -> list[Column]:
        """What is observed of the columns."""
        expressions = [F.bit_or(name).alias(name) for name in (*self._longs, *self._masks)]
        expressions += [F.count(name).alias(name) for name in self._named_counts]
        for name, aggregate in self._named_aggregates.items():
            values = F.col(name if aggregate.within is not None else aggregate.column)
            expressions.append(aggregate.function(values).alias(f"{name}_value"))
        return expressions

    def read_values(self) -> ObservedValues:
        """Return what was observed, once the query has succeeded: after a failed one the values mean nothing.

        Raises:
            NotObserved: there is nothing to read.
        """
        observed = _wait_for_values(self.observation)
        marks = self.keys
        firsts = min(len(marks), 1)
        words = bitmask.split_longs([observed[name] for name in self._longs], self._halves)
        masks = [*words[:firsts], *(observed[name] for name in self._masks)]
        counts = {key: observed[name] for key, name in zip(self.counts, self._named_counts, strict=True)}
        values = {
            key: observed[f"{name}_value"] for key, name in zip(self.aggregates, self._named_aggregates, strict=True)
        }
        return ObservedValues(
            rows=observed[ROWS],
            marks=dict(zip(marks, bitmask.unpack_marks(masks, len(marks)), strict=True)),
            values={**counts, **values},
            words=dict(zip(self.words, words[firsts:], strict=True)),
        )


def _wait_for_values(observation: Any) -> dict[str, Any]:
    if observation is None:
        raise NotObserved("nothing was observed")
    until = time.monotonic() + LONGEST_WAIT
    while not observation._jo.future().isCompleted():  # `get` would wait for ever
        if time.monotonic() > until:
            raise NotObserved(f"Spark brought no observed values within {LONGEST_WAIT:.0f} s")
        time.sleep(0.005)
    observed = observation.get
    if ROWS not in observed:
        raise NotObserved("Spark brought no observed values")
    return observed
