"""Where a row came from: files as Spark reads them, joined to the raw objects that they are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.table_names import LINE, OBJECT, ORDINAL, VERSION
from etl.sources.preflight import GLOB, Look
from etl.storage.raw_objects import Place

HEADER, BROKEN = "_header", "_broken"
PLACE = "_place"  # the object's place in the list of first looks, from 0
PLAIN = "_plain"  # one look at the line proved it plain (etl/sources/line_regex.py); not every format has it
PROVENANCE = (OBJECT, VERSION)
FIRST = "_first"  # the exact text of an object's header, null where its format has none
PATH = "_path"
FEW = 8  # objects that are told apart one by one


def uris(place: Place, looks: Iterable[Look]) -> list[str]:
    """Return the paths for Spark, which takes some characters of a key for a pattern."""
    return [place.uri(GLOB.sub(r"\\\1", look.object.key)) for look in looks]


def located(spark: SparkSession, place: Place, looks: list[Look], frame: DataFrame) -> DataFrame:
    """Add `_object`, `_version`, `_place` and `_first` to a frame that Spark read from files; drops nothing."""
    path = cast(Any, spark)._jvm.org.apache.hadoop.fs.Path  # writes a URI as `_metadata.file_path` does
    known: list[dict[str, Any]] = [
        {PATH: path(place.uri(one.object.key)).toUri().toString(), OBJECT: one.object.key, VERSION: one.object.version}
        | {FIRST: one.header, PLACE: at}
        for at, one in enumerate(looks)
    ]
    path_of = F.col("_metadata.file_path")
    if len(known) <= FEW:
        return _picked(frame, path_of, known)
    # As one literal, not by createDataFrame: that would start Python workers for a handful of rows.
    schema = f"array<struct<{PATH} string, {OBJECT} string, {VERSION} string, {FIRST} string, {PLACE} int>>"
    sources = spark.range(1).select(F.inline(F.from_json(F.lit(json.dumps(known)), schema)))
    return frame.withColumn(PATH, path_of).join(F.broadcast(sources), PATH, "left").drop(PATH)


def _picked(frame: DataFrame, path: Column, known: list[dict[str, Any]]) -> DataFrame:
    """Join by comparing: a broadcast would be a query of its own, before the one that reads, for so few."""
    place = F.when(F.lit(False), F.lit(0))
    for one in known:
        place = place.when(path == one[PATH], F.lit(one[PLACE]))
    own = {name: _by_place([one[name] for one in known]) for name in (OBJECT, VERSION, FIRST)}
    return stepwise(frame, {PLACE: place, **own})


def stepwise(frame: DataFrame, steps: Mapping[str, Column]) -> DataFrame:
    """Add columns, each made of the frame's and of those before it, in one analysis: tens of milliseconds each, at first.

    None of them has the name of one that is there already: that one would be meant (Spark's lateral column aliases).
    """
    return frame.select("*", *(column.alias(name) for name, column in steps.items()))


def _by_place(texts: Iterable[str | None]) -> Column:
    """Return a row's own text, by its object's place."""
    return F.get(F.array(*(F.lit(one).cast("string") for one in texts)), F.col(PLACE))


def provenance(looks: Sequence[Look]) -> dict[str, Column] | None:
    """Return the columns of PROVENANCE as made of `_place`, which is less to carry; None for too many objects."""
    if len(looks) > FEW:
        return None
    objects = [one.object for one in looks]
    return {OBJECT: _by_place(one.key for one in objects), VERSION: _by_place(one.version for one in objects)}


def lines(spark: SparkSession, place: Place, looks: list[Look], columns: int = 2) -> DataFrame:
    """Return every line that counts as `_line`, with where it came from; in a CSV of one column each does."""
    # Without a recursive look-up `region=X/` in a key would become a column.
    read = spark.read.option("recursiveFileLookup", "true").text(uris(place, looks))
    found = located(spark, place, looks, read.select(F.col("value").alias(LINE)))
    return found if columns == 1 else found.where(F.trim(LINE) != "")


def uncounted() -> Column:
    """Return the ordinal of a format that counts no rows."""
    return F.lit(None).cast("bigint").alias(ORDINAL)
