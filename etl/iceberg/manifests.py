"""The data files of a snapshot, as its manifests have them: no Spark job is run for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from pyspark.sql import SparkSession

from etl.iceberg.commit import load_iceberg_table


@dataclass(frozen=True)
class DataFile:
    """A data file of an Iceberg table: its URI, how many rows it has, and its `size` in bytes."""

    path: str
    rows: int
    size: int


def parquet_name(column: str) -> str:
    """Return what Iceberg calls a column of the table in its Parquet files: a name that Avro takes too.

    It is Iceberg's AvroSchemaUtil.makeCompatibleName.
    """
    return "".join(map(_compatible_character, range(len(column)), column))


def _compatible_character(position: int, character: str) -> str:
    if character == "_" or character.isalpha() or (position and character.isdecimal()):
        return character
    return f"_{character}" if character.isdecimal() else f"_x{ord(character):X}"


@dataclass(frozen=True)
class ColumnRange:
    """Values of a column from `low` to `high`, both among them, None for no end; `with_nulls` takes nulls in too.

    The ends are what Iceberg's literals are made of: numbers, texts, and dates, times and decimals as texts.
    """

    column: str
    low: Any
    high: Any = None
    with_nulls: bool = False


class RowsDeleted(Exception):
    """Rows of a data file are deleted by a file beside it."""


def added_files(spark: SparkSession, name: str, snapshot: str) -> list[DataFile]:
    """Return the files that a snapshot of the table `catalog.database.table` added.

    Raises:
        Py4JJavaError: there is no such snapshot, or its manifests cannot be read.
    """
    iceberg = load_iceberg_table(spark, name)
    files = iceberg.snapshot(int(snapshot)).addedDataFiles(iceberg.io())
    return [
        DataFile(str(data_file.location()), data_file.recordCount(), data_file.fileSizeInBytes()) for data_file in files
    ]


def files_in_ranges(spark: SparkSession, name: str, branch: str, ranges: Sequence[ColumnRange]) -> list[DataFile]:
    """Return the data files of a branch that may hold rows within all of the ranges, by the manifests' column statistics.

    Raises:
        RowsDeleted: rows of one are deleted by a file beside it.
        Py4JJavaError: there is no such branch or column, or its manifests cannot be read.
    """
    scan = load_iceberg_table(spark, name).newScan().useRef(branch)
    for column_range in ranges:
        scan = scan.filter(_range_expression(spark, column_range))
    data_files: list[DataFile] = []
    with_deletes = False
    tasks = scan.planFiles()
    try:
        for task in tasks.iterator():
            with_deletes |= not task.deletes().isEmpty()
            data_file = task.file()
            data_files.append(DataFile(str(data_file.location()), data_file.recordCount(), data_file.fileSizeInBytes()))
    finally:
        tasks.close()
    if with_deletes:
        raise RowsDeleted(f"{name} has rows that are deleted beside their data files")
    return data_files


def _range_expression(spark: SparkSession, column_range: ColumnRange) -> Any:
    expressions: Any = cast(Any, spark)._jvm.org.apache.iceberg.expressions.Expressions
    column = column_range.column
    expression = expressions.greaterThanOrEqual(column, column_range.low)
    if column_range.high is not None:
        expression = getattr(expressions, "and")(expression, expressions.lessThanOrEqual(column, column_range.high))
    if column_range.with_nulls:
        expression = getattr(expressions, "or")(expression, expressions.isNull(column))
    return expression
