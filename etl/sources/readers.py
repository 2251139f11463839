"""Raw objects as rows: each whole as it came, and split into the declared columns only where it is a sound record.

Every reader returns the declared columns, `_line` (the whole row as text), `_broken` (no sound record: the columns are
null), `_header` (the line repeats its object's header), `_object`, `_version` and `_place` (among the first looks).
"""

from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import Contract
from etl.sources import columnar_reader, csv_reader, json_reader
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.storage.raw_objects import Place

READERS = {
    "csv": csv_reader.read,
    "jsonl": json_reader.read,
    "parquet": columnar_reader.read,
    "orc": columnar_reader.read,
}


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract, plain: Plain) -> DataFrame:
    """Read objects that passed their first look, in the format that the input contract declares.

    `plain` proves a line of CSV plain; where there is something to prove, the column `_plain` says so.
    """
    return READERS[contract.format](spark, place, looks, contract, plain)
