"""Why Spark could not read a file of Parquet or ORC: a codec that the job has not, an encrypted column, broken bytes."""

import re
from typing import Any, assert_never, cast

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import StructureRule
from etl.sources.hadoop_configuration import hadoop_configuration
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import spark_paths
from etl.storage.raw_objects import S3Prefix

COLUMN_CHUNK = re.compile(r"ColumnMetaData\{(\w+) ")  # how Parquet's library shows a column chunk, its codec first
READING = ("org.apache.parquet", "org.apache.orc", "java.lang.IllegalArgument", "java.lang.ArrayIndex", "java.io.EOF")
"""Classes of what the readers raise on broken bytes; those of S3 and of the machine are others."""
MAX_SHOWN = 200  # characters of a message


def verify_rows(
    spark: SparkSession, raw_prefix: S3Prefix, preflight: FilePreflight, source_format: SourceFormat
) -> FilePreflight:
    """Look at a file's codecs and read it to its end; what Spark cannot unpack or read is a fault.

    For the rare run in which Spark could not read: a good day never gets here.
    """
    verified = verify_codecs(spark, raw_prefix, preflight, source_format)
    return verified if verified.fault else _read_to_end(spark, raw_prefix, verified, source_format)


def verify_codecs(
    spark: SparkSession, raw_prefix: S3Prefix, preflight: FilePreflight, source_format: SourceFormat
) -> FilePreflight:
    """Look at the codecs of a file's columns; one that Spark lacks, or an encrypted column, is a fault."""
    if preflight.fault:
        return preflight
    match source_format:
        case SourceFormat.PARQUET:
            return _verify_parquet(spark, raw_prefix, preflight)
        # ORC packs its footer too, so that reading its schema showed the codec; the others have no columns to pack.
        case SourceFormat.ORC | SourceFormat.CSV | SourceFormat.JSONL:
            return preflight
        case SourceFormat.AVRO | SourceFormat.EXCEL | SourceFormat.TABLES:
            return preflight
        case _:
            assert_never(source_format)


def _read_to_end(
    spark: SparkSession, raw_prefix: S3Prefix, preflight: FilePreflight, source_format: SourceFormat
) -> FilePreflight:
    """Read a file alone; where that fails though S3 gave its bytes, they are broken, or hold what Spark does not read."""
    frame = (
        spark.read.option("recursiveFileLookup", "true")
        .format(source_format)
        .load(spark_paths(raw_prefix, [preflight]))
    )
    try:
        frame.write.format("noop").mode("overwrite").save()
    except (PySparkException, Py4JJavaError) as error:
        cause = _first_cause(error)
        if not cause.startswith(READING):
            return preflight
        why = cause.partition(": ")[2].partition("\n")[0][:MAX_SHOWN] or cause
        detail = f"{preflight.object.key}: its rows cannot be read: {why}"
        return FilePreflight(preflight.object, fault=StructureRule.FORMAT, detail=detail)
    return preflight


def _first_cause(error: Exception) -> str:
    """Return class and message of what the failure of a query began with, "" where that cannot be told."""
    java_error: Any = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java_error is None:
        return ""
    while (cause := java_error.getCause()) is not None:
        java_error = cause
    return str(java_error.toString())


def _verify_parquet(spark: SparkSession, raw_prefix: S3Prefix, preflight: FilePreflight) -> FilePreflight:
    parquet = cast(Any, spark)._jvm.org.apache.parquet.hadoop
    conf = hadoop_configuration(spark)
    path = cast(Any, spark)._jvm.org.apache.hadoop.fs.Path(raw_prefix.uri(preflight.object.key))
    reader = parquet.ParquetFileReader.open(parquet.util.HadoopInputFile.fromPath(path, conf))
    try:
        footer = reader.getFooter()
        if str(footer.getFileMetaData().getEncryptionType()) != "UNENCRYPTED":
            return FilePreflight(
                preflight.object,
                fault=StructureRule.COMPRESSION,
                detail=f"{preflight.object.key}: encrypted; put it again in the clear",
            )
        # As one text: a call into the JVM for each column of each row group would take seconds.
        codecs = sorted(set(COLUMN_CHUNK.findall(footer.getBlocks().toString())))
    finally:
        reader.close()
    factory = parquet.CodecFactory(conf, 0)
    lacking = [
        codec for codec in codecs if not _can_decompress(factory, parquet.metadata.CompressionCodecName.valueOf(codec))
    ]
    return unsupported_codec(preflight, ", ".join(lacking).lower()) if lacking else preflight


def _can_decompress(factory: Any, codec: Any) -> bool:
    try:
        factory.getDecompressor(codec)
    except Py4JJavaError:  # its class is not there
        return False
    return True


def unsupported_codec(preflight: FilePreflight, codec: str) -> FilePreflight:
    """Return a file's preflight with the fault that it is packed with a codec which the job has not."""
    detail = (
        f"{preflight.object.key}: packed with {codec}, which the job has no codec for; put it again "
        f"as snappy, gzip or zstd"
    )
    return FilePreflight(preflight.object, fault=StructureRule.COMPRESSION, detail=detail)
