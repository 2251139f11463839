"""What metrics ask that no tally of passing rows can tell, and that a look at the rows that were written does.

Of floating-point numbers, whose equal values can differ as text or as hashes (0.0 and -0.0), only their order is asked for.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol


class FilesInconclusive(Exception):
    """What was written cannot tell: a value is wide, there are too many, or the files hold other rows than were written."""


class ValueOrder(Protocol):
    """The values of a column in their order."""

    @property
    def rows(self) -> int:
        """How many rows have one; the others have a null, or NaN."""
        ...

    def value_at(self, place: int) -> Any:
        """Return the value of the row at a place, from 1, were they put in order."""
        ...


class ValueCounts(ValueOrder, Protocol):
    """How many rows have each value of a column."""

    @property
    def values(self) -> int:
        """How many values there are."""
        ...

    def most_common(self) -> list[Any]:
        """Return the values that most rows have, in their order."""
        ...


@dataclass(frozen=True)
class Unique:
    """How many rows agree in all columns with another: 0, or a number that is not told."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class ColumnQuestion:
    """What the values of a column tell, and how often each stands."""

    column: str
    is_order: ClassVar[bool] = False
    """Whether the values' order tells it, which floating-point numbers have too."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it takes."""
        return (self.column,)

    def answer_from(self, counts: Any, rows: int) -> Any:
        """Return the metric's value by a `ValueOrder` where that tells it, else by `ValueCounts`; `rows` were written."""
        raise NotImplementedError


@dataclass(frozen=True)
class Distinct(ColumnQuestion):
    """How many there are."""

    def answer_from(self, counts: ValueCounts, rows: int) -> int:
        """Return their number, nulls left out."""
        return counts.values


@dataclass(frozen=True)
class MostCommon(ColumnQuestion):
    """Which stand most often."""

    def answer_from(self, counts: ValueCounts, rows: int) -> list[Any]:
        """Return all that stand as often as any does."""
        return counts.most_common()


@dataclass(frozen=True)
class Quantiles(ColumnQuestion):
    """Which stand at shares of the rows, as Spark's `approxQuantile` has them without an error."""

    shares: tuple[float, ...]
    is_order: ClassVar[bool] = True

    def answer_from(self, counts: ValueOrder, rows: int) -> list[float | None]:
        """Return the value at each share; None where there is none."""
        return [_value_at_share(counts, share) if counts.rows else None for share in self.shares]


@dataclass(frozen=True)
class Median(ColumnQuestion):
    """Which stands in the middle."""

    is_order: ClassVar[bool] = True

    def answer_from(self, counts: ValueOrder, rows: int) -> float:
        """Return the mean of the two in the middle, which the library finds by a share that is little more than a half."""
        if not counts.rows:
            return math.nan
        shares = (0.5, 0.5 + 1 / (2 + 2 * rows))
        return sum(_value_at_share(counts, share) for share in shares) / 2


Question = Unique | ColumnQuestion


def _value_at_share(counts: ValueOrder, share: float) -> float:
    return float(counts.value_at(min(max(math.ceil(share * counts.rows), 1), counts.rows)))
