"""A Spark of one's own to judge a few rows with, and one with a lake in an emulator that ends with it."""

import logging
import os
import signal
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from threading import Thread, current_thread, main_thread

from pyspark.sql import SparkSession

from sluice.sandbox.emulator import emulator
from sluice.sandbox.jobs import class_archive
from sluice.sandbox.jobs.spark import (
    CATALOG,
    REGION,
    emulator_properties,
    local_properties,
    secrets_in_file,
    set_runtime_environment,
)

ICEBERG = {
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    CATALOG: "org.apache.iceberg.spark.SparkCatalog",
    f"{CATALOG}.type": "glue",
    f"{CATALOG}.warehouse": "s3://unused/",
    f"{CATALOG}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
}


@contextmanager
def lake_session() -> Generator[SparkSession]:
    """Start an emulator, and Spark with its catalog as `lake`; both end with the block."""
    with emulator.running_emulator() as emulated:
        # The catalog's client takes its keys from nowhere else.
        os.environ.update(emulated.keys.as_environment(), AWS_REGION=REGION)
        with spark_session({**emulator_properties(emulated.endpoint, emulated.keys), **ICEBERG}) as spark:
            yield spark


@contextmanager
def spark_session(extra_properties: Mapping[str, str] | None = None) -> Generator[SparkSession]:
    """Start Spark, and stop it at the end; the library, seconds to import, is imported meanwhile.

    Args:
        extra_properties: Spark properties beyond those that this machine needs.
    """
    library = Thread(target=import_module, args=("great_expectations",))
    library.start()
    set_runtime_environment()
    options, machine_settings = "spark.driver.extraJavaOptions", local_properties() | dict(extra_properties or {})
    settings = {
        **machine_settings,
        options: f"{machine_settings[options]} {class_archive.jvm_option()}".strip(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "false",  # a shuffle of a few rows needs no second plan
    }
    builder = SparkSession.builder.appName("prove")
    handler = signal.getsignal(signal.SIGINT)
    with _interrupts_unlogged():
        with secrets_in_file(settings) as visible_settings:
            spark = builder.config(map=dict(visible_settings)).getOrCreate()
        # Spark's own handler asks the JVM over the connection that is being read. That fails, and the library, amid whose
        # work it comes, takes the failure for a metric's: Ctrl-C would end nothing.
        if current_thread() is main_thread():
            signal.signal(signal.SIGINT, handler)
        spark.sparkContext.setLogLevel("OFF")
        library.join()
        try:
            yield spark
        finally:
            spark.stop()


@contextmanager
def _interrupts_unlogged() -> Generator[None]:
    """Keep Py4J from logging a Ctrl-C with its stack trace: the command line says it in one line."""
    root, py4j = logging.getLogger(), logging.getLogger("py4j")
    level = py4j.level
    root.addFilter(_is_no_interrupt)
    py4j.setLevel(logging.CRITICAL)  # what it cannot send over the connection that was interrupted
    try:
        yield
    finally:
        root.removeFilter(_is_no_interrupt)
        py4j.setLevel(level)


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    return "KeyboardInterrupt" not in record.getMessage()
