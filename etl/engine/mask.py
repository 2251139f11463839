"""Row marks as bits of longs: generated code sets them, `bit_or` says which were ever set, however many rows there are."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

BITS = 63  # of a long; the sign stays out


def packed(marks: Sequence[Column]) -> list[Column]:
    """Return longs that hold the marks (booleans; null is no mark), the first in the lowest bit of the first long."""
    return [_word(marks[at : at + BITS]) for at in range(0, len(marks), BITS)]


def _word(marks: Sequence[Column]) -> Column:
    bits = [F.when(mark, F.lit(1 << at).cast("long")).otherwise(F.lit(0).cast("long")) for at, mark in enumerate(marks)]
    return reduce(lambda one, other: one.bitwiseOR(other), bits)


def is_set(words: Sequence[Column], at: int) -> Column:
    """Return where the mark number `at` is set."""
    return words[at // BITS].bitwiseAND(F.lit(1 << at % BITS).cast("long")) != F.lit(0)


def unpacked(words: Sequence[int | None], count: int) -> list[bool]:
    """Return the marks of observed longs; None, which no row at all leaves behind, has none."""
    return [bool((words[at // BITS] or 0) >> at % BITS & 1) for at in range(count)]


def none_set(words: Sequence[Column]) -> Column:
    """Return where no mark is set."""
    return reduce(lambda one, other: one & other, (word == F.lit(0) for word in words), F.lit(True))
