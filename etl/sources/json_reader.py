"""JSON lines: one flat object a line, its keys compared with the contract before it is parsed.

Spark's JSON reader takes a duplicate key's last value, drops an unknown key, turns a nested object into text, prints a
number anew and ignores what follows the object, all in silence. So each line is proven first (`json_syntax.py`). Then
it is parsed once, as a map of texts, with its numbers quoted: keys and values come from that reading (docs/decisions/0011).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.dialect import ExtraColumns
from etl.contract.model import Contract
from etl.contract.table_names import LINE, ORDINAL
from etl.sources.casting import OUT_OF_RANGE, columns_beside_texts
from etl.sources.json_records import iterate_json_records
from etl.sources.json_syntax import BARE_NUMBER, HALVED, OBJECT, QUOTED_NUMBER
from etl.sources.nested_json import read_nested, record_pattern
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PLACE, PROVENANCE, no_ordinal, read_lines
from etl.sources.value_reading import read_values
from etl.sources.whole_files import WholeRecord, read_whole_files
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import S3Prefix

MAP, KEYS = "_map", "_keys"


def read_json(
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    contract: Contract,
    streams: ObjectStreams | None = None,
) -> DataFrame:
    """Read JSON; a declared key that a record lacks is null, which the contract's rules judge.

    `streams` opens objects whose records are not one a line; the environment's S3 by default.
    """
    if contract.record_form.takes_whole_files:
        streams = streams or ObjectStreams.from_client(None, raw_prefix.bucket)
        # Its columns come from the records' texts, as those of lines do.
        records = read_whole_files(spark, streams, preflights, replace(contract, columns=()), parse_records)
        ordinal = F.col(ORDINAL)
    else:
        records, ordinal = read_lines(spark, raw_prefix, preflights), no_ordinal()
    beyond = [f"{OUT_OF_RANGE}{name}" for name in columns_beside_texts(contract)]
    bookkeeping = (LINE, BROKEN, F.lit(False).alias(HEADER), ordinal, *PROVENANCE, PLACE)
    return split_columns(records, contract).select(*contract.names, *bookkeeping, *beyond)


def parse_records(stream: BinaryIO, contract: Contract, _preflight: FilePreflight) -> Iterator[WholeRecord]:
    """Yield the records of a file whose records are not one a line, without values.

    Raises:
        BrokenRecords: where one ends cannot be told.
    """
    return (WholeRecord(number, text, ()) for number, text in iterate_json_records(stream, contract.records))


def split_columns(frame: DataFrame, contract: Contract) -> DataFrame:
    """Add the contract's columns and `_broken` to a frame of JSON lines; a text is what the line has, a number too."""
    nested = {column.name: column.type for column in contract.columns if column.type.is_nested}
    texts = parse_texts(frame, contract.file_names, contract.extra_columns, _pattern_of(contract))
    return read_values(read_nested(texts, nested) if nested else texts, contract)


def _pattern_of(contract: Contract) -> str:
    """Return what proves a record; what nobody declared may hold anything where it is ignored."""
    types = {contract.file_names[column.name]: column.type for column in contract.columns}
    ignores = contract.extra_columns is ExtraColumns.IGNORE
    has_nested = any(declared.is_nested for declared in types.values())
    return record_pattern(types, ignores_others=ignores) if ignores or has_nested else OBJECT


def parse_texts(
    frame: DataFrame,
    keys: Mapping[str, str],
    extra_keys: ExtraColumns = ExtraColumns.REFUSE,
    pattern: str = OBJECT,
) -> DataFrame:
    """Add a text for each name, null where a line lacks its key, and `_broken`: the line is no object of these keys.

    `keys` are by name what stands in the line. `pattern` is what proves an object; a number in it becomes a text.
    """
    quoted = F.when(F.col(LINE).rlike(rf"\A{pattern}\z"), F.regexp_replace(LINE, BARE_NUMBER, QUOTED_NUMBER))
    mapped_rows = frame.withColumn(MAP, F.from_json(quoted, "map<string,string>"))
    mapped_rows = mapped_rows.withColumn(KEYS, F.map_keys(MAP))
    has_known_keys = F.size(F.array_except(KEYS, F.array(*map(F.lit, keys.values())))) == 0
    has_known_keys = has_known_keys | F.col(KEYS).isNotNull() if extra_keys.are_ignored else has_known_keys
    has_unique_keys = F.size(F.array_distinct(KEYS)) == F.size(KEYS)
    mapped_rows = mapped_rows.withColumn(BROKEN, ~F.coalesce(has_known_keys & has_unique_keys, F.lit(False)))
    texts = {name: F.when(~F.col(BROKEN), F.try_element_at(MAP, F.lit(key))) for name, key in keys.items()}
    return mapped_rows.withColumns(texts).drop(MAP, KEYS)


def is_halved(line: str = LINE) -> Column:
    """Return where a line is no object for half a surrogate pair alone: Spark would write `?` for it."""
    return F.col(line).rlike(rf"\A{HALVED}\z") & ~F.col(line).rlike(rf"\A{OBJECT}\z")
