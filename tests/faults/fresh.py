"""A job's run in a process of its own, as Glue starts it, which may be killed at a step or when the proxy sees a request."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIGKILL

from etl.runtime.arguments import Order
from sluice.sandbox.jobs import class_archive, java
from sluice.sandbox.jobs.environment import surroundings
from sluice.sandbox.jobs.spark import REGION, properties
from tests.keys import KEYS

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 180  # seconds
ICEBERG = "org.apache.iceberg.spark"


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), and what it wrote."""

    code: int
    log: str

    @property
    def killed(self) -> bool:
        """Whether a SIGKILL ended it."""
        return self.code == -SIGKILL


@dataclass(frozen=True)
class Fresh:
    """Starts runs against the lake at `endpoint`, with their files in `folder`; `memory` is the JVM's heap."""

    endpoint: str
    folder: Path
    memory: str = "1g"

    def run(self, order: Order, step: str = "none") -> Ended:
        """Run to the end, or to a step that kills it."""
        process = self.start(order, step)
        try:
            process.wait(LONGEST)
        finally:
            kill(process)
        return self.ended(order, process)

    def start(self, order: Order, step: str = "none") -> subprocess.Popen[bytes]:
        """Start a run in a process group of its own."""
        self.folder.mkdir(exist_ok=True)
        file = self.folder / f"{order.run_id}.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings(self.endpoint, self.memory).items()))
        table = f"lake.{order.table.partition('.')[2]}"
        with self._log(order).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.dying", step, *arguments(order, table)],
                cwd=ROOT,
                env=surroundings() | self._environment(file),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self, order: Order, process: subprocess.Popen[bytes]) -> Ended:
        """Return how a run that has ended did so."""
        return Ended(process.returncode, self._log(order).read_text(errors="replace"))

    def _log(self, order: Order) -> Path:
        return self.folder / f"{order.run_id}.log"

    def _environment(self, file: Path) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **KEYS.environment(),
            "JAVA_HOME": str(java.home()),
            "PYSPARK_SUBMIT_ARGS": f"--properties-file {shlex.quote(str(file))} pyspark-shell",
            "SPARK_LOCAL_DIRS": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            "PYSPARK_PYTHON": sys.executable,
        }


def settings(endpoint: str, memory: str) -> dict[str, str]:
    """Return the Spark properties that a job's session has, against the lake at `endpoint`."""
    given = properties(endpoint, KEYS)
    catalog = "spark.sql.catalog.lake"
    return given | {
        "spark.driver.memory": memory,
        "spark.driver.extraJavaOptions": f"{given['spark.driver.extraJavaOptions']} {class_archive.option()}".strip(),
        "spark.sql.extensions": f"{ICEBERG}.extensions.IcebergSparkSessionExtensions",
        catalog: f"{ICEBERG}.SparkCatalog",
        f"{catalog}.type": "glue",
        f"{catalog}.warehouse": "s3://unused/",
        f"{catalog}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "spark.sql.session.timeZone": "UTC",
    }


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a run with its JVM; one that is dead already is left alone."""
    try:
        os.killpg(process.pid, SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def arguments(order: Order, table: str) -> list[str]:
    """Return what a job is told: an order, with the table by its name in the job's catalog."""
    given = asdict(order) | {"table": table}
    own = ("dataset", "table", "location", "input_contract", "output_contract", "code", "run_date", "raw_expire_days")
    words = [word for name in own for word in (f"--{name.replace('_', '-')}", str(given[name]))]
    for name, place in (("--raw", order.raw), ("--verdicts", order.verdicts)):
        words += [name, place.uri(place.prefix)]
    if order.rerun:
        words += ["--rerun", json.dumps(order.rerun)]
    return [*words, "--JOB_NAME", order.job, "--JOB_RUN_ID", order.run_id]
