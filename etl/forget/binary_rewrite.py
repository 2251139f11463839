"""Parquet, ORC, Avro and Excel without some of their rows: what cannot be written as it was is refused."""

import io
from collections.abc import Set
from typing import Any, NamedTuple, assert_never

import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.forget.avro_rewrite import rewrite_avro
from etl.forget.excel_rewrite import rewrite_excel


class RewrittenFile(NamedTuple):
    """A file's bytes, how many rows went, and how many stay."""

    data: bytes
    rows: int
    remaining: int


def rewrite_file(data: bytes, contract: Contract, places: Set[Any]) -> RewrittenFile:
    """Return a file without the rows of some ordinals, from 0.

    Raises:
        Exception: what its library raises where it cannot; ValueError where it would not be as it was.
    """
    match contract.format:
        case SourceFormat.PARQUET:
            return _rewrite_parquet(data, places)
        case SourceFormat.ORC:
            return _rewrite_orc(data, places)
        case SourceFormat.AVRO:
            return RewrittenFile(*rewrite_avro(data, places))
        case SourceFormat.EXCEL:
            return RewrittenFile(*rewrite_excel(data, contract.sheet, contract.first_row, {n + 1 for n in places}))
        case SourceFormat.CSV | SourceFormat.JSONL | SourceFormat.TABLES:
            raise ValueError(contract.format)
        case _:
            assert_never(contract.format)


def _rewrite_parquet(data: bytes, places: Set[Any]) -> RewrittenFile:
    """Write row groups as they were, but for some rows; columns, their physical types and their codecs stay."""
    source: Any = pq.ParquetFile(io.BytesIO(data))
    target, rows, position = io.BytesIO(), 0, 0
    with pq.ParquetWriter(target, source.schema_arrow, **_parquet_options(source)) as writer:
        for number in range(source.num_row_groups):
            table = source.read_row_group(number)
            kept = _kept_rows(position, table.num_rows, places)
            position, rows = position + table.num_rows, rows + table.num_rows - len(kept)
            if kept:
                writer.write_table(table.take(kept), row_group_size=len(kept))
    rewritten: Any = pq.ParquetFile(io.BytesIO(target.getvalue()))
    if not rewritten.schema.equals(source.schema):
        raise ValueError("its columns would have other types")
    return RewrittenFile(target.getvalue(), rows, rewritten.metadata.num_rows)


def _kept_rows(position: int, count: int, places: Set[Any]) -> list[int]:
    return [row for row in range(count) if position + row not in places]


def _parquet_options(source: Any) -> dict[str, Any]:
    """Return how a file was written, as far as a writer can be told."""
    columns = [source.schema.column(place) for place in range(len(source.schema))]
    first = source.metadata.row_group(0) if source.num_row_groups else None
    codecs = {column.path: first.column(place).compression for place, column in enumerate(columns)} if first else {}
    has_whole_decimals = any(
        column.logical_type.type == "DECIMAL" and column.physical_type in ("INT32", "INT64") for column in columns
    )
    return {
        "compression": {path: "none" if codec == "UNCOMPRESSED" else codec for path, codec in codecs.items()}
        or "snappy",
        "version": source.metadata.format_version,
        "use_deprecated_int96_timestamps": any(column.physical_type == "INT96" for column in columns),
        **({"store_decimal_as_integer": True} if has_whole_decimals else {}),
    }


def _rewrite_orc(data: bytes, places: Set[Any]) -> RewrittenFile:
    from pyarrow import orc  # noqa: PLC0415  only this format takes it

    source: Any = orc.ORCFile(io.BytesIO(data))
    table = source.read()
    kept = _kept_rows(0, table.num_rows, places)
    target = pa.BufferOutputStream()
    orc.write_table(table.take(kept), target, compression=str(source.compression).lower())  # pyright: ignore[reportArgumentType]
    body = target.getvalue().to_pybytes()
    if not orc.ORCFile(io.BytesIO(body)).schema.equals(source.schema):
        raise ValueError("its columns would have other types")
    return RewrittenFile(body, table.num_rows - len(kept), len(kept))
