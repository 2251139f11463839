"""Raw objects as rows: each whole as it came, and split into the declared columns only where it is a sound record.

Every reader returns the declared columns, `_line` (the whole row as text), `_broken` (no sound record: the columns are
null), `_header` (the line repeats its object's header), `_object`, `_version` and `_place` (among the first looks).
"""

from typing import assert_never

from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.sources import avro_reader, columnar_reader, csv_reader, excel_reader, json_reader
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
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
        plain: proves a line of CSV plain; where there is something to prove, the column `_plain` says so.
        streams: opens objects that one task reads whole; the environment's S3 by default.

    Raises:
        ValueError: the contract's rows are those of tables.
    """
    match contract.format:
        case SourceFormat.CSV:
            return csv_reader.read_csv(spark, raw_prefix, preflights, contract, plain, streams)
        case SourceFormat.JSONL:
            return json_reader.read_json(spark, raw_prefix, preflights, contract, streams)
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
