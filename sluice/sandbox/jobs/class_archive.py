"""Spark's classes, parsed once and kept: half of the seconds of a tiny run are a JVM loading the same 20 000 classes.

`python -m sluice.sandbox.jobs.class_archive` runs a day of its own lake once (`archive_lake`) and lets the JVM write down
what it loaded
(Java's class data sharing, https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html).
A JVM that finds the archive unfit ignores it.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from pyspark.version import __version__ as pyspark_version

from components.settings.lake_folder import use_lake
from sluice.cli.errors import run_to_exit_code
from sluice.sandbox.jobs import java
from sluice.sandbox.jobs.jars import JARS_FOLDER, LOCK

JVM_EXIT_SECONDS = 180
ARCHIVE_LAKE, DATASET = Path(__file__).with_name("archive_lake"), "readings"


def jvm_option() -> str:
    """Return the JVM option that uses the archive, empty where there is none."""
    file = archive_path()
    return f"-XX:SharedArchiveFile={file}" if file.exists() else ""


def archive_path() -> Path:
    """Return where the archive of this Java with these jars is, or would be."""
    home = java.find_java_home()
    release = home / "release"
    fingerprint_parts = [
        str(JARS_FOLDER),
        str(home),
        release.read_text() if release.exists() else "",
        LOCK.read_text(),
        pyspark_version,
    ]
    return JARS_FOLDER / f"classes-{hashlib.sha256(''.join(fingerprint_parts).encode()).hexdigest()[:16]}.jsa"


def make_archive(file: Path) -> bool:
    """Run the archive's day with a JVM that writes `file` at its end; return whether it did.

    Raises:
        RuntimeError: the run itself failed; the message is the end of its log.
    """
    from sluice.sandbox.deploy import deploy_program  # noqa: PLC0415
    from sluice.sandbox.emulator import emulator  # noqa: PLC0415
    from sluice.sandbox.jobs import runner  # noqa: PLC0415  what only uses the archive needs none of this
    from sluice.sandbox.lake import deployed_datasets  # noqa: PLC0415

    with emulator.running_emulator() as emulated_aws:
        with use_lake(ARCHIVE_LAKE):
            deploy_program(emulated_aws, folder=ARCHIVE_LAKE)
        dataset = deployed_datasets(emulated_aws)[DATASET]
        dataset.upload_object((ARCHIVE_LAKE / "day.csv").read_bytes(), "day.csv")
        job = emulated_aws.client("glue").get_job(JobName=dataset.job)["Job"]
        arguments = {
            **dataset.arguments,
            "--JOB_NAME": dataset.job,
            "--JOB_ID": "j_archive",
            "--JOB_RUN_ID": "jr_archive",
        }
        folder = emulated_aws.home / "archive"
        unfinished = folder / "classes.jsa"
        process = runner.start_run(
            job, arguments, folder, emulated_aws.connection, f"-XX:ArchiveClassesAtExit={unfinished}"
        )
        try:
            if process.wait():
                raise RuntimeError((folder / "log.txt").read_text(errors="replace")[-4000:])
            _wait_for_jvm_end(process.pid)
        finally:
            runner.kill_run(process)
        return unfinished.exists() and bool(_move_into_place(unfinished, file))


def _wait_for_jvm_end(process_group: int) -> None:
    # It goes when its Python has gone, and writes the archive on its way out.
    deadline = time.monotonic() + JVM_EXIT_SECONDS
    while time.monotonic() < deadline:
        try:
            os.killpg(process_group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.2)


def _move_into_place(unfinished: Path, file: Path) -> Path:
    partial_file = file.with_suffix(".part")
    partial_file.write_bytes(unfinished.read_bytes())
    return partial_file.replace(file)


def main() -> int:
    """Make the archive where it is missing; return 0 also where this Java cannot, for runs only take longer then."""
    file = archive_path()
    sharing_check = subprocess.run(
        [java.find_java_home() / "bin" / "java", "-Xshare:on", "-version"], capture_output=True, check=False
    )
    if file.exists() or sharing_check.returncode:
        return 0
    for outdated in JARS_FOLDER.glob("classes-*.jsa"):
        outdated.unlink()
    if not make_archive(file):
        print("this Java wrote no archive of Spark's classes: each run takes some seconds longer", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sandbox.archive", main))
