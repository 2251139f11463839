"""The session's workers are the Python that started it, whatever `python3` is on the PATH."""

import os
import sys
from typing import Any

import pytest

from etl import session
from sandbox import spark as sandbox


class Builder:
    """Stands for `SparkSession`: notes the interpreter that a session would have been started with."""

    interpreter: str | None = None

    @property
    def builder(self) -> "Builder":
        return self

    def getOrCreate(self) -> "Builder":
        self.interpreter = os.environ.get("PYSPARK_PYTHON")
        return self


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    stands_in = Builder()
    monkeypatch.setattr(session, "SparkSession", stands_in)
    monkeypatch.setenv("PYSPARK_PYTHON", "")  # so that what the test sets is taken back
    return stands_in


def test_a_job_outside_glue_names_its_own_interpreter(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYSPARK_PYTHON")
    session._glue_or_local()
    assert builder.interpreter == sys.executable


def test_a_cluster_that_names_an_interpreter_is_left_alone(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", "/cluster/python")
    session._glue_or_local()
    assert builder.interpreter == "/cluster/python"


def test_a_session_on_this_machine_takes_no_interpreter_that_somebody_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
        monkeypatch.setenv(name, "/somebody/elses/python3")
    for name in ("JAVA_HOME", "SPARK_CONF_DIR"):
        monkeypatch.setenv(name, os.environ.get(name, "unset"))
    sandbox.name_runtime()
    assert {os.environ[name] for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")} == {sys.executable}
    assert "SPARK_CONF_DIR" not in os.environ
    assert sandbox.machine()["spark.pyspark.python"] == sys.executable


def test_the_tests_own_session_has_workers_of_this_python(spark: Any) -> None:
    assert spark.sparkContext.pythonExec == sys.executable
    frame = spark.createDataFrame([(1,), (2,)], "n int")  # its rows pass a worker
    assert frame.count() == 2
