"""Which raw objects showed a header and which a row, as bits of words: two bits an object."""

from collections.abc import Hashable, Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.gate.onepass.bitmask import BITS
from etl.sources.provenance import HEADER, PLACE

A_WORD = BITS // 2  # objects a word holds
MOST = 16 * A_WORD  # beyond, each row would carry more words than it is worth


def words(count: int) -> dict[Hashable, Column]:
    """Return what to OR over the lines of `count` objects, to be read by `seen`."""
    return {("objects", at): _word(at, count) for at in range(-(-count // A_WORD))}


def _word(at: int, count: int) -> Column:
    first = at * A_WORD
    place = F.col(PLACE) - F.lit(first)
    bit = place * F.lit(2) + F.when(F.col(HEADER), F.lit(0)).otherwise(F.lit(1))
    word = F.call_function("shiftleft", F.lit(1).cast("long"), bit)
    return word if count <= A_WORD else F.when(place.between(0, A_WORD - 1), word)


def seen(values: Mapping[Hashable, Any], count: int) -> tuple[list[bool], list[bool]]:
    """Return for each object whether a header was seen, and whether a row was."""
    found = [values["objects", at // A_WORD] >> at % A_WORD * 2 & 3 for at in range(count)]
    return [bool(bits & 1) for bits in found], [bool(bits & 2) for bits in found]
