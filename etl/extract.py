"""Raw objects as rows: each whole as it came, and split into the declared columns only where it is a sound record.

Every reader returns the declared columns, `_line` (the whole row as text), `_broken` (no sound record: the columns are
null), `_header` (the line repeats its object's header), `_object`, `_version` and `_place` (among the first looks).
"""

from pyspark.sql import DataFrame, SparkSession

from etl import columnar, csv_rows, json_rows
from etl.contract import Contract
from etl.engine.plain import Plain
from etl.first_look import Look
from etl.raw import Place

READERS = {"csv": csv_rows.read, "jsonl": json_rows.read, "parquet": columnar.read, "orc": columnar.read}


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract, plain: Plain) -> DataFrame:
    """Read objects that passed their first look, in the format that the input contract declares.

    `plain` proves a line of CSV plain; where there is something to prove, the column `_plain` says so.
    """
    return READERS[contract.format](spark, place, looks, contract, plain)
