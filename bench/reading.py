"""Spark's own reader of each format, with its options: how a job without any check would read a day."""

from typing import assert_never

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.dialect import Dialect
from etl.contract.input_column import InputColumn
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.table_names import OBJECT

READ_OPTIONS = {"decimal", "group"}
"""The options of columns that are read here, by one `translate`: Spark's reader has none that is as fast."""


def read_day(spark: SparkSession, uri: str, contract: Contract) -> DataFrame:
    """Return a day's rows with the contract's columns, and the file that each is from.

    Raises:
        ValueError: the contract says something of the file or of a column that is not read here.
    """
    rows = _read_format(spark, uri, contract)
    values = [_value(column, contract.format.is_text).alias(column.name) for column in contract.input_columns]
    return rows.select(*values, F.col("_metadata.file_path").alias(OBJECT))


def _read_format(spark: SparkSession, uri: str, contract: Contract) -> DataFrame:
    schema = ", ".join(f"`{name}` string" for name in contract.names)
    match contract.format:
        case SourceFormat.CSV:
            return spark.read.schema(schema).options(**csv_options(contract.dialect)).csv(uri)
        case SourceFormat.JSONL:
            if contract.record_form.takes_whole_files:
                raise ValueError(f"records {contract.records} are not read here")
            return spark.read.schema(schema).json(uri)
        case SourceFormat.PARQUET:
            return spark.read.parquet(uri)
        case SourceFormat.ORC:
            return spark.read.orc(uri)
        case SourceFormat.AVRO | SourceFormat.EXCEL | SourceFormat.TABLES:
            raise ValueError(f"Spark comes without a reader of {contract.format}")
        case _:
            assert_never(contract.format)


def csv_options(dialect: Dialect) -> dict[str, str | bool]:
    """Return a dialect as the options of Spark's reader of CSV.

    Raises:
        ValueError: it has lines that are passed over, or several texts for null, which Spark's reader knows not.
    """
    if dialect.skip_rows or dialect.skip_footer or len(dialect.null_values) > 1:
        raise ValueError("Spark's reader passes no lines over, and takes one text for null")
    options: dict[str, str | bool] = {"header": dialect.header, "escape": dialect.escape or dialect.quote}
    changes = {"sep": dialect.delimiter, "quote": dialect.quote, "encoding": str(dialect.encoding)}
    defaults = {"sep": ",", "quote": '"', "encoding": "utf-8"}
    options |= {name: value for name, value in changes.items() if value != defaults[name]}
    options |= {"comment": dialect.comment} if dialect.comment else {}
    options |= {"nullValue": dialect.null_values[0]} if dialect.null_values else {}
    return options | ({"multiLine": True} if dialect.multi_line else {})


def _value(column: InputColumn, is_text: bool) -> Column:
    """Return a column as the input declares it, with what a job without any check would take: `translate` and a cast."""
    if strange := column.reading_options.keys() - READ_OPTIONS:
        raise ValueError(f"the options {sorted(strange)} of {column.name} are not read here")
    value = F.col(f"`{column.name}`")
    if column.reading_options:
        value = F.translate(value, column.decimal_point + column.group, ".")
    return value.try_cast(column.type) if is_text and not column.type.is_text else value
