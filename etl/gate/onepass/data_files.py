"""Data files read back beside Spark, a few columns of each: whether rows differ, and what values they have.

To start a Spark job for it takes longer than PyArrow takes to read a column of millions of rows.
"""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from etl.gate.onepass.hash_shares import Shares
from etl.gate.onepass.metric_queries import Unread
from etl.gate.onepass.ranged_file import Ranges
from etl.gate.onepass.row_hashes import hashed
from etl.gate.onepass.value_counts import Counts
from etl.iceberg.manifests import DataFile
from etl.storage.raw_objects import Place
from etl.wording import counted

AT_ONCE = 1 << 16  # rows of a file in memory
THREADS = 4  # more than cores: some wait for S3
LOCAL = re.compile("^file:/+")


@dataclass(frozen=True)
class Files:
    """Parquet files of `rows` rows, and the client that reads those on S3.

    What they tell raises `Unread` where they cannot, and what PyArrow or the client does where a file cannot be read.
    """

    files: Sequence[DataFile]
    s3: Any
    rows: int

    def differ(self, columns: Sequence[str]) -> bool:
        """Return True where no two rows agree in all columns, a null taken for a value; False where two may."""
        with Shares(self.rows) as shares, ThreadPoolExecutor(THREADS) as pool:
            self._read(pool, columns, lambda batch: shares.add(hashed(batch)))
            return shares.all_differ(pool.map)

    def counts(self, column: str) -> Counts:
        """Return how many rows have each of the column's values."""
        found = Counts()
        with ThreadPoolExecutor(THREADS) as pool:
            self._read(pool, [column], lambda batch: found.add(*batch))
        return found

    def nulls(self, column: str) -> int:
        """Return how many rows have no value in the column."""
        found: list[int] = []
        with ThreadPoolExecutor(THREADS) as pool:
            self._read(pool, [column], lambda batch: found.append(batch[0].null_count))
        return sum(found)

    def _read(self, pool: ThreadPoolExecutor, columns: Sequence[str], take: Callable[[list[pa.Array]], None]) -> None:
        """Hand out the columns of some rows at a time, in several threads."""
        if (rows := sum(one.rows for one in self.files)) != self.rows:
            were = "was" if self.rows == 1 else "were"
            raise Unread(f"{counted(self.rows, 'row')} {were} written, and {rows} by the manifests")
        list(pool.map(partial(self._read_one, columns, take), self.files))

    def _read_one(self, columns: Sequence[str], take: Callable[[list[pa.Array]], None], file: DataFile) -> None:
        rows = 0
        with ParquetFile(self._opened(file)) as parquet:
            for batch in parquet.iter_batches(AT_ONCE, columns=list(columns), use_threads=False):
                rows += batch.num_rows
                take([batch.column(name) for name in columns])
        if rows != file.rows:
            raise Unread(f"{file.path} has {counted(rows, 'row')}, and {file.rows} by its manifest")

    def _opened(self, file: DataFile) -> Any:
        if LOCAL.match(file.path):
            return LOCAL.sub("/", file.path)
        place = Place.of(file.path)
        return Ranges(lambda asked: self.s3.get_object(Bucket=place.bucket, Key=place.prefix, Range=asked), file.size)
