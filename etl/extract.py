"""Raw objects as rows of text: every line whole, split into the declared columns only where it is a sound record.

CSV is read as lines, not by Spark's CSV reader: that one accepts a quote that never closes, drops what follows a closing
one, and fails the query on a line of very many fields. A line is a record where it has as many RFC 4180 fields as the
header; anything else is a broken row, kept with its text.
"""

import re
from typing import Any, cast

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.first_look import Look
from etl.raw import Place

OBJECT, VERSION, LINE, HEADER, BROKEN = "_object", "_version", "_line", "_header", "_broken"
PROVENANCE = (OBJECT, VERSION)
GLOB = re.compile(r"([\\{}\[\]*?])")
# One quoted or bare field; possessive, since Java's matcher would otherwise use a stack frame for each repetition.
FIELD = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",]*+)'


def read_csv(spark: SparkSession, place: Place, looks: list[Look], columns: list[str]) -> DataFrame:
    """Read objects that passed their first look.

    Returns one row a line, the header's and blank ones left out: `columns` as text (an empty field is null), `_line` the
    whole text, `_broken` whether it is no sound record (then the columns are null), `_object` and `_version`.
    A header that stands again further down keeps `_header` true, as its first does; `etl.structure` counts them.
    """
    lines = _lines(spark, place, looks)
    quoted = F.col(LINE).contains('"')
    schema = ", ".join(f"`{name}` string" for name in columns)
    sound = rf"^{FIELD}(?:,{FIELD}){{{len(columns) - 1}}}$"
    parsed = lines.withColumns(
        {
            "_split": F.when(~quoted, F.split(LINE, ",", -1)),
            "_parsed": F.when(quoted & F.col(LINE).rlike(sound), F.from_csv(LINE, schema, {"escape": '"'})),
        }
    )
    plain = F.col("_split").isNotNull() & (F.size("_split") == len(columns))
    broken = ~(plain | F.col("_parsed").isNotNull())
    fields = [_field(name, at, plain).alias(name) for at, name in enumerate(columns)]
    return parsed.select(*fields, LINE, broken.alias(BROKEN), HEADER, *PROVENANCE)


def _field(name: str, at: int, plain: Column) -> Column:
    return F.when(plain, F.nullif(F.get("_split", F.lit(at)), F.lit(""))).otherwise(F.col(f"_parsed.`{name}`"))


def _lines(spark: SparkSession, place: Place, looks: list[Look]) -> DataFrame:
    """Return the lines that are not blank, each with its object, version and whether it equals the object's header."""
    # Explicit paths may hold glob characters; a recursive look-up keeps `region=X/` from becoming a column.
    uris = [place.uri(GLOB.sub(r"\\\1", one.object.key)) for one in looks]
    lines = spark.read.option("recursiveFileLookup", "true").text(uris)
    path = cast(Any, spark)._jvm.org.apache.hadoop.fs.Path  # writes a URI as `_metadata.file_path` does
    sources = [
        (path(place.uri(one.object.key)).toUri().toString(), one.object.key, one.object.version, one.header)
        for one in looks
    ]
    known = spark.createDataFrame(sources, f"_path string, {OBJECT} string, {VERSION} string, _first string")
    placed = lines.select(F.col("value").alias(LINE), F.col("_metadata.file_path").alias("_path"))
    return (
        placed.join(F.broadcast(known), "_path", "left")
        .where(F.trim(LINE) != "")
        .withColumn(HEADER, F.col(LINE) == F.col("_first"))
    )
