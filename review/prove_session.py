"""A Spark of one's own to judge a few rows with: no lake, no emulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Thread

from pyspark.sql import SparkSession

from sandbox import archive
from sandbox.spark import machine, name_runtime


@contextmanager
def session() -> Iterator[SparkSession]:
    """Start Spark, and stop it at the end; the library, seconds to import, is imported meanwhile."""
    library = Thread(target=import_module, args=("great_expectations",))
    library.start()
    name_runtime()
    options, given = "spark.driver.extraJavaOptions", machine()
    settings = {
        **given,
        options: f"{given[options]} {archive.option()}".strip(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "false",  # a shuffle of a few rows needs no second plan
    }
    builder = SparkSession.builder.appName("prove")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    library.join()
    try:
        yield spark
    finally:
        spark.stop()
