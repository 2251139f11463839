"""What a suite asks of a frame, in the terms of a tally, and its metrics' values from what the tally saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column

from etl.engine.beside import Beside
from etl.engine.tally import Seen, Tally

if TYPE_CHECKING:
    from etl.engine.library import Collected


@dataclass(frozen=True)
class Values:
    """Metrics' values as `found`; `unique` are those that are 0 where no two rows agree in these columns."""

    found: Mapping[Any, Any]
    unique: Mapping[Any, tuple[str, ...]]


@dataclass(frozen=True)
class Ask:
    """Metrics by key.

    Attributes:
        marks: where a row is counted, of a count that only has to be told from none: it is replayed as 1 at most.
        counts: where a row is counted, of counts that have to be exact.
        aggregates: of the whole frame.
        every: those that count all rows.
        unique: those that count rows whose values of these columns stand more than once.
        patterns: those of the marks that are of values of a column that do not match a regular expression, or are not there.
    """

    marks: Mapping[Any, Column]
    counts: Mapping[Any, Column]
    aggregates: Mapping[Any, Column]
    every: frozenset[Any]
    unique: Mapping[Any, tuple[str, ...]]
    patterns: Mapping[Any, tuple[str, str]]

    @classmethod
    def of(cls, by_none: "Collected", by_number: "Collected") -> "Ask":
        """Join what rules ask that hold where no row breaks them, and what rules ask that compare numbers."""
        exact = {**by_none.within, **by_number.within, **by_number.breaks}
        return cls(
            marks={key: mark for key, mark in by_none.breaks.items() if key not in exact},
            counts=exact,
            aggregates={**by_none.aggregates, **by_number.aggregates},
            every=frozenset(by_none.every | by_number.every),
            unique={**by_none.unique, **by_number.unique},
            patterns={**by_none.patterns, **by_number.patterns},
        )

    def add(self, tally: Tally, stage: str, where: Column | None, beside: Beside | None = None) -> Mapping[Any, Column]:
        """Have a tally look for it, on the rows `where` only (None for all); aggregates are of all rows whatever.

        Returns the marks that a plain line is known not to have: it is not looked for them.
        """
        plain = {key for key, pattern in self.patterns.items() if beside and beside.proves(*pattern)}
        tally.mark(where, {(stage, key): mark for key, mark in self.marks.items() if key not in plain})
        for key, mark in self.counts.items():
            tally.counts[stage, key] = mark if where is None else where & mark
        for key, column in self.aggregates.items():
            tally.aggregates[stage, key] = column
        return {(stage, key): mark for key, mark in self.marks.items() if key in plain}

    def values(self, seen: Seen, stage: str, rows: int, all_rows: bool) -> Values:
        """Return the metrics' values; `rows` were judged, which are `all_rows` that the tally saw or fewer."""
        found: dict[Any, Any] = dict.fromkeys(self.every, rows)
        found |= {key: int(seen.marks[stage, key]) for key in self.marks}
        found |= {key: seen.values[stage, key] for key in self.counts}
        if all_rows:
            found |= {key: seen.values[stage, key] for key in self.aggregates}
        return Values(found, self.unique)
