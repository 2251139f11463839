"""The process that is measured: `python -m bench.child <variant> <folder>`; the folder says which runs, and gets what is told.

The clock starts when Spark's session is up. Each variant's libraries are imported beside the start of the JVM, as the job
itself does it; what the import takes longer than that start is counted.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

from pyspark.sql import SparkSession

from bench.job import Job
from bench.peers import load_variants
from bench.processor import tree_seconds
from bench.recording import VARIANTS
from etl.runtime.arguments import parse_arguments
from etl.storage.clients import Clients


def main(name: str, folder: Path) -> None:
    """Do the runs, one after the other."""
    variant = {**load_variants(), **VARIANTS}[name]
    imports = Thread(target=variant.libraries)
    imports.start()
    spark = SparkSession.builder.getOrCreate()
    begun = time.monotonic()
    imports.join()
    records = []
    for run in json.loads((folder / "runs.json").read_text()):
        job = Job(spark, parse_arguments(run), Clients.connect())
        broken = variant.run(job)
        seconds, begun = time.monotonic() - begun, time.monotonic()
        python = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        taken = {"processor": tree_seconds(os.getpid()), "python": python, "jvm": _largest_jvm(spark)}
        records.append({"seconds": seconds, "broken": sorted(broken), "detail": job.detail, **taken})
    (folder / "told.json").write_text(json.dumps(records))
    os._exit(0)  # the JVM needs no farewell: the emulator and the folder outlive it


def _largest_jvm(spark: SparkSession) -> int:
    """Return the MiB of the JVM at its largest, as Linux counts it; 0 on other systems."""
    jvm: Any = spark._jvm
    status = Path(f"/proc/{jvm.java.lang.ProcessHandle.current().pid()}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
