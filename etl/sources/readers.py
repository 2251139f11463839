"""Raw objects as rows: each whole as it came, and split into the declared columns only where it is a sound record.

Every reader returns the declared columns, `_line` (the whole row as text), `_broken` (no sound record: the columns are
null), `_header` (the line repeats its object's header), `_object`, `_version` and `_place` (among the first looks).
"""

from typing import assert_never

from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.sources import avro_reader, columnar_reader, csv_reader, excel_reader, json_reader
from etl.sources.folder_columns import add_folder_columns
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import PLACE
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import S3Prefix


def read_objects(  # noqa: PLR0913  what is read, where from, and by what
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    contract: Contract,
    plain: LineRegex,
    streams: ObjectStreams | None = None,
) -> DataFrame:
    """Read objects that passed their preflight, in the format that the input contract declares.

    Args:
        spark: the session.
        raw_prefix: where they are, for Spark.
        preflights: what they showed.
        contract: the input's.
        plain: proves a line of CSV or JSON plain; where there is something to prove, the column `_plain` says so.
        streams: opens objects that one task reads whole; the environment's S3 by default.

    Raises:
        ValueError: the contract's rows are those of tables.
    """
    contents = _read_contents(spark, raw_prefix, preflights, contract.as_file_contents(), plain, streams)
    if not contract.folder_columns:
        return contents
    keys = {place: preflight.object.key for place, preflight in enumerate(preflights)}
    return add_folder_columns(contents, raw_prefix, keys, PLACE, contract)


def _read_contents(  # noqa: PLR0913  as above
    spark: SparkSession,
    raw_prefix: S3Prefix,
    preflights: list[FilePreflight],
    contract: Contract,
    plain: LineRegex,
    streams: ObjectStreams | None,
) -> DataFrame:
    """Read the columns that the files have."""
    match contract.format:
        case SourceFormat.CSV:
            return csv_reader.read_csv(spark, raw_prefix, preflights, contract, plain, streams)
        case SourceFormat.JSONL:
            return json_reader.read_json(spark, raw_prefix, preflights, contract, plain, streams)
        case SourceFormat.PARQUET | SourceFormat.ORC:
            return columnar_reader.read_columnar(spark, raw_prefix, preflights, contract, plain)
        case SourceFormat.AVRO:
            streams = streams or ObjectStreams.from_client(None, raw_prefix.bucket)
            return avro_reader.read_avro(spark, streams, preflights, contract)
        case SourceFormat.EXCEL:
            streams = streams or ObjectStreams.from_client(None, raw_prefix.bucket)
            return excel_reader.read_excel(spark, streams, preflights, contract)
        case SourceFormat.TABLES:
            raise ValueError(f"{contract.dataset} is built from tables; no object holds its rows")
        case _:
            assert_never(contract.format)
