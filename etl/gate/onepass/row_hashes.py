"""A 64-bit hash for each row, of some of its columns."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

from etl.gate.onepass.metric_queries import FilesInconclusive

WIDEST = 1 << 10  # bytes of a value
NULL_WORD = np.uint64(0xFFFFFFFFFFFFFFFF)
ODD, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)  # 2 ** 64 divided by the golden ratio (Knuth, TAOCP 6.4)
pc: Any = pyarrow.compute  # makes its functions as it is imported


def hash_rows(columns: Iterable[pa.Array]) -> np.ndarray:
    """Return a 64-bit hash for each row: equal for rows whose values are all equal, whatever rows stand beside them.

    Raises:
        Unread: a value has more than `WIDEST` bytes.
    """
    hashes: Any = np.uint64(0)
    for column in columns:
        if pa.types.is_floating(column.type):
            raise AssertionError("equal floating-point numbers have several forms: no hash proves that they differ")
        hashes = _mix_number(hashes, column) if _is_number(column.type) else _mix_text(hashes, _as_text(column))
    return hashes


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_date32(kind) or pa.types.is_timestamp(kind)


def _mix_number(hashes: Any, column: pa.Array) -> np.ndarray:
    """Mix in a column whose values are numbers of up to 64 bits."""
    numbers = cast(Any, column.cast("int32")) if pa.types.is_date32(column.type) else column
    words = np.asarray(pc.fill_null(numbers.cast("int64"), 0)).view(np.uint64)
    mixed = _mix_word(hashes, words)
    if not column.null_count:
        return mixed
    # Two words, since each word is a number's: the first column's -1 is the one alone.
    return np.where(np.asarray(pc.is_null(column)), _mix_word(_mix_word(hashes, NULL_WORD), NULL_WORD), mixed)


def _mix_text(hashes: Any, text: pa.Array) -> np.ndarray:
    lengths = np.asarray(pc.fill_null(pc.binary_length(text), -1))
    hashes = _mix_word(hashes, lengths.astype(np.uint64))
    for position, long in enumerate(_as_longs(text, int(lengths.max(initial=1)))):
        # How far a value is padded is its neighbours' doing.
        hashes = np.where(lengths > 8 * position, _mix_word(hashes, long), hashes)
    return hashes


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return column
    return cast(Any, column).view("string") if pa.types.is_binary(column.type) else column.cast("string")


def _mix_word(hashes: Any, word: Any) -> Any:
    """Return hashes that differ where these do and the word is the same, or the other way round."""
    with np.errstate(over="ignore"):  # of a single hash numpy warns, of an array it does not
        mixed = (hashes ^ word) * ODD
    return mixed ^ (mixed >> HALF)


def _as_longs(text: pa.Array, longest: int) -> Iterator[np.ndarray]:
    """Return each value's bytes as longs, the first long of each first; padded to the longest one's."""
    longs = -(-longest // 8)
    if longs * 8 > WIDEST:
        raise FilesInconclusive(f"a value has more than {WIDEST} bytes")
    even = pc.ascii_rpad(pc.fill_null(text, ""), width=longs * 8, padding="\0")  # pads bytes, whatever they are
    yield from np.frombuffer(even.buffers()[2], np.uint64, len(even) * longs, _first_offset(even)).reshape(-1, longs).T


def _first_offset(text: pa.Array) -> int:
    """Return where the bytes of the first value begin."""
    return int(np.frombuffer(text.buffers()[1], np.int32, 1, text.offset * 4)[0])
