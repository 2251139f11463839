"""CSV as lines, not by Spark's CSV reader (docs/decisions/0001).

That one accepts a quote that never closes, drops what follows a closing one, and fails the query on a line of very many
fields. A line is a record where it has as many fields of the dialect as its file's header; anything else is a broken row.
"""

from collections.abc import Iterator
from functools import reduce
from typing import BinaryIO

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE, ORDINAL
from etl.sources.compiled_parts import MANY_COLUMNS, codegen_barrier
from etl.sources.csv_header import Layout
from etl.sources.csv_records import iterate_records, open_lines
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import (
    BROKEN,
    FIRST,
    HEADER,
    PLACE,
    PLAIN,
    PROVENANCE,
    no_ordinal,
    read_raw_lines,
    with_steps,
)
from etl.sources.quoted_lines import FIELDS, QUOTED, field_name, parsing_steps, split_quoted
from etl.sources.value_reading import read_values
from etl.sources.whole_files import WholeFiles, WholeRecord, read_whole_files
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import S3Prefix

BARE, SPLIT = "_bare", "_split"


def read_csv(  # noqa: PLR0913  every reader takes the first five
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    contract: Contract,
    plain: LineRegex,
    streams: ObjectStreams | None = None,
) -> DataFrame:
    """Read CSV; an empty field is null, between quotes too. A header that stands again further down keeps `_header` true."""
    if contract.dialect.takes_whole_files:
        streams = streams or ObjectStreams.from_client(None, raw_prefix.bucket)
        return _read_whole_csv(spark, streams, preflights, contract, plain)
    layouts = dict.fromkeys(preflight.layout for preflight in preflights)
    frames: list[DataFrame] = []
    for layout in layouts:
        chosen = [preflight for preflight in preflights if preflight.layout == layout]
        lines = read_raw_lines(spark, raw_prefix, preflights, chosen, contract.dialect.encoding)
        plain_layout = plain if layout == tuple(contract.names) else plain.for_layout(layout)
        is_parsed = any(preflight.is_parsed for preflight in chosen)
        frames.append(split_lines(lines, contract, layout, plain_layout, is_parsed=is_parsed))
    return reduce(DataFrame.unionByName, frames)


def split_lines(
    lines: DataFrame, contract: Contract, layout: Layout, plain: LineRegex, *, is_parsed: bool = False
) -> DataFrame:
    """Take lines of one layout apart into the declared columns, `_broken`, `_header` and what a reader has beside them.

    `is_parsed` says which way; the values are the same.
    """
    dialect = contract.dialect
    data_lines = lines if len(layout) == 1 else lines.where(F.trim(LINE) != "")
    data_lines = data_lines.where(~F.col(LINE).startswith(dialect.comment)) if dialect.comment else data_lines
    syntax = CsvSyntax.from_dialect(dialect)
    steps = (parsing_steps if is_parsed else _field_steps)(syntax, len(layout), plain)
    split_rows = with_steps(data_lines, steps)
    if len(contract.names) > MANY_COLUMNS:  # else the columns' code would leave no room for the lines'
        split_rows = codegen_barrier(split_rows)
    split_rows = with_steps(split_rows, _columns(contract, layout, is_parsed=is_parsed))
    # What is passed over before a header can be several lines.
    is_lead = F.col(LINE).eqNullSafe(F.col(FIRST))
    if dialect.skip_rows:
        is_lead = F.coalesce(F.array_contains(F.split(FIRST, "\n", -1), F.col(LINE)), F.lit(False))
    plain_column = [PLAIN] if PLAIN in steps else []
    ordinal = F.col(ORDINAL) if ORDINAL in lines.columns else no_ordinal()
    bookkeeping = (F.col(FIELDS).isNull().alias(BROKEN), is_lead.alias(HEADER), ordinal)
    rows = split_rows.select(
        *_values(contract, layout if is_parsed else ()), LINE, *bookkeeping, *PROVENANCE, PLACE, *plain_column
    )
    return read_values(rows, contract, plain)


def _columns(contract: Contract, layout: Layout, *, is_parsed: bool) -> dict[str, Column]:
    """Return each column's text, or the one that stands for a column that the file lacks."""
    fields = F.col(FIELDS)
    return {
        name: F.lit(contract.optional_columns[name])
        if name not in layout
        else fields.getField(field_name(layout.index(name)))
        if is_parsed
        else F.get(fields, F.lit(layout.index(name)))
        for name in contract.names
    }


def _values(contract: Contract, parsed: Layout = ()) -> list[Column]:
    """Return the values of fields: null for an empty one, as those `parsed` are already, and for what stands for null."""
    raw_nulls = CsvSyntax.from_dialect(contract.dialect).raw_nulls  # an escaped one is text
    nulls = [text for text in contract.dialect.null_values if text and text not in raw_nulls]
    values: list[Column] = []
    for name in contract.names:
        value = F.col(f"`{name}`")
        conditions = [*([] if name in parsed else [value != ""]), *([~value.isin(nulls)] if nulls else [])]
        values.append(
            F.when(reduce(Column.__and__, conditions), value).alias(name) if conditions else value.alias(name)
        )
    return values


def _read_whole_csv(
    spark: SparkSession,
    streams: ObjectStreams,
    preflights: list[FilePreflight],
    contract: Contract,
    plain: LineRegex,
) -> DataFrame:
    """Read files one task each."""
    names = tuple(contract.names)
    same_order = all(preflight.layout == names for preflight in preflights)
    steps = _plain_steps(CsvSyntax.from_dialect(contract.dialect), plain) if same_order else {}
    rows = with_steps(read_whole_files(spark, streams, preflights, contract, parse_csv), steps)
    header = F.col(LINE).eqNullSafe(F.col(FIRST)).alias(HEADER)
    plain_column = [PLAIN] if PLAIN in steps else []
    bookkeeping = (LINE, BROKEN, header, ORDINAL, *PROVENANCE, PLACE, *plain_column)
    return read_values(rows.select(*_values(contract), *bookkeeping), contract, plain if plain_column else LineRegex())


def parse_csv(stream: BinaryIO, contract: Contract, preflight: FilePreflight) -> Iterator[WholeRecord]:
    """Yield the records of a CSV, the header as one of them."""
    width = len(preflight.layout)
    layout, optional = preflight.layout, contract.optional_columns
    places = [layout.index(name) if name in layout else optional[name] for name in contract.names]
    choose = None if places == [*range(width)] else places
    for number, text, fields in iterate_records(open_lines(stream, contract.dialect.encoding), contract.dialect, width):
        if fields is None or len(fields) != width:
            yield WholeRecord(number, text, None)
        else:
            yield WholeRecord(
                number, text, fields if choose is None else [_value_at(fields, place) for place in choose]
            )


def _value_at(fields: list[str], place: int | str) -> str:
    """Return the field at a place, or the text that stands for a column that the file lacks."""
    return fields[place] if isinstance(place, int) else place


def find_record_number(streams: ObjectStreams, preflight: FilePreflight, contract: Contract, text: str) -> int | None:
    """Return the number of the first record with a text in a file that is read whole; None where there is none."""
    records = WholeFiles(streams, [preflight], contract, parse_csv).records(preflight)
    return next((record.number for record in records if record.text == text), None)


def _field_steps(syntax: CsvSyntax, fields: int, plain: LineRegex) -> dict[str, Column]:
    """Return what is computed of a line, one after the other: whether it is bare, quoted or plain, and its fields."""
    line, plain_steps = F.col(LINE), _plain_steps(syntax, plain)
    sound = line.rlike(syntax.record(fields))
    sound = F.col(PLAIN) | sound if PLAIN in plain_steps else sound
    # Most lines with quotes have neither a delimiter nor a quote between them; one with a quote is not split in vain.
    unquoted = F.replace(LINE, F.lit(syntax.quote), F.lit("")) if syntax.quote else line
    bare_text = F.when(~F.col(QUOTED), line).when(~_contains(syntax.quote * 2, syntax.escape), unquoted)
    split = F.split(bare_text, syntax.split_pattern, -1)
    field_values = F.when(
        ~F.col(QUOTED) | sound,
        F.when(F.size(SPLIT) == fields, F.col(SPLIT)).when(F.col(QUOTED), split_quoted(syntax)),
    )
    return {**plain_steps, SPLIT: split, FIELDS: field_values}


def _plain_steps(syntax: CsvSyntax, plain: LineRegex) -> dict[str, Column]:
    """Return whether a line is known to be bare, may be quoted, and is plain where there is something to prove."""
    line = F.col(LINE)
    bare = line.rlike(plain.pattern) if plain.pattern else F.lit(False)
    quoted = ~F.col(BARE) & _contains(syntax.quote, syntax.escape)
    is_plain = F.col(BARE) | (F.col(QUOTED) & line.rlike(plain.quoted)) if plain.quoted else F.col(BARE)
    return {BARE: bare, QUOTED: quoted, **({PLAIN: is_plain} if plain.pattern else {})}


def _contains(*texts: str) -> Column:
    """Return where a line has one of the texts, those that are not empty."""
    return reduce(Column.__or__, [F.col(LINE).contains(text) for text in texts if text], F.lit(False))
