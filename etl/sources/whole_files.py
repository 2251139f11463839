"""Files that one task reads whole, in Python: where a record ends cannot be seen from the middle of such a file.

A task streams one version of one object and holds a batch of its records. So memory does not grow with a file, and the time for
one does: Spark cannot divide it.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import Contract
from etl.contract.table_names import LINE, ORDINAL
from etl.sources.compression import codec_of, decompress_stream
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, PLACE, with_objects
from etl.storage.byte_streams import buffered_stream
from etl.storage.object_streams import ObjectStreams

MAX_TASKS = 1000
BATCH_RECORDS = 4096
BATCH_CHARACTERS = 1 << 22
"""Characters of a batch: records may be long."""
ROOT = str(Path(__file__).parents[2])
"""Where this package is imported from."""


class WholeRecord(NamedTuple):
    """A record of a file.

    Attributes:
        number: its number, from 1, as a person counts in the file: that of its first line, where the file has lines.
        text: the record as it stands, for samples.
        values: the text of each of the contract's columns in their order, None for null; None for what is no record.
    """

    number: int
    text: str
    values: Sequence[str | None] | None


RecordParser = Callable[[BinaryIO, Contract, FilePreflight], Iterator[WholeRecord]]
"""Yields the records of a file from its unpacked bytes. A function of a module: workers import it."""


@dataclass(frozen=True)
class WholeFiles:
    """The objects that tasks read, and how: what a task is sent."""

    streams: ObjectStreams
    preflights: Sequence[FilePreflight]
    contract: Contract
    parse: RecordParser

    def records(self, preflight: FilePreflight) -> Iterator[WholeRecord]:
        """Yield the records of one object.

        Raises:
            BrokenStream: what is packed is broken.
        """
        raw_object = preflight.object
        codec = None if self.contract.format.takes_whole_files else codec_of(raw_object.key)
        chunks = self.streams.chunks(raw_object)
        stream = buffered_stream(decompress_stream(chunks, codec) if codec else chunks)
        return self.parse(stream, self.contract, preflight)

    def batches(self, places: Iterable[Any]) -> Iterator[pa.RecordBatch]:
        """Yield the records of the objects at some places, as a task of Spark takes and gives them."""
        for place in (value for batch in places for value in batch.column(0).to_pylist()):
            for records in _chunked(self.records(self.preflights[place])):
                yield _as_batch(records, place, len(self.contract.columns))


def read_whole_files(
    spark: SparkSession,
    streams: ObjectStreams,
    preflights: list[FilePreflight],
    contract: Contract,
    parse: RecordParser,
) -> DataFrame:
    """Return a text column for each of the contract's, `_line`, `_broken`, `_ordinal`, and which object a row is of."""
    files = WholeFiles(streams, tuple(preflights), contract, parse)
    places = spark.range(0, len(preflights), 1, max(1, min(len(preflights), MAX_TASKS)))
    columns = [f"`{name}` string" for name in contract.names]
    schema = ", ".join([*columns, f"{LINE} string", f"{BROKEN} boolean", f"{ORDINAL} bigint", f"{PLACE} int"])
    return with_objects(places.mapInArrow(_task(files), schema), preflights)


def _task(files: WholeFiles) -> Any:
    """Return what a worker runs. It is sent as it is, without an import: so a worker can be told where our modules are."""
    payload, root = pickle.dumps(files), ROOT

    def run(places: Iterator[Any]) -> Iterator[Any]:
        import pickle  # noqa: PLC0415  a worker has nothing of this module
        import sys  # noqa: PLC0415

        if root not in sys.path:
            sys.path.append(root)
        yield from pickle.loads(payload).batches(places)  # noqa: S301  our own bytes

    return run


def _chunked(records: Iterator[WholeRecord]) -> Iterator[list[WholeRecord]]:
    """Yield records in lists that fit in memory."""
    chunk: list[WholeRecord] = []
    characters = 0
    for record in records:
        chunk.append(record)
        characters += len(record.text) or sum(map(len, filter(None, record.values or ())))
        if len(chunk) == BATCH_RECORDS or characters > BATCH_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _as_batch(records: Sequence[WholeRecord], place: int, width: int) -> pa.RecordBatch:
    numbers, texts, values = zip(*records, strict=True)
    broken = [row is None for row in values]
    if any(broken):
        missing = [None] * width
        values = [missing if row is None else row for row in values]
    record_batch: Any = pa.RecordBatch
    arrays = [
        *(pa.array(column, pa.string()) for column in zip(*values, strict=True)),
        pa.array(texts, pa.string()),
        pa.array(broken, pa.bool_()),
        pa.array([number - 1 for number in numbers], pa.int64()),
        pa.array([place] * len(numbers), pa.int32()),
    ]
    return record_batch.from_arrays(arrays, [f"{index}" for index in range(len(arrays))])
