"""A table as it stands: a folder of Parquet files, an Iceberg table's folder, or one that a catalog names."""

from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import LINE, OBJECT
from etl.iceberg.table import BOOKKEEPING_COLUMNS as PROVENANCE
from etl.sources.provenance import HADOOP_GLOB
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.contract_pair import ContractPair
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.row_outcomes import ContractRules
from sluice.contracts.backtest.rows import (
    BROKE,
    SOUND,
    JudgedRows,
    Marks,
    Parameters,
    broken_array,
    judge_typed_rows,
    sample_column,
)

INFER = "spark.sql.sources.partitionColumnTypeInference.enabled"


def read_table(spark: SparkSession, table: Table) -> DataFrame:
    """Return a table's rows.

    Raises:
        WrongUse: there is none, or Spark cannot read it.
    """
    try:
        return spark.table(table.location) if isinstance(table.location, str) else _read_folder(spark, table.location)
    except (PySparkException, Py4JJavaError) as error:
        reason = str(error).strip().splitlines()[0]
        raise WrongUse(
            f"there is no table {table.location} that Spark can read, nor a file of that name: {reason}"
        ) from error


def _read_folder(spark: SparkSession, folder: Path) -> DataFrame:
    versions = sorted(folder.glob("metadata/*.metadata.json"), key=lambda file: file.stat().st_mtime)
    if versions:  # its data files alone would show rows that were deleted, too
        return spark.read.format("iceberg").load(f"file:{versions[-1].resolve()}")
    spark.conf.set(INFER, "false")  # a folder region=01 is the text 01
    escaped = HADOOP_GLOB.sub(r"\\\1", str(folder.resolve()))
    return spark.read.parquet(f"file:{escaped}")


def judge_table(frame: DataFrame, pair: ContractPair, day: str | None, parameters: Parameters) -> JudgedRows:
    """Judge the rows of a table by the output's contract.

    A column that the table lacks is null, as it would be after the table has evolved; a value that another type would
    change breaks the cast.
    """
    contract_rules, marks = ContractRules(pair.contract), Marks()
    table_types = {field.name: field.dataType.simpleString() for field in frame.schema}
    columns: list[Column] = []
    for column in pair.contract.columns:
        value = F.col(f"`{column.name}`") if column.name in table_types else F.lit(None)
        if table_types.get(column.name, column.type) != column.type:
            cast_value = value.try_cast(column.type)
            changed = value.isNotNull() & ~F.coalesce(
                cast_value.try_cast(table_types[column.name]) == value, F.lit(False)
            )
            rule = StructureRule.CAST.id_of(pair.contract.dataset, column.name)
            marks[rule] = sample_column(value, column.name in pair.contract.pii), changed
            value = cast_value
        columns.append(value.cast(column.type).alias(column.name))
    values = F.struct(*(F.col(f"`{name}`") for name in table_types if name not in PROVENANCE))
    line = F.md5(F.to_json(values, {"ignoreNullFields": "false"})).alias(LINE)
    origin = F.col(OBJECT) if OBJECT in table_types else F.lit(None).cast("string").alias(OBJECT)
    marked = frame.select(*columns, line, origin, broken_array(marks).alias(BROKE))
    return JudgedRows(
        contract_rules,
        judge_typed_rows(marked.withColumn(SOUND, F.size(BROKE) == 0), contract_rules, day, parameters),
        {},
        0,
    )
