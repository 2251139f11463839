"""What a suite asks of a frame, in the terms of a tally, and its metrics' values from what the tally saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column

from etl.gate.onepass.metric_queries import Question
from etl.gate.onepass.observations import Aggregate, Seen, Tally

if TYPE_CHECKING:
    from etl.gate.onepass.metric_collection import Collected


Proven = Callable[[str, str], bool]
"""Whether a line that is plain proves that a column's value matches a pattern, or is there."""


@dataclass(frozen=True)
class Values:
    """Metrics' values as `found`; `asked` are those that only a look at what was written tells."""

    found: Mapping[Any, Any]
    asked: Mapping[Any, Question]


@dataclass(frozen=True)
class Ask:
    """Metrics by key.

    Attributes:
        marks: where a row is counted, of a count that only has to be told from none: it is replayed as 1 at most.
        counts: where a row is counted, of counts that have to be exact.
        present: where a row has a value, of counts of values that no row has.
        aggregates: functions of a column's values.
        every: those that count all rows.
        asked: those that only a look at what was written tells.
        unasked: those that no result is formed from.
        patterns: for those of the marks that a regular expression can tell of, the column and what it is enough to match.
    """

    marks: Mapping[Any, Column]
    counts: Mapping[Any, Column]
    present: Mapping[Any, list[Column]]
    aggregates: Mapping[Any, Aggregate]
    every: frozenset[Any]
    asked: Mapping[Any, Question]
    unasked: frozenset[Any]
    patterns: Mapping[Any, tuple[str, str]]

    @classmethod
    def of(cls, by_none: "Collected", by_number: "Collected") -> "Ask":
        """Join what rules ask that hold where no row breaks them, and what rules ask that compare numbers."""
        exact = {**by_none.within, **by_number.within, **by_number.breaks}
        return cls(
            marks={key: mark for key, mark in by_none.breaks.items() if key not in exact},
            counts=exact,
            present={**by_none.present, **by_number.present},
            aggregates={**by_none.aggregates, **by_number.aggregates},
            every=frozenset(by_none.every | by_number.every),
            asked={**by_none.asked, **by_number.asked},
            unasked=frozenset(by_none.unasked | by_number.unasked),
            patterns={**by_none.patterns, **by_number.patterns},
        )

    def add(self, tally: Tally, stage: str, where: Column | None, proven: Proven | None = None) -> Mapping[Any, Column]:
        """Have a tally look for it, on the rows `where` only; None for all.

        Returns the marks that a plain line is known not to have, by what it is said to prove: it is not looked for them.
        """
        plain = {key for key, pattern in self.patterns.items() if proven and proven(*pattern)}
        marks = {(stage, key): mark for key, mark in self.marks.items() if key not in plain}
        here = {(stage, key, at): mark for key, each in self.present.items() for at, mark in enumerate(each)}
        tally.mark(where, {**marks, **here})
        for key, mark in self.counts.items():
            tally.counts[stage, key] = mark if where is None else where & mark
        for key, one in self.aggregates.items():
            tally.aggregates[stage, key] = one.where(where)
        return {(stage, key): mark for key, mark in self.marks.items() if key in plain}

    def values(self, seen: Seen, stage: str, rows: int) -> Values:
        """Return the metrics' values; so many `rows` were judged."""
        found: dict[Any, Any] = {**dict.fromkeys(self.every, rows), **dict.fromkeys(self.unasked, ())}
        found |= {key: int(seen.marks[stage, key]) for key in self.marks}
        for key, each in self.present.items():
            found[key] = sum(not seen.marks[stage, key, at] for at in range(len(each)))
        found |= {key: seen.values[stage, key] for key in (*self.counts, *self.aggregates)}
        return Values(found, self.asked)
