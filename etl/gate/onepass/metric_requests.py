"""What a suite asks of a frame, in the terms of a tally, and its metrics' values from what the tally saw."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.gate.onepass.joint_marks import JointKey, ValueTest, join_marks
from etl.gate.onepass.metric_queries import Question
from etl.gate.onepass.observations import Aggregate, FrameObserver, ObservedValues

if TYPE_CHECKING:
    from etl.gate.onepass.metric_collection import MetricCollector


ProvenByLine = Callable[[str, str], bool]
"""Whether a line that is plain proves that a column's value matches a pattern, or is there."""


class Unproven(NamedTuple):
    """Rows that nothing proves to be as a metric expects, and those that it counts, as a function in Python tells."""

    proof: Column
    mark: Column


@dataclass(frozen=True)
class MetricValues:
    """Metrics' values as `values`.

    Attributes:
        values: those that are known.
        questions: those that only a look at what was written tells.
        unproven: those of which rows are left that nothing proves.
    """

    values: Mapping[Any, Any]
    questions: Mapping[Any, Question]
    unproven: Mapping[Any, Unproven]

    def with_counts(self, rows: Callable[[], DataFrame]) -> dict[Any, Any]:
        """Return the values with those that are `unproven`, counted in a pass in which Python sees such rows alone.

        Args:
            rows: returns the rows that were observed; it is called where something has to be counted.
        """
        if not self.unproven:
            return dict(self.values)
        counts = [F.count(F.when(column.mark, 1)) for column in self.unproven.values()]
        doubtful = rows().where(reduce(or_, (column.proof for column in self.unproven.values())))
        with suppress(Exception):  # what fails here is told by the rules' own passes
            return {**self.values, **dict(zip(self.unproven, doubtful.agg(*counts).collect()[0], strict=True))}
        return dict(self.values)


@dataclass(frozen=True)
class MetricRequests:
    """Metrics by key.

    Attributes:
        marks: where a row is counted, of a count that only has to be told from none: it is replayed as 1 at most.
        counts: where a row is counted, of counts that have to be exact.
        present: where a row has a value, of counts of values that no row has.
        aggregates: functions of a column's values.
        row_counts: those that count all rows.
        questions: those that only a look at what was written tells.
        unused: those that no result is formed from.
        patterns: for those of the marks that a regular expression can tell of, the column and what it is enough to match.
        tests: for those of the marks that test a value on its own, how they do.
        proofs: for those of the marks that take a function in Python, rows without which no row is counted.
        compared: counts that are compared with numbers: of a mark among them only that no row has it is known.
    """

    marks: Mapping[Any, Column]
    counts: Mapping[Any, Column]
    present: Mapping[Any, list[Column]]
    aggregates: Mapping[Any, Aggregate]
    row_counts: frozenset[Any]
    questions: Mapping[Any, Question]
    unused: frozenset[Any]
    patterns: Mapping[Any, tuple[str, str]]
    tests: Mapping[Any, ValueTest]
    proofs: Mapping[Any, Column]
    compared: frozenset[Any]

    @classmethod
    def from_collected(cls, by_none: "MetricCollector", by_number: "MetricCollector") -> "MetricRequests":
        """Join what rules ask that hold where no row breaks them, and what rules ask that compare numbers."""
        proofs = {**by_none.proofs, **by_number.proofs}
        counted = {key: mark for key, mark in by_number.breaks.items() if key not in proofs}
        exact = {**by_none.within, **by_number.within, **counted}
        return cls(
            marks={key: mark for key, mark in {**by_none.breaks, **by_number.breaks}.items() if key not in exact},
            counts=exact,
            present={**by_none.present, **by_number.present},
            aggregates={**by_none.aggregates, **by_number.aggregates},
            row_counts=frozenset(by_none.row_counts | by_number.row_counts),
            questions={**by_none.questions, **by_number.questions},
            unused=frozenset(by_none.unused | by_number.unused),
            patterns={**by_none.patterns, **by_number.patterns},
            tests=by_none.tests,
            proofs=proofs,
            compared=frozenset(by_number.breaks),
        )

    def add_to(
        self, observer: FrameObserver, stage: str, where: Column | None, proven: ProvenByLine | None = None
    ) -> Mapping[Any, Column]:
        """Have a tally look for it, on the rows `where` only; None for all.

        Returns the marks that a plain line is known not to have, by what it is said to prove: it is not looked for them.
        """
        proven_keys = {key for key, pattern in self.patterns.items() if proven and proven(*pattern)}
        looked_for = {
            key: mark for key, mark in self.marks.items() if key not in proven_keys and key not in self.proofs
        }
        joint_marks = {
            JointKey(frozenset({key})): mark
            for key, mark in self.proofs.items()
            if key in self.marks and key not in proven_keys
        }
        marks = {(stage, key): mark for key, mark in {**join_marks(looked_for, self.tests), **joint_marks}.items()}
        present_marks = {
            (stage, key, position): mark
            for key, conditions in self.present.items()
            for position, mark in enumerate(conditions)
        }
        observer.add_marks(where, {**marks, **present_marks})
        for key, mark in self.counts.items():
            observer.counts[stage, key] = mark if where is None else where & mark
        for key, aggregate in self.aggregates.items():
            observer.aggregates[stage, key] = aggregate.restricted_to(where)
        return {(stage, key): mark for key, mark in self.marks.items() if key in proven_keys}

    def read_values(self, observed: ObservedValues, stage: str, rows: int) -> MetricValues:
        """Return the metrics' values, none of those that a joint mark leaves open; so many `rows` were judged."""
        metric_values: dict[Any, Any] = {**dict.fromkeys(self.row_counts, rows), **dict.fromkeys(self.unused, ())}
        marked = {key: observed.marks[stage, key] for key in self.marks if (stage, key) in observed.marks}
        open_keys = {key for key in self.proofs if key in self.marks and self._is_open(key, observed, stage)}
        metric_values |= {key: int(mark) for key, mark in marked.items() if key not in open_keys}
        metric_values |= dict.fromkeys(_proven_together(observed.marks, stage), 0)
        for key, conditions in self.present.items():
            metric_values[key] = sum(not observed.marks[stage, key, position] for position in range(len(conditions)))
        metric_values |= {key: observed.values[stage, key] for key in (*self.counts, *self.aggregates)}
        unproven = {key: Unproven(self.proofs[key], self.marks[key]) for key in open_keys}
        return MetricValues(metric_values, self.questions, unproven)

    def _is_open(self, key: Any, observed: ObservedValues, stage: str) -> bool:
        """Say whether rows are left of which nothing proves that they do not have a mark that takes Python."""
        if (stage, key) in observed.marks:  # of lines that are not plain: a mark, and no count
            return observed.marks[stage, key] and key in self.compared
        return observed.marks.get((stage, JointKey(frozenset({key}))), True)


def _proven_together(marks: Mapping[Any, bool], stage: str) -> list[Any]:
    """Return the metrics of a stage whose joint mark no row has."""
    return [
        metric
        for key, is_set in marks.items()
        if not is_set and isinstance(key, tuple) and key[0] == stage and isinstance(key[1], JointKey)
        for metric in key[1].keys
    ]
