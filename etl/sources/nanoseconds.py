"""Parquet's times in nanoseconds, as pandas writes them: Spark reads them as whole numbers alone (SPARK-34661).

A time in whole microseconds is read; one with a remainder is no value of any type that a table has.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from etl.contract.types import ColumnType, TypeKind
from etl.sources.hadoop_configuration import hadoop_configuration

NANOS_AS_LONG = "spark.sql.legacy.parquet.nanosAsLong"
NANOS = "TIMESTAMP(NANOS"  # as Spark's error and Parquet's schema have the type
COLUMN = re.compile(r"^  \w+ int64 (?P<name>.+) \(TIMESTAMP\(NANOS,(?P<utc>true|false)\)\)", re.MULTILINE)
SECOND, MICROSECOND = 1_000_000_000, 1000


@contextmanager
def nanoseconds_as_long(spark: SparkSession, as_long: bool) -> Iterator[None]:
    """Let Spark read such columns as `bigint` within the block, or refuse them whatever was set before."""
    before = spark.conf.get(NANOS_AS_LONG)
    spark.conf.set(NANOS_AS_LONG, str(as_long).lower())
    try:
        yield
    finally:
        spark.conf.set(NANOS_AS_LONG, str(before))


def nanosecond_columns(spark: SparkSession, uri: str) -> dict[str, TypeKind]:
    """Return the columns of a Parquet file that are times in nanoseconds, each with the type that it is declared as."""
    jvm, conf = cast(Any, spark)._jvm, hadoop_configuration(spark)
    parquet = jvm.org.apache.parquet.hadoop
    reader = parquet.ParquetFileReader.open(
        parquet.util.HadoopInputFile.fromPath(jvm.org.apache.hadoop.fs.Path(uri), conf)
    )
    try:
        schema = str(reader.getFooter().getFileMetaData().getSchema().toString())
    finally:
        reader.close()
    kinds = {"true": TypeKind.TIMESTAMP, "false": TypeKind.TIMESTAMP_NTZ}
    return {match["name"]: kinds[match["utc"]] for match in COLUMN.finditer(schema)}


def time_of(nanoseconds: Column, declared: ColumnType) -> Column:
    """Return nanoseconds since 1970 as a time, cut to microseconds."""
    return F.timestamp_micros(_whole_units(nanoseconds, MICROSECOND)).cast(declared)


def text_of_remainder(nanoseconds: Column) -> Column:
    """Return the text of a time that is not of whole microseconds, null of others."""
    second = F.timestamp_seconds(_whole_units(nanoseconds, SECOND)).cast("string")
    text = F.concat(second, F.lit("."), F.lpad(F.pmod(nanoseconds, F.lit(SECOND)).cast("string"), 9, "0"))
    return F.when(F.pmod(nanoseconds, F.lit(MICROSECOND)) != 0, text)


def _whole_units(nanoseconds: Column, unit: int) -> Column:
    """Return how many whole units there are: before 1970 a division would cut towards it."""
    rest = F.pmod(nanoseconds, F.lit(unit))
    return F.call_function("div", nanoseconds - rest, F.lit(unit))
