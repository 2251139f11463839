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

LONGEST_WAIT = 60.0  # seconds for Spark's listener bus, which brings the values after the query has ended
ROWS = "rows"


class Unobserved(Exception):
    """The values never came: Spark may have planned the observed rows away."""


@dataclass(frozen=True)
class Seen:
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

    def where(self, rows: Column | None) -> "Aggregate":
        """Return the same of those rows alone that are among `rows` too."""
        if rows is None:
            return self
        return replace(self, within=rows if self.within is None else rows & self.within)


@dataclass
class Tally:
    """What to look for in a frame that is written later, by any key.

    Attributes:
        groups: booleans of a row, to be told somewhere or nowhere, by the rows that they are of (None for all).
        counts: booleans of a row, to be counted.
        aggregates: functions of a column's values.
        words: longs with bits in their lower half alone, to be ORed.
    """

    groups: list[tuple[Column | None, dict[Hashable, Column]]] = field(default_factory=list)
    counts: dict[Hashable, Column] = field(default_factory=dict)
    aggregates: dict[Hashable, Aggregate] = field(default_factory=dict)
    words: dict[Hashable, Column] = field(default_factory=dict)
    observation: Observation | None = None

    def mark(self, where: Column | None, marks: Mapping[Hashable, Column]) -> None:
        """Add marks of the rows `where`, None for all."""
        self.groups.append((where, dict(marks)))

    @property
    def keys(self) -> list[Hashable]:
        """The keys of all marks."""
        return [key for _, marks in self.groups for key in marks]

    def on(self, frame: DataFrame) -> DataFrame:
        """Return the same rows, counted while they pass, with what is counted in columns of their own beside theirs."""
        # What is observed is interpreted, and a column of its own generated; nor may it hold what needs Python.
        every = bitmask.packed_by([(where, list(marks.values())) for where, marks in self.groups])
        # Where one half is null, both would be.
        words = [F.coalesce(word, F.lit(0).cast("long")) for word in self.words.values()]
        longs = {f"_long{at}": long for at, long in enumerate(bitmask.joined([*every[:1], *words]))}
        masks = {f"_mask{at}": word for at, word in enumerate(every[1:])}
        counts = {f"_count{at}": F.when(one, F.lit(1)) for at, one in enumerate(self.counts.values())}
        wanted = [F.bit_or(name).alias(name) for name in (*longs, *masks)]
        wanted += [F.count(name).alias(name) for name in counts]
        some = {f"_of{at}": one.values for at, one in enumerate(self.aggregates.values()) if one.within is not None}
        for at, one in enumerate(self.aggregates.values()):
            values = F.col(f"_of{at}" if f"_of{at}" in some else one.column)
            wanted.append(one.function(values).alias(f"_value{at}"))
        self.observation = seen = Observation()
        marked = frame.withColumns({**longs, **counts, **some}) if longs or counts or some else frame
        for name, word in masks.items():  # all masks in one would be more code than is ever compiled
            marked = apart(marked).withColumn(name, word)
        return marked.observe(seen, F.count(F.lit(1)).alias(ROWS), *wanted)

    def read(self) -> Seen:
        """Return what was observed, once the query has succeeded: after a failed one the values mean nothing.

        Raises:
            Unobserved: there is nothing to read.
        """
        found = _values(self.observation)
        marks = self.keys
        firsts = min(len(marks), 1)
        halves = firsts + len(self.words)
        longs = [found[f"_long{at}"] for at in range(-(-halves // 2))]
        words = bitmask.split(longs, halves)
        masks = [*words[:firsts], *(found[f"_mask{at}"] for at in range((len(marks) - 1) // bitmask.BITS))]
        counts = {key: found[f"_count{at}"] for at, key in enumerate(self.counts)}
        values = {key: found[f"_value{at}"] for at, key in enumerate(self.aggregates)}
        return Seen(
            rows=found[ROWS],
            marks=dict(zip(marks, bitmask.unpacked(masks, len(marks)), strict=True)),
            values={**counts, **values},
            words=dict(zip(self.words, words[firsts:], strict=True)),
        )


def apart(frame: DataFrame) -> DataFrame:
    """Return the same rows and columns; what is made of them is compiled apart from what they are made of.

    Spark compiles all between two tallies into one method. One of more than 8000 bytes HotSpot would never compile, so Spark
    runs its steps one by one instead (`spark.sql.codegen.hugeMethodLimit`), each with a copy of every row.

    Nor does Spark move a filter on them below this, to where what it names would be made anew as often as it is named.
    """
    return frame.observe(Observation(), F.count(F.lit(1)).alias(ROWS))


def _values(observation: Any) -> dict[str, Any]:
    if observation is None:
        raise Unobserved("nothing was observed")
    until = time.monotonic() + LONGEST_WAIT
    while not observation._jo.future().isCompleted():  # `get` would wait for ever
        if time.monotonic() > until:
            raise Unobserved(f"Spark brought no observed values within {LONGEST_WAIT:.0f} s")
        time.sleep(0.005)
    found = observation.get
    if ROWS not in found:
        raise Unobserved("Spark brought no observed values")
    return found
