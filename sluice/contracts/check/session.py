"""Spark for a check: started as the job starts it, with nothing written outside a folder, and ended without waiting."""

import os
import shlex
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, cast

from pyspark import SparkContext
from pyspark.sql import SparkSession

from etl.run import start_session
from sluice.sandbox.jobs import class_archive
from sluice.sandbox.jobs.runner import QUIET_LOG4J
from sluice.sandbox.jobs.spark import SUBMIT_VARIABLE, local_properties, set_runtime_environment

JOB_SETTINGS = {
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.codegen.hugeMethodLimit": "8000",
}
"""Those of the job's own settings (`components/compute/job.py`) that are not about AWS; a test compares them."""


@contextmanager
def job_session(folder: Path) -> Generator[SparkSession]:
    """Start Spark; the JVM ends with the block, and `folder` gets all that it writes.

    Spark's own handler of Ctrl-C asks the JVM over the connection that is being read, which fails: the one before stays.
    """
    set_runtime_environment()
    handler = signal.getsignal(signal.SIGINT)
    try:
        with _submit_arguments(_write_settings(folder)), _stderr_in_file(folder / "java.log"):
            spark = start_session()
        if current_thread() is main_thread():
            signal.signal(signal.SIGINT, handler)
        yield spark
    finally:
        _end_jvm()


def _write_settings(folder: Path) -> Path:
    """Write Spark's settings and those of its log; return the file of the former."""
    scratch, log_settings, properties_file = folder / "tmp", folder / "log4j2.properties", folder / "spark.properties"
    scratch.mkdir()
    log_settings.write_text(QUIET_LOG4J.replace("level = error", "level = off"))
    properties = local_properties() | JOB_SETTINGS
    options = [properties["spark.driver.extraJavaOptions"], class_archive.jvm_option(), "-XX:-UsePerfData"]
    options += [f'-Djava.io.tmpdir="{scratch}"', f'-Dlog4j2.configurationFile="{log_settings}"']
    properties |= {
        "spark.driver.extraJavaOptions": " ".join(options),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
    }
    lines = [f"{name}={value}".replace("\\", "\\\\") for name, value in properties.items()]
    properties_file.write_text("\n".join(lines) + "\n")
    return properties_file


@contextmanager
def _submit_arguments(properties_file: Path) -> Generator[None]:
    """Let a session that starts meanwhile take its settings from a file."""
    before = os.environ.get(SUBMIT_VARIABLE)
    os.environ[SUBMIT_VARIABLE] = f"--properties-file {shlex.quote(str(properties_file))} pyspark-shell"
    try:
        yield
    finally:
        del os.environ[SUBMIT_VARIABLE]
        os.environ.update({} if before is None else {SUBMIT_VARIABLE: before})


@contextmanager
def _stderr_in_file(file: Path) -> Generator[None]:
    """Let a JVM that starts meanwhile write to a file what it has for stderr: greetings, and warnings of its own."""
    terminal = os.dup(2)
    try:
        with file.open("wb") as log:
            os.dup2(log.fileno(), 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def _pass_over(*_: object) -> None:
    """Print nothing."""


def _end_jvm() -> None:
    """End the JVM at once: it holds nothing that is needed, and takes half a second to end by itself."""
    context = cast(Any, SparkContext)._active_spark_context
    if context is not None:  # where workers of Python ran, the JVM has a connection to it, and its end would be printed
        context._accumulatorServer.handle_error = _pass_over
    gateway = cast(Any, SparkContext)._gateway
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.kill()
        process.wait()
