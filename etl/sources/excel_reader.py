"""Excel: one sheet of a workbook, with a header. One task reads a file, and Spark gets texts.

The options of a column are about cells that are texts. A date's cell needs none, so it comes in a column beside it.
"""

from collections.abc import Iterator
from typing import BinaryIO

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE, ORDINAL
from etl.sources.casting import OUT_OF_RANGE
from etl.sources.excel_rows import TYPED_CELL, iterate_excel_rows, typed_cells
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PLACE, PROVENANCE
from etl.sources.value_reading import read_values
from etl.sources.whole_files import WholeRecord, read_whole_files
from etl.storage.object_streams import ObjectStreams


def read_excel(
    spark: SparkSession, streams: ObjectStreams, preflights: list[FilePreflight], contract: Contract
) -> DataFrame:
    """Read a sheet of each workbook. An error in a cell of a column of text makes its row a broken one."""
    read = contract.with_columns((*contract.input_columns, *typed_cells(contract)))
    rows = read_values(read_whole_files(spark, streams, preflights, read, parse_excel), read)
    beside = {column.name.removeprefix(TYPED_CELL) for column in typed_cells(contract)}
    values = [_either(name, "", name in beside) for name in contract.names]
    typed = [column.name for column in contract.columns if not column.type.is_text]
    beyond = [_either(name, OUT_OF_RANGE, name in beside) for name in typed]
    return rows.select(*values, *beyond, LINE, BROKEN, F.lit(False).alias(HEADER), ORDINAL, *PROVENANCE, PLACE)


def _either(name: str, prefix: str, has_cells: bool) -> Column:
    text = F.col(f"`{prefix}{name}`")
    return (F.coalesce(text, F.col(f"`{prefix}{TYPED_CELL}{name}`")) if has_cells else text).alias(f"{prefix}{name}")


def parse_excel(stream: BinaryIO, contract: Contract, _preflight: FilePreflight) -> Iterator[WholeRecord]:
    """Yield the rows of the declared sheet below its header.

    Raises:
        BrokenRecords: it cannot be read, or is not as the contract says.
    """
    return (WholeRecord(*row) for row in iterate_excel_rows(stream, contract))
