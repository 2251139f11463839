"""The session's workers are the Python that started it, whatever `python3` is on the PATH."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from etl.runtime import session
from sluice.sandbox.emulator.keys import AccessKeys
from sluice.sandbox.jobs import spark as sandbox
from tests.keys import KEYS


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
    sandbox.set_runtime_environment()
    assert {os.environ[name] for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")} == {sys.executable}
    assert "SPARK_CONF_DIR" not in os.environ
    assert sandbox.local_properties()["spark.pyspark.python"] == sys.executable


def test_the_tests_own_session_has_workers_of_this_python(spark: Any) -> None:
    assert spark.sparkContext.pythonExec == sys.executable
    frame = spark.createDataFrame([(1,), (2,)], "n int")  # its rows pass a worker
    assert frame.count() == 2


def test_a_session_on_this_machine_has_its_keys_and_shows_them_to_nobody(spark: Any) -> None:
    catalog = f"{sandbox.CATALOG}.s3.secret-access-key"
    assert (spark.conf.get(catalog), spark.conf.get("spark.hadoop.fs.s3a.access.key")) == (
        KEYS.secret_access_key,
        KEYS.access_key_id,
    )
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert f"{sandbox.CATALOG}.s3.endpoint" in listed
    assert not [key for key in (KEYS.access_key_id, KEYS.secret_access_key) if key in listed]


@pytest.mark.parametrize("before", [None, "--name mine pyspark-shell"])
def test_keys_go_to_spark_by_a_file_that_is_gone_afterwards(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(sandbox.SUBMIT_VARIABLE, raising=False)
    if before:
        monkeypatch.setenv(sandbox.SUBMIT_VARIABLE, before)
    keys = AccessKeys("access", "secret", "token")
    with sandbox.secrets_in_file(sandbox.emulator_properties("http://127.0.0.1:1", keys)) as remaining:
        option, file, after = os.environ[sandbox.SUBMIT_VARIABLE].split(" ", 2)
        assert (option, after) == ("--properties-file", before or "pyspark-shell")
        assert Path(file).stat().st_mode & 0o777 == 0o600
        assert sorted(line.partition("=")[2] for line in Path(file).read_text().splitlines()) == [
            *["access"] * 2,
            *["secret"] * 2,
            *["token"] * 2,
        ]
        assert not {"access", "secret", "token"} & set(remaining.values())
        assert remaining.keys() >= sandbox.local_properties().keys()
    assert not Path(file).exists()
    assert os.environ.get(sandbox.SUBMIT_VARIABLE) == before
