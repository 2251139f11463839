"""One measurement: a fresh process, and what it told."""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.lake import Lake
from bench.peers import Variant
from components.settings.lake_folder import VARIABLE
from etl.iceberg.current_snapshot import read_head
from sluice.sandbox.jobs import runner, spark
from sluice.sandbox.jobs.environment import LOOPBACK, clean_environment

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 1800
AFTER_A_PAUSE = re.compile(r"Pause .*->(\d+)M\(")


class ProcessFailed(RuntimeError):
    """A process did not come to its end; the message is the end of its log."""


@dataclass(frozen=True)
class Measurement:
    """What a process told of one run.

    Attributes:
        seconds: from the session's being up to the run's end.
        broken: the rules that it found broken.
        published: rows that readers see after it.
        heap: MiB that were left in the heap after the garbage collection that left most.
        python, jvm: MiB of the driver's two processes at their largest.
        detail: what else the variant measured.
        processor: seconds of processor, from the process's start to the run's end, of it and all that it started.
    """

    seconds: float
    broken: tuple[str, ...]
    published: int
    heap: int
    python: int
    jvm: int
    detail: dict[str, Any]
    processor: float = 0.0


def measure_runs(lake: Lake, variant: Variant, runs: Sequence[list[str]], **more: str) -> list[Measurement]:
    """Let a fresh process do these runs, each given by its arguments, one after the other.

    `more` are further settings of Spark, with two underscores for a dot.
    """
    with tempfile.TemporaryDirectory(dir=lake.folder) as temporary:
        folder = Path(temporary)
        (folder / "runs.json").write_text(json.dumps(list(runs)))
        properties = lake.properties | {name.replace("__", "."): value for name, value in more.items()}
        run_to_end(lake, folder, properties, ["bench.child", variant.name, str(folder)], variant.environment)
        heap = max(map(int, AFTER_A_PAUSE.findall((folder / "gc.log").read_text())), default=0)
        records = json.loads((folder / "told.json").read_text())
    lake.drop_data()
    return [
        Measurement(
            record["seconds"],
            tuple(record["broken"]),
            published_rows(lake, run),
            heap,
            record["python"],
            record["jvm"],
            record["detail"],
            record["processor"],
        )
        for record, run in zip(records, runs, strict=True)
    ]


def run_to_end(
    lake: Lake,
    folder: Path,
    properties: dict[str, str],
    module: Sequence[str],
    more: Iterable[tuple[str, str]] = (),
) -> float:
    """Let a fresh process run a module with its arguments to the end, in a folder; return the seconds it took.

    `properties` are Spark's settings, `more` what the process needs in its environment.

    Raises:
        ProcessFailed: it did not come to its end.
    """
    write_settings(folder, properties)
    variables, begun = process_environment(lake, folder) | dict(more), time.monotonic()
    with (folder / "log.txt").open("wb") as log:
        completed = subprocess.run(  # noqa: S603
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    if completed.returncode:
        raise ProcessFailed(f"{' '.join(module)}:\n{(folder / 'log.txt').read_text(errors='replace')[-6000:]}")
    return time.monotonic() - begun


def published_rows(lake: Lake, run: list[str]) -> int:
    """Return the rows that readers see after a run, which is given by its arguments."""
    table = run[run.index("--table") + 1]
    return int(
        read_head(lake.emulator.client("glue"), lake.emulator.client("s3"), table).summary.get("total-records", 0)
    )


def write_settings(folder: Path, properties: dict[str, str]) -> None:
    """Write Spark's settings, and how it logs, for a process that works in a folder."""
    (folder / "log4j2.properties").write_text(runner.QUIET_LOG4J)
    options = [properties.get("spark.driver.extraJavaOptions", "")]
    options += [f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}", f"-Xlog:gc:file={folder / 'gc.log'}"]
    properties = properties | {"spark.driver.extraJavaOptions": " ".join(options)}
    lines = [f"{name}={value}".replace("\\", "\\\\") for name, value in properties.items()]
    (folder / "spark.properties").write_text("\n".join(lines) + "\n")


def process_environment(lake: Lake, folder: Path) -> dict[str, str]:
    """Return the surroundings of such a process, and make its folder for what passes."""
    (folder / "tmp").mkdir()
    own_lake = {VARIABLE: str(lake.lake_folder)} if lake.lake_folder else {}
    return clean_environment() | {
        **own_lake,
        **lake.emulator.keys.as_environment(),
        "AWS_REGION": spark.REGION,
        "AWS_DEFAULT_REGION": spark.REGION,
        "AWS_ENDPOINT_URL": lake.emulator.endpoint,
        "JAVA_HOME": str(runner.java_home()),
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {folder / 'spark.properties'} pyspark-shell",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder / "tmp"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONUTF8": "1",
    }
