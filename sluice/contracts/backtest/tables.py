"""A table as it stands: a folder of Parquet files, an Iceberg table's folder, or one that a catalog names."""

from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.table_names import LINE, OBJECT
from etl.iceberg.table import OWN as PROVENANCE
from etl.sources.provenance import GLOB
from sluice.contracts.backtest.contract_pair import Pair
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.row_outcomes import Terms
from sluice.contracts.backtest.rows import BROKE, SOUND, Judged, Marks, Parameters, broke, judged, shown
from sluice.contracts.suite_files import WrongUse

INFER = "spark.sql.sources.partitionColumnTypeInference.enabled"


def read(spark: SparkSession, table: Table) -> DataFrame:
    """Return a table's rows.

    Raises:
        WrongUse: there is none, or Spark cannot read it.
    """
    try:
        return spark.table(table.where) if isinstance(table.where, str) else _folder(spark, table.where)
    except (PySparkException, Py4JJavaError) as error:
        reason = str(error).strip().splitlines()[0]
        raise WrongUse(
            f"there is no table {table.where} that Spark can read, nor a file of that name: {reason}"
        ) from error


def _folder(spark: SparkSession, folder: Path) -> DataFrame:
    versions = sorted(folder.glob("metadata/*.metadata.json"), key=lambda file: file.stat().st_mtime)
    if versions:  # its data files alone would show rows that were deleted, too
        return spark.read.format("iceberg").load(f"file:{versions[-1].resolve()}")
    spark.conf.set(INFER, "false")  # a folder region=01 is the text 01
    escaped = GLOB.sub(r"\\\1", str(folder.resolve()))
    return spark.read.parquet(f"file:{escaped}")


def of_table(frame: DataFrame, pair: Pair, day: str | None, parameters: Parameters) -> Judged:
    """Judge the rows of a table by the output's contract.

    A column that the table lacks is null, as it would be after the table has evolved; a value that another type would
    change breaks the cast.
    """
    terms, marks = Terms(pair.contract), Marks()
    found = {field.name: field.dataType.simpleString() for field in frame.schema}
    columns: list[Column] = []
    for column in pair.contract.columns:
        own = F.col(f"`{column.name}`") if column.name in found else F.lit(None)
        if found.get(column.name, column.type) != column.type:
            kept = own.try_cast(column.type)
            changed = own.isNotNull() & ~F.coalesce(kept.try_cast(found[column.name]) == own, F.lit(False))
            rule = f"{pair.contract.dataset}.structure.cast.{column.name}"
            marks[rule] = shown(own, column.name in pair.contract.pii), changed
            own = kept
        columns.append(own.cast(column.type).alias(column.name))
    values = F.struct(*(F.col(f"`{name}`") for name in found if name not in PROVENANCE))
    line = F.md5(F.to_json(values, {"ignoreNullFields": "false"})).alias(LINE)
    origin = F.col(OBJECT) if OBJECT in found else F.lit(None).cast("string").alias(OBJECT)
    marked = frame.select(*columns, line, origin, broke(marks).alias(BROKE))
    return Judged(terms, judged(marked.withColumn(SOUND, F.size(BROKE) == 0), terms, day, parameters), {}, 0)
