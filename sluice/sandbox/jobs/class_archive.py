"""Spark's classes, parsed once and kept: half of the seconds of a tiny run are a JVM loading the same 20 000 classes.

`python -m sandbox.archive` runs the sample day once and lets the JVM write down what it loaded (Java's class data sharing,
https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html). A JVM that finds the archive unfit ignores it.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from pyspark.version import __version__ as pyspark_version

from sluice.console import ending
from sluice.sandbox.jobs import java
from sluice.sandbox.jobs.jars import FOLDER, LOCK

LONGEST_FAREWELL = 180


def option() -> str:
    """Return the JVM option that uses the archive, empty where there is none."""
    file = path()
    return f"-XX:SharedArchiveFile={file}" if file.exists() else ""


def path() -> Path:
    """Return where the archive of this Java with these jars is, or would be."""
    home = java.home()
    release = home / "release"
    told = [str(FOLDER), str(home), release.read_text() if release.exists() else "", LOCK.read_text(), pyspark_version]
    return FOLDER / f"classes-{hashlib.sha256(''.join(told).encode()).hexdigest()[:16]}.jsa"


def make(file: Path) -> bool:
    """Run the sample day with a JVM that writes `file` at its end; return whether it did.

    Raises:
        RuntimeError: the run itself failed; the message is the end of its log.
    """
    from sluice.sandbox.demo.demo import DATASET, DAYS  # noqa: PLC0415
    from sluice.sandbox.deploy import deploy  # noqa: PLC0415
    from sluice.sandbox.emulator import emulator  # noqa: PLC0415
    from sluice.sandbox.jobs import runner  # noqa: PLC0415  what only uses the archive needs none of this
    from sluice.sandbox.lake import datasets  # noqa: PLC0415

    with emulator.running() as at:
        deploy(at)
        dataset = datasets(at)[DATASET]
        dataset.upload((DAYS / "good.csv").read_bytes(), "day.csv")
        job = at.client("glue").get_job(JobName=dataset.job)["Job"]
        arguments = {
            **dataset.arguments,
            "--JOB_NAME": dataset.job,
            "--JOB_ID": "j_archive",
            "--JOB_RUN_ID": "jr_archive",
        }
        folder = at.home / "archive"
        unfinished = folder / "classes.jsa"
        process = runner.start(job, arguments, folder, at.connection, f"-XX:ArchiveClassesAtExit={unfinished}")
        try:
            if process.wait():
                raise RuntimeError((folder / "log.txt").read_text(errors="replace")[-4000:])
            _wait_for_the_jvm(process.pid)
        finally:
            runner.kill(process)
        return unfinished.exists() and bool(_moved(unfinished, file))


def _wait_for_the_jvm(group: int) -> None:
    # It goes when its Python has gone, and writes the archive on its way out.
    until = time.monotonic() + LONGEST_FAREWELL
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.2)


def _moved(unfinished: Path, file: Path) -> Path:
    beside = file.with_suffix(".part")
    beside.write_bytes(unfinished.read_bytes())
    return beside.replace(file)


def main() -> int:
    """Make the archive where it is missing; return 0 also where this Java cannot, for runs only take longer then."""
    file = path()
    shares = subprocess.run([java.home() / "bin" / "java", "-Xshare:on", "-version"], capture_output=True, check=False)
    if file.exists() or shares.returncode:
        return 0
    for outdated in FOLDER.glob("classes-*.jsa"):
        outdated.unlink()
    if not make(file):
        print("this Java wrote no archive of Spark's classes: each run takes some seconds longer", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.archive", main))
