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
from etl.gate.gated_plan import Crossing
from etl.gate.structure import of_transform
from etl.results.row_origin import Origin
from etl.results.verdict import RuleResult
from etl.sources.preflight import Look
from etl.transform_errors import TransformFailed, in_words, is_of_rows

MOST_PASSES = 20  # over one object, to find the row: enough for half a million rows
AT = "_at"  # a row's place as Spark counts them: the partition in the upper bits, the row in it in the lower 33
UNFIT = "INCOMPATIBLE_DATA_FOR_TABLE"  # what Spark says of a column that has not the table's type
PARTITION_BITS = 33  # of `monotonically_increasing_id`


@dataclass(frozen=True)
class Place:
    """Where a transform fails: an object, and the row as its line of text and, where its format counts rows, its number."""

    object: str | None = None
    line: str | None = None
    ordinal: int | None = None


@dataclass(frozen=True)
class Search:
    """The search for what a transform fails on.

    Attributes:
        crossing: the way that rows take.
        every: all lines.
        looks: what was read, none where it was no objects.
        read: reads some of them again.
        derives: whether the lines are made by code of the dataset's too, as a table's are that is built from others.
    """

    crossing: Crossing
    every: DataFrame
    looks: Sequence[Look]
    read: Callable[[list[Look]], DataFrame]
    derives: bool

    def found(self) -> tuple[BaseException, Place] | None:
        """Return how the transform fails and where; None where it is not to blame."""
        failure = _failure(self.crossing.typed_rows(self.every))
        if failure is not None:
            return (failure, Place()) if self.derives and is_of_rows(failure) else None
        failure = _failure(self.crossing.derived_rows(self.every))
        if failure is None or not is_of_rows(failure):
            return None
        index = self._object()
        return failure, Place() if index is None else self._row(index)

    @cached_property
    def _objects(self) -> list[str]:
        if self.looks:
            return [look.object.key for look in self.looks]
        return sorted(row[0] for row in self.every.select(OBJECT).distinct().collect())

    def _lines(self, low: int, high: int) -> DataFrame:
        if self.looks:
            return self.read([*self.looks[low:high]])
        return self.every.where(F.col(OBJECT).isin(self._objects[low:high]))

    def _fails(self, lines: DataFrame) -> bool:
        failure = _failure(self.crossing.derived_rows(lines))
        return failure is not None and is_of_rows(failure)

    def _object(self) -> int | None:
        """Return the place of an object that the transform fails on alone; None where only several make it fail."""
        low, high = halved(len(self._objects), lambda low, high: self._fails(self._lines(low, high)))
        return low if high - low == 1 else None

    def _row(self, index: int) -> Place:
        """Return the object's row that the transform fails on alone, where enough passes are left to find it."""
        key = self._objects[index]
        rows = self._lines(index, index + 1).withColumn(AT, F.monotonically_increasing_id())
        partition = F.shiftright(AT, PARTITION_BITS).alias("partition")
        counts = sorted((row["partition"], row["count"]) for row in rows.groupBy(partition).count().collect())
        total = sum(count for _, count in counts)

        def within(low: int, high: int) -> DataFrame:
            return rows.where(F.col(AT).between(_row_id(counts, low), _row_id(counts, high - 1))).drop(AT)

        low, high = halved(total, lambda low, high: self._fails(within(low, high)), MOST_PASSES)
        if high - low != 1:
            return Place(key)
        row = within(low, high).select(LINE, ORDINAL).first()
        return Place(key, row[LINE], row[ORDINAL]) if row else Place(key)


def halved(number: int, fails: Callable[[int, int], bool], most: int = 1 << 30) -> tuple[int, int]:
    """Return the part of `number` things, from one place to before another, that fails: one, where `most` tries find it.

    That all fail together is known. Where a half does not fail the other must; the last try proves the one that is left.
    """
    low, high, tries, proven = 0, number, 0, number == 1
    while high - low > 1 and tries < most:
        middle = (low + high) // 2
        tries += 1
        proven = fails(low, middle)
        low, high = (low, middle) if proven else (middle, high)
    if high - low == 1 and not proven:
        proven = tries < most and fails(low, high)
    return (low, high) if proven else (0, number)


def _row_id(counts: list[tuple[int, int]], place: int) -> int:
    """Return Spark's number of the row at a place of all partitions in order."""
    for partition, count in counts:
        if place < count:
            return (partition << PARTITION_BITS) + place
        place -= count
    raise IndexError(place)


def _failure(frame: DataFrame) -> BaseException | None:
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
    search: Search
    row_of: Callable[[str, str], int | None]

    def of(self, error: BaseException) -> list[RuleResult]:
        """Return the broken rule where an error is the transform's, nothing where it is not."""
        if isinstance(error, AnalysisException) and (error.getCondition() or "").startswith(UNFIT):
            return [of_transform(self.dataset, [in_words(error)])]
        failure_and_place = self.search.found() if is_of_rows(error) else None
        if failure_and_place is None:
            return failed(self.dataset, error)
        failure, place = failure_and_place
        row = self._row(place)
        where = [*([place.object] if place.object else []), *([f"row {row}"] if row else [])]
        result = of_transform(self.dataset, [": ".join([*where, in_words(failure, self.personal)])])
        objects = [look.object for look in self.search.looks if look.object.key == place.object]
        return [replace(result, places=tuple(Origin(raw.key, raw.version, row) for raw in objects))]

    def _row(self, place: Place) -> int | None:
        if place.ordinal is not None:
            return place.ordinal + 1
        return None if place.object is None or place.line is None else self.row_of(place.object, place.line)


def failed(dataset: str, error: BaseException) -> list[RuleResult]:
    """Return the broken rule of a transform that failed before it saw a row, nothing for another error."""
    return [of_transform(dataset, [str(error)])] if isinstance(error, TransformFailed) else []


@contextmanager
def transform_traced(
    demand: Callable[[list[RuleResult]], None], results: Callable[[Exception], list[RuleResult]]
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
        demand(results(failure))
        raise failure
