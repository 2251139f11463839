"""Data files read back beside Spark, a few columns of each: a hash of each row, and whether all of them differ.

To start a Spark job for it takes longer than PyArrow takes to read the key of millions of rows.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from pyarrow.parquet import ParquetFile

from etl.manifests import DataFile
from etl.raw import Place

AT_ONCE = 1 << 16  # rows of a file in memory
WIDEST = 1 << 10  # bytes of a value
THREADS = 4  # more than cores: some wait for S3
pc: Any = pyarrow.compute  # makes its functions as it is imported
LOCAL = re.compile("^file:/+")
ODD, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)  # 2 ** 64 divided by the golden ratio (Knuth, TAOCP 6.4)


class Unread(Exception):
    """The files cannot tell: a value is wide, or they hold other rows than the snapshot says."""


@dataclass(frozen=True)
class Files:
    """Parquet files, and the client that reads those on S3."""

    files: Sequence[DataFile]
    s3: Any

    def differ(self, columns: Sequence[str], count: int) -> bool:
        """Return True where no two of the `count` rows agree in all columns, a null taken for a value; False where two may.

        Columns are of types that a contract declares: no floating-point numbers, whose equal values differ as text.

        Raises:
            Unread: the files cannot tell.
            Exception: a file cannot be read.
        """
        if (rows := sum(one.rows for one in self.files)) != count:
            raise Unread(f"{count} rows were written, and {rows} by the manifests")
        found = np.empty(count, np.uint64)
        ends = np.cumsum([one.rows for one in self.files], dtype=int)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(partial(self._hash, columns), self.files, np.split(found, ends[:-1])))
            return _all_differ(found, pool)

    def _hash(self, columns: Sequence[str], file: DataFile, hashes: np.ndarray) -> None:
        """Fill in the hashes of a file's rows."""
        rows = 0
        with ParquetFile(self._opened(file)) as parquet:
            for batch in parquet.iter_batches(AT_ONCE, columns=list(columns), use_threads=False):
                first, rows = rows, rows + batch.num_rows
                if rows <= file.rows:
                    hashes[first:rows] = _hashed([batch.column(name) for name in columns])
        if rows != file.rows:
            raise Unread(f"{file.path} has {rows} rows, and {file.rows} by its manifest")

    def _opened(self, file: DataFile) -> Any:
        if LOCAL.match(file.path):
            return LOCAL.sub("/", file.path)
        place = Place.of(file.path)
        return Ranges(lambda asked: self.s3.get_object(Bucket=place.bucket, Key=place.prefix, Range=asked), file.size)


class Ranges(io.RawIOBase):
    """An object of `size` bytes as a file: what is read is asked for by its range, and nothing before."""

    def __init__(self, get: Callable[[str], Any], size: int) -> None:
        """Start at the first byte; `get` returns S3's answer to an HTTP `Range`."""
        super().__init__()
        self._get, self._size, self._at = get, size, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move there."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, with what is left at most."""
        end = min(self._at + len(buffer), self._size)
        if end <= self._at:
            return 0
        found = self._get(f"bytes={self._at}-{end - 1}")["Body"].read()
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _all_differ(hashes: np.ndarray, pool: ThreadPoolExecutor) -> bool:
    """Say whether no two are alike; sorts them where they are, each half by a core."""
    middle = len(hashes) // 2
    if middle:
        hashes.partition(middle)
        list(pool.map(np.ndarray.sort, (hashes[:middle], hashes[middle:])))
    return not bool((hashes[1:] == hashes[:-1]).any())


def _hashed(columns: Iterable[pa.Array]) -> np.ndarray:
    """Return a 64-bit hash for each row: equal for rows whose values are all equal, whatever rows stand beside them."""
    hashes: Any = np.uint64(0)
    for column in columns:
        text = column if pa.types.is_string(column.type) else column.cast("string")
        lengths = np.asarray(pc.fill_null(pc.binary_length(text), -1))
        hashes = _mixed(hashes, lengths.astype(np.uint64))
        for at, word in enumerate(_words(text, int(lengths.max(initial=1)))):
            # How far a value is padded is its neighbours' doing.
            hashes = np.where(lengths > 8 * at, _mixed(hashes, word), hashes)
    return hashes


def _mixed(hashes: Any, word: np.ndarray) -> Any:
    """Return hashes that differ where these do and the word is the same, or the other way round."""
    mixed = (hashes ^ word) * ODD
    return mixed ^ (mixed >> HALF)


def _words(text: pa.Array, longest: int) -> Iterator[np.ndarray]:
    """Return each value's bytes as longs, the first long of each first; padded to the longest one's."""
    longs = -(-longest // 8)
    if longs * 8 > WIDEST:
        raise Unread(f"a value has more than {WIDEST} bytes")
    even = pc.ascii_rpad(pc.fill_null(text, ""), width=longs * 8, padding="\0")  # pads bytes, whatever they are
    yield from np.frombuffer(even.buffers()[2], np.uint64, len(even) * longs, _first(even)).reshape(-1, longs).T


def _first(text: pa.Array) -> int:
    """Return where the bytes of the first value begin."""
    return int(np.frombuffer(text.buffers()[1], np.int32, 1, text.offset * 4)[0])
