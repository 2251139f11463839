"""Avro brings its own types, which must be the declared ones: nothing is cast on the way in. One task reads a file."""

from collections.abc import Iterator
from functools import reduce
from typing import BinaryIO

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.columns import ColumnSpec
from etl.contract.model import Contract
from etl.contract.table_names import LINE, ORDINAL
from etl.contract.types import TypeKind
from etl.ledger.quarantine_table import JSON_OPTIONS
from etl.sources.avro_container import iterate_avro_records, read_header
from etl.sources.avro_values import text_reader
from etl.sources.casting import OUT_OF_RANGE, dated_columns
from etl.sources.nested_json import read_nested, values_as_texts
from etl.sources.optional_columns import fill_optional
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PLACE, PROVENANCE
from etl.sources.value_reading import read_values
from etl.sources.whole_files import WholeRecord, read_whole_files
from etl.storage.object_streams import ObjectStreams

NESTED_TEXT = "_nested_"


def read_avro(
    spark: SparkSession, streams: ObjectStreams, preflights: list[FilePreflight], contract: Contract
) -> DataFrame:
    """Read Avro files whose fields are the declared columns, in any order.

    A value that its own type cannot hold, as a broken writer leaves it, makes its row a broken one.
    """
    rows = typed_rows(read_whole_files(spark, streams, preflights, contract, parse_avro), contract)
    dated = dated_columns(contract)
    beyond = [f"{OUT_OF_RANGE}{name}" for name in dated]
    typed = [column.name for column in contract.columns if not column.type.is_text]
    lost = [F.col(f"{OUT_OF_RANGE}{name}").isNotNull() for name in typed if name not in dated]
    is_broken = reduce(Column.__or__, lost, F.col(BROKEN)).alias(BROKEN)
    line = F.to_json(F.struct(*map(_value_in_line, contract.columns)), JSON_OPTIONS).alias(LINE)
    bookkeeping = (F.lit(False).alias(HEADER), ORDINAL, *PROVENANCE, PLACE)
    return fill_optional(rows.select(*contract.names, *beyond, line, is_broken, *bookkeeping), preflights, contract)


def _value_in_line(column: ColumnSpec) -> Column:
    """Return what a row's text has of a column: of lists and objects each value as a text, of a time that is none its text."""
    value = F.col(f"`{column.name}`")
    if column.type.is_nested:
        return values_as_texts(F.col(f"{NESTED_TEXT}{column.name}"), column.type).alias(column.name)
    if column.type.has_years:
        return F.coalesce(F.col(f"{OUT_OF_RANGE}{column.name}"), value.cast("string")).alias(column.name)
    return value


def typed_rows(texts: DataFrame, contract: Contract) -> DataFrame:
    """Return plain texts as values; those of bytes apart, of which an empty text is one.

    The texts of lists and objects stay under NESTED_TEXT.
    """
    kinds = {column.name: column.type.kind for column in contract.columns}
    contents = {
        name: F.try_to_binary(F.col(f"`{name}`"), F.lit("base64"))
        for name, kind in kinds.items()
        if kind is TypeKind.BINARY
    }
    named = tuple(column for column in contract.as_stored_rows().columns if column.name not in contents)
    stored = contract.as_stored_rows().with_columns(named)
    lost = {f"{OUT_OF_RANGE}{name}": F.lit(None).cast("string") for name in contents}
    nested = {column.name: column.type for column in contract.columns if column.type.is_nested}
    if nested:
        texts = texts.withColumns({f"{NESTED_TEXT}{name}": F.col(f"`{name}`") for name in nested})
        texts = read_nested(texts, nested)
    rows = read_values(texts, stored)
    return rows.withColumns({**contents, **lost}) if contents else rows


def parse_avro(stream: BinaryIO, contract: Contract, _preflight: FilePreflight) -> Iterator[WholeRecord]:
    """Yield the records of a file as plain texts, without texts of their own.

    Raises:
        BrokenRecords: a block is broken or cut off.
    """
    header = read_header(stream)
    fields = header.schema.fields
    writers = [
        (file_name, text_reader(fields[file_name], column.type) if file_name in fields else str)
        for column in contract.columns
        for file_name in [contract.file_names[column.name]]
    ]
    for number, record in enumerate(iterate_avro_records(stream, header), 1):
        # A column that the whole file may lack is filled once all is read.
        values = [None if (value := record.get(name)) is None else text_of(value) for name, text_of in writers]
        yield WholeRecord(number, "", values)
