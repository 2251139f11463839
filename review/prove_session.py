"""A Spark of one's own to judge a few rows with: no lake, no emulator."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Thread, current_thread, main_thread

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
    handler = signal.getsignal(signal.SIGINT)
    with _interrupts_unlogged():
        spark = builder.getOrCreate()
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
def _interrupts_unlogged() -> Iterator[None]:
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
