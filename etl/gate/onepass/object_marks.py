"""Which raw objects showed a header and which a row, as bits of words: two bits an object; of very many the rows alone."""

from collections.abc import Hashable, Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.gate.onepass.bitmask import BITS
from etl.gate.onepass.observations import Aggregate
from etl.sources.provenance import HEADER, PLACE

OBJECTS_PER_WORD = BITS // 2  # objects a word holds
MAX_OBJECTS = 16 * OBJECTS_PER_WORD  # beyond, each row would carry more words than it is worth
MOST_OBJECTS = 8 * 4096  # bits of one bitmap of Spark's, which takes longer a row than words do


def object_words(count: int) -> dict[Hashable, Column]:
    """Return what to OR over the lines of `count` objects, to be read by `read_words`."""
    return {("objects", number): _object_word(number, count) for number in range(-(-count // OBJECTS_PER_WORD))}


def _object_word(number: int, count: int) -> Column:
    first = number * OBJECTS_PER_WORD
    place = F.col(PLACE) - F.lit(first)
    bit = place * F.lit(2) + F.when(F.col(HEADER), F.lit(0)).otherwise(F.lit(1))
    word = F.call_function("shiftleft", F.lit(1).cast("long"), bit)
    return word if count <= OBJECTS_PER_WORD else F.when(place.between(0, OBJECTS_PER_WORD - 1), word)


def read_words(values: Mapping[Hashable, Any], count: int) -> tuple[list[bool], list[bool]]:
    """Return for each object whether a header was seen, and whether a row was."""
    bits_by_object = [
        values["objects", number // OBJECTS_PER_WORD] >> number % OBJECTS_PER_WORD * 2 & 3 for number in range(count)
    ]
    return [bool(bits & 1) for bits in bits_by_object], [bool(bits & 2) for bits in bits_by_object]


def objects_with_rows(rows: Column) -> Aggregate:
    """Return what tells of very many objects which have one of the rows, to be read by `read_bitmap`."""
    return Aggregate(lambda place: F.bitmap_construct_agg(F.bitmap_bit_position(place + 1)), PLACE, rows)


def read_bitmap(bitmap: bytes, count: int) -> list[bool]:
    """Return for each object whether a row was seen."""
    return [bool(bitmap[number // 8] >> number % 8 & 1) for number in range(count)]
