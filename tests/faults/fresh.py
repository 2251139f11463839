"""A job's run in a process of its own, as Glue starts it, which may be killed at a step or when the proxy sees a request."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIGKILL

from etl.runtime.arguments import JobArguments
from sluice.sandbox.jobs import class_archive, java
from sluice.sandbox.jobs.environment import clean_environment
from sluice.sandbox.jobs.spark import REGION, emulator_properties
from tests.keys import KEYS

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 180  # seconds
ICEBERG = "org.apache.iceberg.spark"


@dataclass(frozen=True)
class RunEnd:
    """How a process ended: its exit code (negative: the signal), and what it wrote."""

    code: int
    log: str

    @property
    def killed(self) -> bool:
        """Whether a SIGKILL ended it."""
        return self.code == -SIGKILL


@dataclass(frozen=True)
class FreshProcess:
    """Starts runs against the lake at `endpoint`, with their files in `folder`; `memory` is the JVM's heap."""

    endpoint: str
    folder: Path
    memory: str = "1g"

    def run(self, order: JobArguments, step: str = "none") -> RunEnd:
        """Run to the end, or to a step that kills it."""
        process = self.start_run(order, step)
        try:
            process.wait(TIMEOUT_SECONDS)
        finally:
            kill_run(process)
        return self.run_end(order, process)

    def start_run(self, order: JobArguments, step: str = "none") -> subprocess.Popen[bytes]:
        """Start a run in a process group of its own."""
        self.folder.mkdir(exist_ok=True)
        file = self.folder / f"{order.run_id}.properties"
        file.write_text(
            "".join(f"{name}={value}\n" for name, value in session_properties(self.endpoint, self.memory).items())
        )
        table = f"lake.{order.table.partition('.')[2]}"
        with self._log_path(order).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.dying", step, *job_command_line(order, table)],
                cwd=ROOT,
                env=clean_environment() | self._child_environment(file),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run_end(self, order: JobArguments, process: subprocess.Popen[bytes]) -> RunEnd:
        """Return how a run that has ended did so."""
        return RunEnd(process.returncode, self._log_path(order).read_text(errors="replace"))

    def _log_path(self, order: JobArguments) -> Path:
        return self.folder / f"{order.run_id}.log"

    def _child_environment(self, file: Path) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **KEYS.as_environment(),
            "JAVA_HOME": str(java.find_java_home()),
            "PYSPARK_SUBMIT_ARGS": f"--properties-file {shlex.quote(str(file))} pyspark-shell",
            "SPARK_LOCAL_DIRS": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            "PYSPARK_PYTHON": sys.executable,
        }


def session_properties(endpoint: str, memory: str) -> dict[str, str]:
    """Return the Spark properties that a job's session has, against the lake at `endpoint`."""
    base_properties = emulator_properties(endpoint, KEYS)
    catalog = "spark.sql.catalog.lake"
    return base_properties | {
        "spark.driver.memory": memory,
        "spark.driver.extraJavaOptions": f"{base_properties['spark.driver.extraJavaOptions']} "
        f"{class_archive.jvm_option()}".strip(),
        "spark.sql.extensions": f"{ICEBERG}.extensions.IcebergSparkSessionExtensions",
        catalog: f"{ICEBERG}.SparkCatalog",
        f"{catalog}.type": "glue",
        f"{catalog}.warehouse": "s3://unused/",
        f"{catalog}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "spark.sql.session.timeZone": "UTC",
    }


def kill_run(process: subprocess.Popen[bytes]) -> None:
    """Kill a run with its JVM; one that is dead already is left alone."""
    try:
        os.killpg(process.pid, SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def job_command_line(order: JobArguments, table: str) -> list[str]:
    """Return what a job is told: an order, with the table by its name in the job's catalog."""
    values = asdict(order) | {"table": table}
    names = ("dataset", "table", "location", "input_contract", "output_contract", "code", "run_date", "raw_expire_days")
    tokens = [token for name in names for token in (f"--{name.replace('_', '-')}", str(values[name]))]
    for name, place in (("--raw", order.raw), ("--verdicts", order.verdicts)):
        tokens += [name, place.uri(place.prefix)]
    if order.rerun:
        tokens += ["--rerun", json.dumps(order.rerun)]
    return [*tokens, "--JOB_NAME", order.job, "--JOB_RUN_ID", order.run_id]
