"""What several groups of tests share: one emulator and one Spark session for the whole run."""

import atexit
import gc
import os
from collections.abc import Container, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from components.settings.lake_folder import ROOT, VARIABLE, lake_folder
from sluice.program.empty_lake import NO_DATASET
from sluice.sandbox.emulator import emulator
from sluice.sandbox.jobs import class_archive
from sluice.sandbox.jobs.environment import ISOLATED_ENVIRONMENT
from sluice.sandbox.jobs.spark import REGION, emulator_properties, secrets_in_file, set_runtime_environment
from tests import gateway
from tests.keys import KEYS


def pytest_configure() -> None:
    """Let no made-up value fail for the time that it took to make: two cores run four processes of tests."""
    settings.register_profile("busy machine", suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy machine")


def pytest_collection_finish() -> None:
    """Collect garbage seldom: by default, half of a program's run under mocks is looking through what was imported."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_sessionstart() -> None:
    """Under `make coverage` let the processes that a sandbox starts be measured too: they get next to nothing else of ours."""
    ISOLATED_ENVIRONMENT.update({name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_PROCESS")})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of a lake without datasets that there is none: no test is of a user's own data then."""
    if not any((ROOT / "expectations").glob("*/*.json")):
        terminalreporter.write_line(NO_DATASET)


def pytest_unconfigure() -> None:
    """Let the interpreter free what was imported; what stays all the same, a binding must not report after the summary.

    DuckDB's (nanobind) prints a page of what it finds alive when the process has ended already, which is no leak of ours.
    """
    gc.unfreeze()
    atexit.register(_silence_stderr)


def _silence_stderr() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


@pytest.fixture(autouse=True)
def wide_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what commands print unbroken, so that a test finds whole sentences; `tests/unit/cli/test_widths.py` sets others."""
    monkeypatch.setenv("COLUMNS", "10000")


@pytest.fixture
def project_lake(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lake of the project itself, a user's, in place of the tests' own."""
    monkeypatch.delenv(VARIABLE)
    return lake_folder()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an emulator that nothing is deployed into."""
    emulator.forget_aws()
    with emulator.running_emulator(keys=KEYS) as running:
        yield running.endpoint


@pytest.fixture(scope="session")
def spark(endpoint: str) -> Iterator[object]:
    """A session with the catalog `lake` on the emulator's Glue, as the job's own settings make it."""
    yield from start_session(endpoint)


def start_session(endpoint: str, leaving: Container[str] = ()) -> Iterator[object]:
    """Start a session on the emulator at `endpoint`, `leaving` those of the sandbox's settings to Spark."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  the program's tests need no Spark

    gateway.ask_once()
    set_runtime_environment()
    os.environ.update(KEYS.as_environment(), AWS_REGION=REGION)
    builder = SparkSession.builder.appName("tests")
    catalog = "spark.sql.catalog.lake"
    base_properties = emulator_properties(endpoint, KEYS)
    settings = {
        **base_properties,
        "spark.driver.extraJavaOptions": f"{base_properties['spark.driver.extraJavaOptions']} "
        f"{class_archive.jvm_option()}".strip(),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "glue",
        f"{catalog}.warehouse": "s3://unused/",
        f"{catalog}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "spark.sql.session.timeZone": "UTC",
    }
    with secrets_in_file({key: value for key, value in settings.items() if key not in leaving}) as remaining:
        started = builder.config(map=dict(remaining)).getOrCreate()
    started.sparkContext.setLogLevel("OFF")
    yield started
    started.stop()
