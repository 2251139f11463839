"""The Spark session, and the seconds that its start can hide."""

import gc
import os
import sys
from contextlib import suppress
from threading import Thread

from pyspark import SparkContext
from pyspark.sql import SparkSession

from etl.later import later, without


def start() -> SparkSession:
    """Start Spark, or find the one that runs; import Great Expectations (3-8 s) while the JVM starts."""
    library = Thread(target=_import_library)
    library.start()
    spark = _glue_or_local()
    library.join()
    return spark


def _import_library() -> None:
    """Import Great Expectations without what only charts and a rule on distributions take, which the vocabulary refuses."""
    later("scipy.stats")
    later("altair")
    gc.disable()  # nothing that is imported is garbage
    try:
        with without("pyspark.ml", "pyspark.sql.connect"):  # optional for the library, and no session here is remote
            import great_expectations  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]

        with suppress(ImportError):  # a library that may be missing, as etl/engine/written.py says
            from etl.engine import files  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]

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
    return GlueContext(SparkContext.getOrCreate()).spark_session
