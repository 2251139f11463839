"""What a Spark on this machine needs, beyond the job's own settings, to stand where Glue's would."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from etl.runtime.session import use_utc
from sluice.sandbox.jobs import java
from sluice.sandbox.jobs.jars import JARS_FOLDER

if TYPE_CHECKING:
    from sluice.sandbox.emulator.keys import AccessKeys

REGION = "eu-west-1"
CATALOG = "spark.sql.catalog.lake"
SECRET_SUFFIXES = ("access.key", "secret.key", "session.token", "access-key-id", "secret-access-key", "session-token")
SUBMIT_VARIABLE = "PYSPARK_SUBMIT_ARGS"
# Five rows need neither the second compiler nor generated code: half of the seconds to a verdict. Never the cloud's.
# One compiler alone has 48 MB for what it compiled, which a long session fills and then throws away and compiles again.
ONE_COMPILER = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
# Glue's clocks show UTC; ORC's times are as the JVM's zone has them.
TINY_DAY_JVM = f"-Duser.timezone=UTC {ONE_COMPILER} -XX:+UseSerialGC -XX:+IgnoreUnrecognizedVMOptions -Xshare:auto"


def set_runtime_environment() -> None:
    """Let sessions of this process start this machine's Java, and workers of this very Python, with clocks in UTC.

    Spark asks the PATH for `python3` otherwise, and refuses workers of another minor version.
    """
    use_utc()
    os.environ["JAVA_HOME"] = str(java.find_java_home())
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.pop("SPARK_CONF_DIR", None)  # in the class path, which has to be the archive's


@contextmanager
def secrets_in_file(settings: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Let a session that starts meanwhile take the keys among `settings` from a file; yield the rest for its builder.

    What a builder has when it starts a JVM becomes an argument of that process, which everybody on the machine can read.
    """
    keys = {name: value for name, value in settings.items() if name.endswith(SECRET_SUFFIXES)}
    old_arguments = os.environ.get(SUBMIT_VARIABLE)
    with NamedTemporaryFile("w", prefix="sluice-", suffix=".properties") as file:  # for its owner only
        file.write("".join(f"{name}={value}\n" for name, value in keys.items()))
        file.flush()
        os.environ[SUBMIT_VARIABLE] = f"--properties-file {shlex.quote(file.name)} {old_arguments or 'pyspark-shell'}"
        try:
            yield {name: value for name, value in settings.items() if name not in keys}
        finally:
            del os.environ[SUBMIT_VARIABLE]
            os.environ.update({SUBMIT_VARIABLE: old_arguments} if old_arguments is not None else {})


def emulator_properties(endpoint: str, keys: "AccessKeys") -> dict[str, str]:
    """Return Spark properties for a local session against the emulator at `endpoint` (a URL), under `keys`."""
    s3a = {"access.key": keys.access_key_id, "secret.key": keys.secret_access_key}
    provider = "SimpleAWSCredentialsProvider"
    if keys.session_token:
        s3a["session.token"] = keys.session_token
        provider = "TemporaryAWSCredentialsProvider"
    return {
        **local_properties(),
        **{f"spark.hadoop.fs.s3a.{name}": value for name, value in s3a.items()},
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": REGION,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.aws.credentials.provider": f"org.apache.hadoop.fs.s3a.{provider}",
        f"{CATALOG}.glue.endpoint": endpoint,
        f"{CATALOG}.client.region": REGION,
        f"{CATALOG}.s3.endpoint": endpoint,
        f"{CATALOG}.s3.path-style-access": "true",
        f"{CATALOG}.s3.access-key-id": keys.access_key_id,
        f"{CATALOG}.s3.secret-access-key": keys.secret_access_key,
        **({f"{CATALOG}.s3.session-token": keys.session_token} if keys.session_token else {}),
    }


def local_properties() -> dict[str, str]:
    """Return Spark properties for a local session on this machine, without a lake."""
    return {
        "spark.master": "local[2]",
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": f"{JARS_FOLDER}/*",
        "spark.driver.extraJavaOptions": TINY_DAY_JVM,
        "spark.pyspark.python": sys.executable,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        # As the job's own (components/compute/job.py).
        "spark.sql.constraintPropagation.enabled": "false",
        "spark.sql.variable.substitute": "false",
        # Where a column was written in Python, for error messages: three calls into the JVM for each one made.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
