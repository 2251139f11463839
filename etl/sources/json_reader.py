"""JSON lines: one flat object a line, its keys compared with the contract before it is parsed.

Spark's JSON reader takes a duplicate key's last value, drops an unknown key, turns a nested object into text, prints a
number anew and ignores what follows the object, all in silence. So each line is proven first. One that is plain gives its
values in that look (`plain_json.py`). Another one (`json_syntax.py`) is parsed once, as a map of texts, with its numbers
quoted: keys and values come from that reading (docs/decisions/0011).
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
from etl.sources.csv_header import Layout
from etl.sources.json_records import iterate_json_records
from etl.sources.json_syntax import BARE_NUMBER, HALVED, OBJECT, QUOTED_NUMBER
from etl.sources.line_regex import LineRegex
from etl.sources.nested_json import read_nested, record_pattern
from etl.sources.plain_json import (
    SEPARATOR,
    is_taken_out,
    plain_pattern,
    taken_out,
    takes_plain_lines,
    text_of,
    unescaped,
)
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PLACE, PLAIN, PROVENANCE, no_ordinal, read_lines, with_steps
from etl.sources.value_reading import read_values
from etl.sources.whole_files import WholeRecord, read_whole_files
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import S3Prefix

MAP, KEYS = "_map", "_keys"
TAKEN, TEXTS, VALUES = "_taken", "_texts", "_values"
IS_PLAIN = "_is_plain"


def read_json(  # noqa: PLR0913  every reader takes the first five
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    contract: Contract,
    plain: LineRegex,
    streams: ObjectStreams | None = None,
) -> DataFrame:
    """Read JSON; a declared key that a record lacks is null, which the contract's rules judge.

    `streams` opens objects whose records are not one a line; the environment's S3 by default. Lines are told plain where
    all files begin with keys in one order.
    """
    if contract.record_form.takes_whole_files:
        streams = streams or ObjectStreams.from_client(None, raw_prefix.bucket)
        # Its columns come from the records' texts, as those of lines do.
        records = read_whole_files(spark, streams, preflights, replace(contract, columns=()), parse_records)
        ordinal = F.col(ORDINAL)
    else:
        records, ordinal = read_lines(spark, raw_prefix, preflights), no_ordinal()
    beyond = [f"{OUT_OF_RANGE}{name}" for name in columns_beside_texts(contract)]
    rows = split_columns(records, contract, _common_layout(preflights), plain)
    plain_column = [PLAIN] if PLAIN in rows.columns else []
    bookkeeping = (LINE, BROKEN, F.lit(False).alias(HEADER), ordinal, *PROVENANCE, PLACE, *plain_column)
    return rows.select(*contract.names, *bookkeeping, *beyond)


def _common_layout(preflights: list[FilePreflight]) -> Layout:
    """Return the columns in the order of their keys, where all files have one; else ()."""
    layouts = {preflight.layout for preflight in preflights}
    return layouts.pop() if len(layouts) == 1 else ()


def parse_records(stream: BinaryIO, contract: Contract, _preflight: FilePreflight) -> Iterator[WholeRecord]:
    """Yield the records of a file whose records are not one a line, without values.

    Raises:
        BrokenRecords: where one ends cannot be told.
    """
    return (WholeRecord(number, text, ()) for number, text in iterate_json_records(stream, contract.records))


def split_columns(
    frame: DataFrame, contract: Contract, layout: Layout = (), plain: LineRegex | None = None
) -> DataFrame:
    """Add the contract's columns and `_broken` to a frame of JSON lines; a text is what the line has, a number too.

    With a `layout`, the columns in the order of their keys, and something to prove, `_plain` says where `plain` is proven.
    """
    nested = {column.name: column.type for column in contract.columns if column.type.is_nested}
    if not takes_plain_lines(contract):
        texts = parse_texts(frame, contract.file_names, contract.extra_columns, _pattern_of(contract))
        return _fill_optional(read_values(read_nested(texts, nested) if nested else texts, contract), contract)
    proven = plain if plain and layout else LineRegex()
    keys = {name: contract.file_names[name] for name in layout or contract.names if name}
    texts = take_texts(frame, keys, plain_pattern(keys, proven.patterns))
    texts = texts.withColumnRenamed(IS_PLAIN, PLAIN) if proven.patterns else texts.drop(IS_PLAIN)
    return _fill_optional(read_values(texts, contract, proven), contract)


def take_texts(frame: DataFrame, keys: Mapping[str, str], pattern: str) -> DataFrame:
    """Do as `parse_texts`, and add `_is_plain`; a line that matches `pattern` is not parsed, but for rare escapes."""
    steps = {
        TAKEN: taken_out(pattern, len(keys)),
        IS_PLAIN: is_taken_out(F.col(TAKEN)),
        TEXTS: F.when(F.col(IS_PLAIN), unescaped(F.col(TAKEN))),
        MAP: F.from_json(_quoted_numbers(F.col(TEXTS).isNull(), OBJECT), "map<string,string>"),
        BROKEN: ~(F.col(IS_PLAIN) | _has_keys(F.map_keys(MAP), keys, ExtraColumns.REFUSE)),
    }
    parsed = (F.try_element_at(MAP, F.lit(key)) for key in keys.values())
    taken = F.split(TEXTS, SEPARATOR, -1)
    steps[VALUES] = F.when(F.col(TEXTS).isNotNull(), taken).when(~F.col(BROKEN), F.array(F.lit(None), *parsed))
    texts = {name: text_of(F.col(VALUES), place) for place, name in enumerate(keys, 1)}
    return with_steps(frame, steps).withColumns(texts).drop(TAKEN, TEXTS, MAP, VALUES)


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
    mapped_rows = frame.withColumn(MAP, F.from_json(_quoted_numbers(F.lit(True), pattern), "map<string,string>"))
    mapped_rows = mapped_rows.withColumn(KEYS, F.map_keys(MAP))
    mapped_rows = mapped_rows.withColumn(BROKEN, ~_has_keys(F.col(KEYS), keys, extra_keys))
    texts = {name: F.when(~F.col(BROKEN), F.try_element_at(MAP, F.lit(key))) for name, key in keys.items()}
    return mapped_rows.withColumns(texts).drop(MAP, KEYS)


def _fill_optional(rows: DataFrame, contract: Contract) -> DataFrame:
    """Return rows in which a column that may be missing has its text where a record has not even its key."""
    filled = {
        name: F.when(_lacks_key(name, contract.file_names[name]), F.lit(text)).otherwise(F.col(f"`{name}`"))
        for name, text in contract.optional_columns.items()
        if name in contract.names
    }
    return rows.withColumns(filled) if filled else rows


def _lacks_key(name: str, key: str) -> Column:
    """Return where a record is sound and has no such key; the keys are looked at of one without a value alone."""
    has_key = F.coalesce(F.array_contains(F.json_object_keys(LINE), key), F.lit(False))
    return F.col(f"`{name}`").isNull() & ~F.col(BROKEN) & ~has_key


def _quoted_numbers(where: Column, pattern: str) -> Column:
    """Return a line that is an object, with its numbers as texts; null where it is none, and elsewhere than `where`."""
    is_object = where & F.col(LINE).rlike(rf"\A{pattern}\z")
    return F.when(is_object, F.regexp_replace(LINE, BARE_NUMBER, QUOTED_NUMBER))


def _has_keys(keys: Column, names: Mapping[str, str], extra_keys: ExtraColumns) -> Column:
    """Return where the keys of a line are those that are declared, each there once; false where there are none to see."""
    has_known_keys = F.size(F.array_except(keys, F.array(*map(F.lit, names.values())))) == 0
    has_known_keys = has_known_keys | keys.isNotNull() if extra_keys.are_ignored else has_known_keys
    return F.coalesce(has_known_keys & (F.size(F.array_distinct(keys)) == F.size(keys)), F.lit(False))


def is_halved(line: str = LINE) -> Column:
    """Return where a line is no object for half a surrogate pair alone: Spark would write `?` for it."""
    return F.col(line).rlike(rf"\A{HALVED}\z") & ~F.col(line).rlike(rf"\A{OBJECT}\z")
