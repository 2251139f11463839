"""Row marks as bits of longs: generated code sets them, `bit_or` says which were ever set, however many rows there are."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

BITS = 32  # marks in a word: what sets them is compiled as one, about 150 bytes a mark, and must stay below 8000


Group = tuple[Column | None, Sequence[Column]]
"""Marks, and the rows that they are of, None for all: looked at once for all of them, which is less code to compile."""


def packed(marks: Sequence[Column]) -> list[Column]:
    """Return longs that hold the marks (booleans; null is no mark), the first in the lowest bit of the first long."""
    return packed_by([(None, marks)])


def packed_by(groups: Sequence[Group]) -> list[Column]:
    """Return longs that hold the marks of all groups in their order, each where its group's rows are."""
    words: dict[int, list[Column]] = {}
    at = 0
    for where, marks in groups:
        bits: dict[int, list[Column]] = {}
        for mark in marks:
            bits.setdefault(at // BITS, []).append(F.when(mark, _long(1 << at % BITS)).otherwise(_long(0)))
            at += 1
        for number, own in bits.items():
            word = _either(own)
            words.setdefault(number, []).append(word if where is None else F.when(where, word).otherwise(_long(0)))
    return [_either(own) for own in words.values()]


def _long(value: int) -> Column:
    return F.lit(value).cast("long")


def _either(words: Sequence[Column]) -> Column:
    return reduce(lambda one, other: one.bitwiseOR(other), words)


def joined(words: Sequence[Column]) -> list[Column]:
    """Return longs that hold two words each, the first in the lower half; a word's own long has no bit beyond BITS."""
    pairs = [words[at : at + 2] for at in range(0, len(words), 2)]
    return [_either([pair[0], *(F.shiftleft(word, BITS) for word in pair[1:])]) for pair in pairs]


def split(longs: Sequence[int | None], count: int) -> list[int]:
    """Return the words of observed longs; None, which no row at all leaves behind, has none set."""
    return [(longs[at // 2] or 0) >> at % 2 * BITS & (1 << BITS) - 1 for at in range(count)]


def is_set(words: Sequence[Column], at: int) -> Column:
    """Return where the mark number `at` is set."""
    return words[at // BITS].bitwiseAND(F.lit(1 << at % BITS).cast("long")) != F.lit(0)


def unpacked(words: Sequence[int | None], count: int) -> list[bool]:
    """Return the marks of observed longs; None, which no row at all leaves behind, has none."""
    return [bool((words[at // BITS] or 0) >> at % BITS & 1) for at in range(count)]


def none_set(words: Sequence[Column]) -> Column:
    """Return where no mark is set."""
    return reduce(lambda one, other: one & other, (word == F.lit(0) for word in words), F.lit(True))
