"""Parquet and ORC bring their own types, which must be the declared ones: nothing is cast on the way in."""

from contextlib import suppress
from dataclasses import replace
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark.errors import ParseException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import LINE, ORDINAL
from etl.contract.types import TypeKind
from etl.ledger.quarantine_table import JSON_OPTIONS
from etl.sources.casting import FIRST_TIME, OUT_OF_RANGE, dated_columns, null_out_of_range
from etl.sources.columnar_failures import unsupported_codec
from etl.sources.file_schema import schema_differences
from etl.sources.line_regex import LineRegex
from etl.sources.nanoseconds import (
    NANOS,
    NANOS_AS_LONG,
    nanosecond_columns,
    nanoseconds_as_long,
    text_of_remainder,
    time_of,
)
from etl.sources.optional_columns import fill_optional
from etl.sources.orc_calendar import FIRST_SURE_DAY, counts_unsure_days, has_days
from etl.sources.parquet_footer import footer_types
from etl.sources.plain_rows import is_plain_row
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PLACE, PLAIN, PROVENANCE, no_ordinal, spark_paths, with_origin
from etl.storage.many_objects import map_objects
from etl.storage.raw_objects import S3Prefix

TimeForm = tuple[frozenset[str], bool]
"""Which columns a file has as nanoseconds, and whether its days before 1582 are unsure."""


def read_columnar(
    spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight], contract: Contract, plain: LineRegex
) -> DataFrame:
    """Read Parquet or ORC files whose columns are the declared ones, in any order; `plain` is of `plain_rows.py`."""
    time_forms = {_time_form(preflight) for preflight in preflights}
    if any(nanoseconds for nanoseconds, _ in time_forms):
        spark.conf.set(NANOS_AS_LONG, "true")  # until the frame is evaluated; files were checked without it
    frames = [
        _read_alike(spark, raw_prefix, preflights, contract, form)
        for form in sorted(time_forms, key=lambda form: (sorted(form[0]), form[1]))
    ]
    rows = fill_optional(reduce(DataFrame.unionByName, frames), preflights, contract)
    return rows.withColumn(PLAIN, is_plain_row(contract, plain)) if plain.pattern else rows


def _time_form(preflight: FilePreflight) -> TimeForm:
    return preflight.nanoseconds, preflight.has_unsure_days


def _read_alike(
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    contract: Contract,
    form: TimeForm,
) -> DataFrame:
    """Read those of the files that have their times in the same form."""
    nanoseconds, has_unsure_days = form
    types = {
        contract.file_names[column.name]: TypeKind.BIGINT if column.name in nanoseconds else column.type
        for column in contract.columns
    }
    schema = ", ".join(f"{_quote_name(name)} {file_type}" for name, file_type in types.items())
    reader = spark.read.schema(schema).option("recursiveFileLookup", "true").format(contract.format)
    alike = [preflight for preflight in preflights if _time_form(preflight) == form]
    file_rows = reader.load(spark_paths(raw_prefix, alike))
    file_rows = file_rows.toDF(*contract.names) if contract.renames_columns else file_rows
    # ORC has no row index in `_metadata`, which a join would hide.
    ordinal = F.col("_metadata.row_index") if contract.format.has_row_numbers else no_ordinal()
    numbered_rows = file_rows.withColumn(ORDINAL, ordinal)
    located_rows = with_origin(spark, raw_prefix, preflights, numbered_rows)
    bookkeeping = (F.lit(False).alias(BROKEN), F.lit(False).alias(HEADER), ORDINAL)
    dated = dated_columns(contract)
    times, remainders, line_values = _nanosecond_values(contract, nanoseconds)
    line = F.to_json(F.struct(*line_values), JSON_OPTIONS).alias(LINE)
    rows = located_rows.select(*times, line, *remainders, *bookkeeping, *PROVENANCE, PLACE)
    whole = {name: declared for name, declared in dated.items() if name not in nanoseconds}
    rows = null_out_of_range(rows, whole, f"{FIRST_SURE_DAY} 00:00:00" if has_unsure_days else FIRST_TIME)
    beyond = [f"{OUT_OF_RANGE}{name}" for name in dated]
    return rows.select(*contract.names, *beyond, LINE, BROKEN, HEADER, ORDINAL, *PROVENANCE, PLACE)


def _quote_name(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _nanosecond_values(
    contract: Contract, nanoseconds: frozenset[str]
) -> tuple[list[Column], list[Column], list[Column]]:
    """Return the columns, texts of those that are no value of theirs, and what the row's text has of each column."""
    values: dict[str, Column] = {}
    texts: dict[str, Column] = {}
    for column in contract.columns:
        name = column.name
        if name in nanoseconds:
            texts[name] = text_of_remainder(F.col(f"`{name}`"))
            values[name] = F.when(texts[name].isNull(), time_of(F.col(f"`{name}`"), column.type))
        else:
            values[name] = F.col(f"`{name}`")
    in_line = [
        F.coalesce(texts[name], value.cast("string")).alias(name) if name in texts else value.alias(name)
        for name, value in values.items()
    ]
    return (
        [value.alias(name) for name, value in values.items()],
        [text.alias(f"{OUT_OF_RANGE}{name}") for name, text in texts.items()],
        in_line,
    )


def check_file_schemas(
    spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight], contract: Contract
) -> list[FilePreflight]:
    """Hold each file's own schema against the contract; a file that is none, or has another, gets a fault."""
    contract = contract.as_file_contents()

    def try_types(preflight: FilePreflight) -> dict[str, str] | Exception:
        if contract.format is SourceFormat.PARQUET:
            with suppress(Exception):  # Spark's reader tells what it is
                return footer_types(spark, raw_prefix.uri(preflight.object.key))
        try:
            return _spark_types(spark, raw_prefix, preflight, contract.format)
        except (PySparkException, Py4JJavaError) as error:
            return error

    with nanoseconds_as_long(spark, False):  # of the whole session, and so of all threads
        types = map_objects(try_types, preflights)
    checked = [
        _check_file_schema(spark, raw_prefix, preflight, contract, file_types)
        for preflight, file_types in zip(preflights, types, strict=True)
    ]
    has_dates = any(has_days(column.type) for column in contract.columns)
    return (
        _mark_unsure_days(spark, raw_prefix, checked) if contract.format is SourceFormat.ORC and has_dates else checked
    )


def _mark_unsure_days(
    spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight]
) -> list[FilePreflight]:
    def mark(preflight: FilePreflight) -> FilePreflight:
        if preflight.fault:
            return preflight
        return replace(preflight, has_unsure_days=counts_unsure_days(spark, raw_prefix.uri(preflight.object.key)))

    return map_objects(mark, preflights)


def _check_file_schema(
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflight: FilePreflight,
    contract: Contract,
    file_types: dict[str, str] | Exception,
) -> FilePreflight:
    """Hold the types of a file against the contract; they are an error where Spark did not read them without more ado."""
    form, nanoseconds = contract.format, dict[str, TypeKind]()
    try:
        if not isinstance(file_types, Exception):
            types = file_types
        elif NANOS in str(file_types):
            types, nanoseconds = _types_with_nanoseconds(spark, raw_prefix, preflight, form)
        else:
            raise file_types
    except ParseException as error:  # the text of an ORC type that Spark has no name for
        detail = f"{preflight.object.key}: a column is {_refused_type(error)}, which is not read"
        return FilePreflight(preflight.object, fault=StructureRule.SCHEMA, detail=detail)
    except (PySparkException, Py4JJavaError) as error:  # a footer that cannot be read comes as the one or the other
        if (
            "brotli" in str(error).lower()
        ):  # the one codec of ORC that Spark comes without, and ORC packs its footer too
            return unsupported_codec(preflight, "brotli")
        return FilePreflight(
            preflight.object, fault=StructureRule.FORMAT, detail=f"{preflight.object.key}: no {form} file"
        )
    differences, smaller = schema_differences(types, contract), contract.without_optional_columns()
    if differences and smaller and not schema_differences(types, smaller):
        differences, preflight = "", replace(preflight, lacks_optional=True)
    if differences:
        return FilePreflight(
            preflight.object, fault=StructureRule.SCHEMA, detail=f"{preflight.object.key}: {differences}"
        )
    columns = {file_name: name for name, file_name in contract.file_names.items()}
    own_nanoseconds = frozenset(columns[name] for name in nanoseconds if name in columns)
    return replace(preflight, nanoseconds=own_nanoseconds)


def _refused_type(error: ParseException) -> str:
    """Return the type that Spark could not parse, as its error shows it."""
    return str(error).partition("== SQL ==")[2].strip().partition("\n")[0] or "of a type without a name"


def _spark_types(
    spark: SparkSession, raw_prefix: S3Prefix, preflight: FilePreflight, form: SourceFormat
) -> dict[str, str]:
    """Return the types of a file's columns as they are declared."""
    reader = spark.read.option("recursiveFileLookup", "true").format(form)
    schema = reader.load(spark_paths(raw_prefix, [preflight])).schema
    return {field.name: field.dataType.simpleString() for field in schema}


def _types_with_nanoseconds(
    spark: SparkSession, raw_prefix: S3Prefix, preflight: FilePreflight, form: SourceFormat
) -> tuple[dict[str, str], dict[str, TypeKind]]:
    """Return the types of a file's columns as they are declared, and those of its times in nanoseconds."""
    with nanoseconds_as_long(spark, True):
        types = _spark_types(spark, raw_prefix, preflight, form)
    times = nanosecond_columns(spark, raw_prefix.uri(preflight.object.key))
    return {**types, **times}, times
