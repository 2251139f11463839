"""The Spark session, and the seconds that its start can hide."""

from importlib import import_module
from threading import Thread

from pyspark import SparkContext
from pyspark.sql import SparkSession


def start() -> SparkSession:
    """Start Spark, or find the one that runs; import Great Expectations (3-8 s) while the JVM starts."""
    library = Thread(target=import_module, args=("great_expectations",))
    library.start()
    spark = _glue_or_local()
    library.join()
    return spark


def _glue_or_local() -> SparkSession:
    """Start through GlueContext where there is one: only then does Glue publish the job's metrics."""
    try:
        from awsglue.context import GlueContext  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        return SparkSession.builder.getOrCreate()
    return GlueContext(SparkContext.getOrCreate()).spark_session
