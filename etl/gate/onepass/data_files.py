"""Data files read back beside Spark, a few columns of each: whether rows differ, and what values they have.

To start a Spark job for it takes longer than PyArrow takes to read a column of millions of rows.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from etl.gate.onepass.float_order import FloatOrder
from etl.gate.onepass.hash_shares import Shares
from etl.gate.onepass.metric_queries import FilesInconclusive
from etl.gate.onepass.ranged_file import S3RangeReader
from etl.gate.onepass.row_hashes import hash_rows
from etl.gate.onepass.value_counts import ColumnCounts
from etl.iceberg.manifests import DataFile, parquet_name
from etl.storage.raw_objects import S3Prefix
from etl.wording import count_noun

AT_ONCE = 1 << 15  # rows of a file in memory
THREADS = 4  # more than cores: some wait for S3
LOCAL = re.compile("^file:/+")
FIELD_ID = b"PARQUET:field_id"


@dataclass(frozen=True)
class Files:
    """Parquet files of `rows` rows, and the client that reads those on S3.

    What they tell raises `Unread` where they cannot, and what PyArrow or the client does where a file cannot be read.
    """

    files: Sequence[DataFile]
    s3: Any
    rows: int

    def all_differ(self, columns: Sequence[str]) -> bool:
        """Return True where no two rows agree in all columns, a null taken for a value; False where two may."""
        with Shares(self.rows) as shares, ThreadPoolExecutor(THREADS) as pool:
            self.read_columns(pool, columns, lambda batch: shares.add_hashes(hash_rows(batch)))
            return shares.all_differ(pool.map)

    def count_values(self, column: str) -> ColumnCounts | FloatOrder:
        """Return how many rows have each of the column's values; of floating-point numbers their order alone."""
        counts, order = ColumnCounts(), FloatOrder()
        with ThreadPoolExecutor(THREADS) as pool:
            self.read_columns(
                pool,
                [column],
                lambda batch: (order if pa.types.is_floating(batch[0].type) else counts).add_rows(*batch),
            )
        return order if order.rows else counts  # without a number neither has a row

    def count_nulls(self, column: str) -> int:
        """Return how many rows have no value in the column."""
        null_counts: list[int] = []
        with ThreadPoolExecutor(THREADS) as pool:
            self.read_columns(pool, [column], lambda batch: null_counts.append(batch[0].null_count))
        return sum(null_counts)

    def read_columns(
        self, pool: ThreadPoolExecutor, columns: Sequence[str], take: Callable[[list[pa.Array]], None]
    ) -> None:
        """Hand out the columns of some rows at a time, in several threads."""
        if (rows := sum(data_file.rows for data_file in self.files)) != self.rows:
            were = "was" if self.rows == 1 else "were"
            raise FilesInconclusive(f"{count_noun(self.rows, 'row')} {were} written, and {rows} by the manifests")
        list(pool.map(partial(self._read_file, columns, take), self.files))

    def _read_file(self, columns: Sequence[str], take: Callable[[list[pa.Array]], None], file: DataFile) -> None:
        for batch in self.batches(file, [*map(parquet_name, columns)]):
            take(batch)

    def batches(self, file: DataFile, columns: Sequence[str]) -> Iterator[list[pa.Array]]:
        """Yield these columns of some rows of a file at a time, by the names that the file has for them."""
        rows = 0
        with ParquetFile(self._open_file(file)) as parquet:
            for batch in parquet.iter_batches(AT_ONCE, columns=list(columns), use_threads=False):
                rows += batch.num_rows
                yield [batch.column(name) for name in columns]
        if rows != file.rows:
            raise FilesInconclusive(f"{file.path} has {count_noun(rows, 'row')}, and {file.rows} by its manifest")

    def read_fields(self, columns: Sequence[str]) -> dict[str, pa.Field]:
        """Return these columns as the first of the files declares them."""
        with ParquetFile(self._open_file(self.files[0])) as parquet:
            return {name: parquet.schema_arrow.field(parquet_name(name)) for name in columns}

    def names_by_field_id(self, file: DataFile) -> dict[bytes, str]:
        """Return what a file calls its columns, by the numbers that Iceberg knows them by."""
        with ParquetFile(self._open_file(file)) as parquet:
            return {
                column.metadata[FIELD_ID]: column.name
                for column in parquet.schema_arrow
                if column.metadata and FIELD_ID in column.metadata
            }

    def _open_file(self, file: DataFile) -> Any:
        if LOCAL.match(file.path):
            return LOCAL.sub("/", file.path)
        location = S3Prefix.from_uri(file.path)
        return S3RangeReader(
            lambda byte_range: self.s3.get_object(Bucket=location.bucket, Key=location.prefix, Range=byte_range),
            file.size,
        )
