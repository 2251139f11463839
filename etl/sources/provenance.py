"""Where a row came from: files as Spark reads them, joined to the raw objects that they are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.dialect import Encoding
from etl.contract.table_names import LINE, OBJECT, ORDINAL, VERSION
from etl.sources.line_decoding import decoded_line
from etl.sources.preflight import HADOOP_GLOB, FilePreflight
from etl.storage.raw_objects import S3Prefix

HEADER, BROKEN = "_header", "_broken"
PLACE = "_place"  # the object's place in the list of first looks, from 0
BARRIER = "_barrier"  # what keeps a filter from being pushed down
PLAIN = "_plain"  # one look at the line proved it plain (etl/sources/line_regex.py); not every format has it
PROVENANCE = (OBJECT, VERSION)
FIRST = "_first"  # the exact lines before an object's rows, joined by line feeds; null where it has none
PATH = "_path"
MAX_COMPARED_OBJECTS = 8  # objects that are told apart one by one


def spark_paths(raw_prefix: S3Prefix, preflights: Iterable[FilePreflight]) -> list[str]:
    """Return the paths for Spark, which takes some characters of a key for a pattern."""
    return [raw_prefix.uri(HADOOP_GLOB.sub(r"\\\1", preflight.object.key)) for preflight in preflights]


def with_origin(
    spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight], frame: DataFrame
) -> DataFrame:
    """Add `_object`, `_version`, `_place` and `_first` to a frame that Spark read from files; drops nothing."""
    path = cast(Any, spark)._jvm.org.apache.hadoop.fs.Path  # writes a URI as `_metadata.file_path` does
    origins: list[dict[str, Any]] = [
        {
            PATH: path(raw_prefix.uri(preflight.object.key)).toUri().toString(),
            OBJECT: preflight.object.key,
            VERSION: preflight.object.version,
        }
        | {FIRST: _lead_text(preflight), PLACE: position}
        for position, preflight in enumerate(preflights)
    ]
    path_of = F.col("_metadata.file_path")
    if len(origins) <= MAX_COMPARED_OBJECTS:
        return _with_compared_origin(frame, path_of, origins)
    # As one literal, not by createDataFrame: that would start Python workers for a handful of rows.
    schema = f"array<struct<{PATH} string, {OBJECT} string, {VERSION} string, {FIRST} string, {PLACE} int>>"
    sources = spark.range(1).select(F.inline(F.from_json(F.lit(json.dumps(origins)), schema)))
    return frame.withColumn(PATH, path_of).join(F.broadcast(sources), PATH, "left").drop(PATH)


def _with_compared_origin(frame: DataFrame, path: Column, origins: list[dict[str, Any]]) -> DataFrame:
    """Join by comparing: a broadcast would be a query of its own, before the one that reads, for so few."""
    position = F.when(F.lit(False), F.lit(0))
    for origin in origins:
        position = position.when(path == origin[PATH], F.lit(origin[PLACE]))
    columns = {name: _by_place([origin[name] for origin in origins]) for name in (OBJECT, VERSION, FIRST)}
    return with_steps(frame, {PLACE: position, **columns})


def with_steps(frame: DataFrame, steps: Mapping[str, Column]) -> DataFrame:
    """Add columns, each made of the frame's and of those before it, in one analysis: tens of milliseconds each, at first.

    None of them has the name of one that is there already: that one would be meant (Spark's lateral column aliases).
    """
    return frame.select("*", *(column.alias(name) for name, column in steps.items()))


def rows_where(frame: DataFrame, mark: Column) -> DataFrame:
    """Return the rows of a frame where a mark is true, with the column `_barrier` beside.

    A filter over a column that is not deterministic stays above it. Pushed down into the reading of lines, a mark would repeat
    its column's text dozens of times, and planning would take ten seconds.
    """
    return frame.withColumn(BARRIER, F.monotonically_increasing_id()).where(mark & (F.col(BARRIER) >= 0))


def _by_place(texts: Iterable[str | None]) -> Column:
    """Return a row's own text, by its object's place."""
    return F.get(F.array(*(F.lit(text).cast("string") for text in texts)), F.col(PLACE))


def provenance_columns(preflights: Sequence[FilePreflight]) -> dict[str, Column] | None:
    """Return the columns of PROVENANCE as made of `_place`, which is less to carry; None for too many objects."""
    if len(preflights) > MAX_COMPARED_OBJECTS:
        return None
    objects = [source.object for source in preflights]
    return {
        OBJECT: _by_place(source.key for source in objects),
        VERSION: _by_place(source.version for source in objects),
    }


def with_objects(frame: DataFrame, preflights: Sequence[FilePreflight]) -> DataFrame:
    """Add `_object`, `_version` and `_first` to a frame whose rows have `_place`."""
    texts = {
        OBJECT: [preflight.object.key for preflight in preflights],
        VERSION: [preflight.object.version for preflight in preflights],
        FIRST: [_lead_text(preflight) for preflight in preflights],
    }
    # As one literal: a call for each of thousands of texts takes seconds.
    lists = {name: F.from_json(F.lit(json.dumps(column)), "array<string>") for name, column in texts.items()}
    return with_steps(frame, {name: F.get(column, F.col(PLACE)) for name, column in lists.items()})


def _lead_text(preflight: FilePreflight) -> str | None:
    return "\n".join(preflight.lead) if preflight.lead else None


def read_lines(spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight]) -> DataFrame:
    """Return every line of UTF-8 that is not blank as `_line`, with where it came from."""
    return read_raw_lines(spark, raw_prefix, preflights, preflights, Encoding.UTF_8).where(F.trim(LINE) != "")


def read_raw_lines(
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    chosen: Sequence[FilePreflight],
    encoding: Encoding,
) -> DataFrame:
    """Return every line of the `chosen` among the objects as `_line`, with where it came from among all of them."""
    # Without a recursive look-up `region=X/` in a key would become a column.
    texts = spark.read.option("recursiveFileLookup", "true").text(spark_paths(raw_prefix, chosen))
    line = decoded_line(F.col("value"), encoding).alias(LINE)
    return with_origin(spark, raw_prefix, preflights, texts.select(line))


def no_ordinal() -> Column:
    """Return the ordinal of a format that counts no rows."""
    return F.lit(None).cast("bigint").alias(ORDINAL)
