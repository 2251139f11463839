"""Whose fault it is that the rows could not be written, and, where the transform's: of which object and row.

A transform that fails on rows of its own accord fails again where nothing is written and where only some objects are read.
A failure that does not come again is not blamed on it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.table_names import LINE, OBJECT, ORDINAL
from etl.errors import SluiceError
from etl.gate.gated_plan import GatedPlan
from etl.gate.structure import transform_result
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.sources.preflight import FilePreflight
from etl.transform_errors import TransformFailed, describe_error, may_come_from_rows

MAX_PASSES = 20  # over one object, to find the row: enough for half a million rows
ROW_ID = "_at"  # a row's place as Spark counts them: the partition in the upper bits, the row in it in the lower 33
UNFIT = "INCOMPATIBLE_DATA_FOR_TABLE"  # what Spark says of a column that has not the table's type
PARTITION_BITS = 33  # of `monotonically_increasing_id`


@dataclass(frozen=True)
class FaultPlace:
    """Where a transform fails: an object, and the row as its line of text and, where its format counts rows, its number."""

    object: str | None = None
    line: str | None = None
    ordinal: int | None = None


@dataclass(frozen=True)
class FaultSearch:
    """The search for what a transform fails on.

    Attributes:
        gated_plan: the way that rows take.
        all_lines: all lines.
        preflights: what was read, none where it was no objects.
        reread: reads some of them again.
        derives: whether the lines are made by code of the dataset's too, as a table's are that is built from others.
    """

    gated_plan: GatedPlan
    all_lines: DataFrame
    preflights: Sequence[FilePreflight]
    reread: Callable[[list[FilePreflight]], DataFrame]
    derives: bool

    def find_fault(self) -> tuple[BaseException, FaultPlace] | None:
        """Return how the transform fails and where; None where it is not to blame."""
        failure = _run_failure(self.gated_plan.typed_rows(self.all_lines))
        if failure is not None:
            return (failure, FaultPlace()) if self.derives and may_come_from_rows(failure) else None
        failure = _run_failure(self.gated_plan.derived_rows(self.all_lines))
        if failure is None or not may_come_from_rows(failure):
            return None
        index = self._find_object()
        return failure, FaultPlace() if index is None else self._find_row(index)

    @cached_property
    def _object_keys(self) -> list[str]:
        if self.preflights:
            return [preflight.object.key for preflight in self.preflights]
        return sorted(row[0] for row in self.all_lines.select(OBJECT).distinct().collect())

    def _lines_between(self, low: int, high: int) -> DataFrame:
        if self.preflights:
            return self.reread([*self.preflights[low:high]])
        return self.all_lines.where(F.col(OBJECT).isin(self._object_keys[low:high]))

    def _transform_fails(self, lines: DataFrame) -> bool:
        failure = _run_failure(self.gated_plan.derived_rows(lines))
        return failure is not None and may_come_from_rows(failure)

    def _find_object(self) -> int | None:
        """Return the place of an object that the transform fails on alone; None where only several make it fail."""
        low, high = bisect_failing(
            len(self._object_keys), lambda low, high: self._transform_fails(self._lines_between(low, high))
        )
        return low if high - low == 1 else None

    def _find_row(self, index: int) -> FaultPlace:
        """Return the object's row that the transform fails on alone, where enough passes are left to find it."""
        key = self._object_keys[index]
        rows = self._lines_between(index, index + 1).withColumn(ROW_ID, F.monotonically_increasing_id())
        partition = F.shiftright(ROW_ID, PARTITION_BITS).alias("partition")
        counts = sorted((row["partition"], row["count"]) for row in rows.groupBy(partition).count().collect())
        total = sum(count for _, count in counts)

        def rows_between(low: int, high: int) -> DataFrame:
            return rows.where(F.col(ROW_ID).between(_row_id(counts, low), _row_id(counts, high - 1))).drop(ROW_ID)

        low, high = bisect_failing(total, lambda low, high: self._transform_fails(rows_between(low, high)), MAX_PASSES)
        if high - low != 1:
            return FaultPlace(key)
        row = rows_between(low, high).select(LINE, ORDINAL).first()
        return FaultPlace(key, row[LINE], row[ORDINAL]) if row else FaultPlace(key)


def bisect_failing(number: int, fails: Callable[[int, int], bool], max_tries: int = 1 << 30) -> tuple[int, int]:
    """Return the part of `number` things, from one place to before another, that fails: one, where `max_tries` tries find it.

    That all fail together is known. Where a half does not fail the other must; the last try proves the one that is left.
    """
    low, high, tries, proven = 0, number, 0, number == 1
    while high - low > 1 and tries < max_tries:
        middle = (low + high) // 2
        tries += 1
        proven = fails(low, middle)
        low, high = (low, middle) if proven else (middle, high)
    if high - low == 1 and not proven:
        proven = tries < max_tries and fails(low, high)
    return (low, high) if proven else (0, number)


def _row_id(counts: list[tuple[int, int]], place: int) -> int:
    """Return Spark's number of the row at a place of all partitions in order."""
    for partition, count in counts:
        if place < count:
            return (partition << PARTITION_BITS) + place
        place -= count
    raise IndexError(place)


def _run_failure(frame: DataFrame) -> BaseException | None:
    """Run a frame without writing it, and return how it failed."""
    try:
        frame.write.format("noop").mode("overwrite").save()
    except Exception as error:
        return error
    return None


@dataclass(frozen=True)
class TransformFaults:
    """What a transform's failure says to who reads the verdict; `personal` where a column is about a person.

    `row_of` returns the number, from 1, of an object's line, None where that cannot be told.
    """

    dataset: str
    personal: bool
    search: FaultSearch
    row_of: Callable[[str, str], int | None]

    def results_for(self, error: BaseException) -> list[RuleResult]:
        """Return the broken rule where an error is the transform's, nothing where it is not."""
        if isinstance(error, AnalysisException) and (error.getCondition() or "").startswith(UNFIT):
            return [transform_result(self.dataset, [describe_error(error)])]
        failure_and_place = self.search.find_fault() if may_come_from_rows(error) else None
        if failure_and_place is None:
            return failure_results(self.dataset, error)
        failure, place = failure_and_place
        row = self._row_number(place)
        parts = [*([place.object] if place.object else []), *([f"row {row}"] if row else [])]
        result = transform_result(self.dataset, [": ".join([*parts, describe_error(failure, self.personal)])])
        objects = [preflight.object for preflight in self.search.preflights if preflight.object.key == place.object]
        return [replace(result, places=tuple(Origin(raw.key, raw.version, row) for raw in objects))]

    def _row_number(self, place: FaultPlace) -> int | None:
        if place.ordinal is not None:
            return place.ordinal + 1
        return None if place.object is None or place.line is None else self.row_of(place.object, place.line)


def failure_results(dataset: str, error: BaseException) -> list[RuleResult]:
    """Return the broken rule of a transform that failed before it saw a row, nothing for another error."""
    return [transform_result(dataset, [str(error)])] if isinstance(error, TransformFailed) else []


@contextmanager
def tracing_transform(
    record_and_raise: Callable[[list[RuleResult]], None], results: Callable[[Exception], list[RuleResult]]
) -> Iterator[None]:
    """Let an error be told by the rules that it broke, where there are any.

    Raises:
        ContractBroken: there are; whatever else is raised within, as it is, where there are none.
    """
    failure: Exception | None = None
    try:
        yield
    except SluiceError:
        raise
    except Exception as error:
        failure = error
    # Not in the handler: Python would show the first error, and the value that it quotes, together with the second.
    if failure is not None:
        record_and_raise(results(failure))
        raise failure
