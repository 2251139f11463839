"""The Spark session, and the seconds that its start can hide."""

import gc
import logging
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from threading import Thread

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from etl.runtime.lazy_imports import import_lazily, without_packages


def start_session(preloaded: Sequence[str] = ()) -> SparkSession:
    """Start Spark, or find the one that runs; import Great Expectations (3-8 s) while the JVM starts.

    `preloaded` are modules of the job to import then, too: those that import libraries which may be missing.
    """
    use_utc()
    library = Thread(target=_import_libraries, args=(preloaded,))
    library.start()
    spark = _glue_or_local()
    library.join()
    return spark


def use_utc() -> None:
    """Let Python read Spark's times as UTC: PySpark hands a timestamp over as the process's own clock would show it."""
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()


def silence_logs(spark: SparkSession) -> None:
    """Let Spark log nothing: the error of a task that fails quotes the value that it failed for.

    Executors follow where `spark.executor.syncLogLevel.enabled` is set, as it is on Glue. What failed is in the
    verdict, by its class and condition.
    """
    spark.sparkContext.setLogLevel("OFF")
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _import_libraries(preloaded: Sequence[str]) -> None:
    """Import modules, and Great Expectations without what only charts and a rule on distributions take.

    The vocabulary refuses that rule.
    """
    import_lazily("scipy.stats")
    import_lazily("altair")
    gc.disable()  # nothing that is imported is garbage
    try:
        with without_packages(
            "pyspark.ml", "pyspark.sql.connect"
        ):  # optional for the library, and no session here is remote
            import great_expectations  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]

        for module in preloaded:
            with suppress(ImportError):
                import_module(module)

        gc.freeze()
    finally:
        gc.enable()


def _glue_or_local() -> SparkSession:
    """Start through GlueContext where there is one: only then does Glue publish the job's metrics."""
    try:
        from awsglue.context import GlueContext  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        # Workers of this very Python: Spark would take the `python3` on the PATH and refuse one of another minor version.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        return SparkSession.builder.getOrCreate()
    # Executors log at the level that `hush` sets.
    conf = SparkConf().set("spark.executor.syncLogLevel.enabled", "true")
    return GlueContext(SparkContext.getOrCreate(conf)).spark_session
