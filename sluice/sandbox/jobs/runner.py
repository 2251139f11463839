"""Run one Glue job on this machine's Spark, from nothing but its definition and what S3 holds."""

import functools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.sandbox.emulator.keys import AccessKeys, EmulatorConnection
from sluice.sandbox.emulator.recorder import KEY_FILE
from sluice.sandbox.jobs import class_archive, java, spark
from sluice.sandbox.jobs.environment import LOOPBACK, clean_environment

LAUNCHER = Path(__file__).with_name("launcher.py")
LONGEST_MESSAGE = 2000
QUIET_LOG4J = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
"""

java_home = functools.cache(java.find_java_home)


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended: Glue's word for the state, and its error message ("" where it succeeded)."""

    state: str
    message: str = ""


def start_run(
    job: Mapping[str, Any],
    arguments: Mapping[str, str],
    folder: Path,
    emulator: EmulatorConnection,
    java_options: str | None = None,
) -> subprocess.Popen[bytes]:
    """Fetch what the job's definition names and start its script with `arguments`; `folder` gets everything it writes.

    `java_options` go to the JVM beside the sandbox's own; by default they name the archive of Spark's classes.
    """
    keys, endpoint = AccessKeys.assume_role(job["Role"], emulator), emulator.endpoint
    for name in ("conf", "code", "work", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / KEY_FILE).write_text(keys.access_key_id)
    fetch = functools.partial(_download_object, keys.client("s3", endpoint), folder / "code")
    script = fetch(job["Command"]["ScriptLocation"])
    package_files = [fetch(url) for url in arguments.get("--extra-py-files", "").split(",") if url]
    spark_properties = spark.emulator_properties(endpoint, keys)
    _write_configuration(
        folder, parse_conf(arguments.get("--conf", "")) | spark_properties, java_options or class_archive.jvm_option()
    )
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-P",
                str(LAUNCHER),
                str(script),
                str(folder / "error.txt"),
                *_flatten_arguments(arguments),
            ],
            cwd=folder / "work",
            env=_run_environment(folder, package_files, endpoint) | keys.as_environment(),
            stdin=subprocess.PIPE,  # open as long as the emulator lives
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a process group of its own, so that nothing of it stays
        )


def wait_for_outcome(process: subprocess.Popen[bytes], folder: Path, seconds: float) -> RunOutcome:
    """Wait for the run, at most `seconds`, and clear away all of it but its log."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return RunOutcome("TIMEOUT", "Job run timed out")
    else:
        return _read_outcome(code, folder / "error.txt")
    finally:
        kill_run(process)
        (folder / "error.txt").unlink(missing_ok=True)
        for name in ("conf", "code", "work", "tmp"):
            shutil.rmtree(folder / name, ignore_errors=True)


def kill_run(process: subprocess.Popen[bytes]) -> None:
    """End the run's whole process group, the JVM included."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def parse_conf(conf: str) -> dict[str, str]:
    """Split the value of Glue's --conf, where further settings are joined by " --conf ", into name and value."""
    pairs = [part.partition("=") for part in re.split(r"\s+--conf\s+", conf.strip()) if part]
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read_outcome(code: int, error: Path) -> RunOutcome:
    if code == 0:
        return RunOutcome("SUCCEEDED")
    message = error.read_text(errors="replace") if error.exists() else f"Command failed with exit code {code}"
    return RunOutcome("FAILED", message[:LONGEST_MESSAGE])


def _download_object(s3: Any, folder: Path, url: str) -> Path:
    bucket, key = url.removeprefix("s3://").split("/", 1)
    path = folder / key.rsplit("/", 1)[-1]
    path.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return path


def _write_configuration(folder: Path, properties: dict[str, str], java_options: str) -> None:
    conf, options = folder / "conf", [properties["spark.driver.extraJavaOptions"], java_options, "-XX:-UsePerfData"]
    options += [f"-Djava.io.tmpdir={folder / 'tmp'}", f"-Dlog4j2.configurationFile={conf / 'log4j2.properties'}"]
    properties |= {"spark.driver.extraJavaOptions": " ".join(options)}
    lines = [f"{name}={value}".replace("\\", "\\\\") for name, value in properties.items()]
    (conf / "spark.properties").write_text("\n".join(lines) + "\n")
    (conf / "log4j2.properties").write_text(QUIET_LOG4J)


def _run_environment(folder: Path, packages: list[Path], endpoint: str) -> dict[str, str]:
    return clean_environment() | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": spark.REGION,
        "AWS_DEFAULT_REGION": spark.REGION,
        "JAVA_HOME": str(java_home()),
        # No SPARK_CONF_DIR: it stands in the class path, which has to be the one that the archive was made with.
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {shlex.quote(str(folder / 'conf' / 'spark.properties'))} pyspark-shell",
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder / "tmp"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": os.pathsep.join(map(str, packages)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "PYSPARK_PYTHON": sys.executable,
    }


def _flatten_arguments(arguments: Mapping[str, str]) -> list[str]:
    return [text for pair in arguments.items() for text in pair]
