"""Raw objects as rows: each whole as it came, and split into the declared columns only where it is a sound record.

Every reader returns the declared columns, `_line` (the whole row as text), `_broken` (no sound record: the columns are
null), `_header` (the line repeats its object's header), `_object`, `_version` and `_place` (among the first looks).
"""

from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import Contract
from etl.sources import columnar_reader, csv_reader, json_reader
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.storage.raw_objects import S3Prefix

READERS = {
    "csv": csv_reader.read_csv,
    "jsonl": json_reader.read_json_lines,
    "parquet": columnar_reader.read_columnar,
    "orc": columnar_reader.read_columnar,
}


def read_objects(
    spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight], contract: Contract, plain: LineRegex
) -> DataFrame:
    """Read objects that passed their first look, in the format that the input contract declares.

    `plain` proves a line of CSV plain; where there is something to prove, the column `_plain` says so.
    """
    return READERS[contract.format](spark, raw_prefix, preflights, contract, plain)
