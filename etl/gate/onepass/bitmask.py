"""Row marks as bits of longs: generated code sets them, `bit_or` says which were ever set, however many rows there are."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

BITS = 32  # marks in a word: what sets them is compiled as one, about 150 bytes a mark, and must stay below 8000


Group = tuple[Column | None, Sequence[Column]]
"""Marks, and the rows that they are of, None for all: looked at once for all of them, which is less code to compile."""


def pack_marks(marks: Sequence[Column]) -> list[Column]:
    """Return longs that hold the marks (booleans; null is no mark), the first in the lowest bit of the first long."""
    return pack_groups([(None, marks)])


def pack_groups(groups: Sequence[Group]) -> list[Column]:
    """Return longs that hold the marks of all groups in their order, each where its group's rows are."""
    words: dict[int, list[Column]] = {}
    position = 0
    for where, marks in groups:
        bits: dict[int, list[Column]] = {}
        for mark in marks:
            bits.setdefault(position // BITS, []).append(
                F.when(mark, _long_literal(1 << position % BITS)).otherwise(_long_literal(0))
            )
            position += 1
        for number, marked_bits in bits.items():
            word = _bitwise_or(marked_bits)
            words.setdefault(number, []).append(
                word if where is None else F.when(where, word).otherwise(_long_literal(0))
            )
    return [_bitwise_or(marked_bits) for marked_bits in words.values()]


def _long_literal(value: int) -> Column:
    return F.lit(value).cast("long")


def _bitwise_or(words: Sequence[Column]) -> Column:
    return reduce(lambda first, second: first.bitwiseOR(second), words)


def join_words(words: Sequence[Column]) -> list[Column]:
    """Return longs that hold two words each, the first in the lower half; a word's own long has no bit beyond BITS."""
    pairs = [words[number : number + 2] for number in range(0, len(words), 2)]
    return [_bitwise_or([pair[0], *(F.shiftleft(word, BITS) for word in pair[1:])]) for pair in pairs]


def split_longs(longs: Sequence[int | None], count: int) -> list[int]:
    """Return the words of observed longs; None, which no row at all leaves behind, has none set."""
    return [(longs[number // 2] or 0) >> number % 2 * BITS & (1 << BITS) - 1 for number in range(count)]


def is_set(words: Sequence[Column], number: int) -> Column:
    """Return where the mark number `number` is set."""
    return words[number // BITS].bitwiseAND(F.lit(1 << number % BITS).cast("long")) != F.lit(0)


def unpack_marks(words: Sequence[int | None], count: int) -> list[bool]:
    """Return the marks of observed longs; None, which no row at all leaves behind, has none."""
    return [bool((words[number // BITS] or 0) >> number % BITS & 1) for number in range(count)]


def none_set(words: Sequence[Column]) -> Column:
    """Return where no mark is set."""
    return reduce(lambda first, second: first & second, (word == F.lit(0) for word in words), F.lit(True))
