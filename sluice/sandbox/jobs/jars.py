"""The jars that Spark needs for Iceberg, S3 and the Glue catalog: resolved by coordinate, held against jars.lock."""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from sluice.cli.errors import run_to_exit_code
from sluice.sandbox.jobs import certificates, java

ROOT = Path(__file__).resolve().parents[3]
LOCK = Path(__file__).with_name("jars.lock")
JARS_FOLDER = ROOT / ".jars"
AWS_SDK_VERSION = "2.44.4"  # the AWS SDK that Iceberg 1.11.0 is built with
PACKAGES = [
    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0",
    "org.apache.hadoop:hadoop-aws:3.4.2",
    *(
        f"software.amazon.awssdk:{m}:{AWS_SDK_VERSION}"
        for m in ("s3", "s3-transfer-manager", "sts", "glue", "kms", "apache-client")
    ),
]
# The SDK's 500 MB bundle, and what pyspark ships already.
EXCLUDES = [
    "software.amazon.awssdk:bundle",
    "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3",
    "org.wildfly.openssl:wildfly-openssl",
    "io.netty:*",
    "org.slf4j:slf4j-api",
    "commons-codec:commons-codec",
    "commons-logging:commons-logging",
    "org.apache.httpcomponents:httpclient",
    "org.apache.httpcomponents:httpcore",
]


def locked_digests() -> dict[str, str]:
    """Return the sha256 of each jar by its file name."""
    digests = {}
    for line in LOCK.read_text().split("\n"):
        if line:
            coordinate, digest = line.split(" sha256:")
            _, artifact, version = coordinate.split(":")
            digests[f"{artifact}-{version}.jar"] = digest
    return digests


def jar_faults(folder: Path) -> list[str]:
    """Say which locked jars `folder` lacks, holds with other content, and which it holds beside them."""
    digests, jar_paths = locked_digests(), {path.name: path for path in folder.glob("*.jar")}
    faults = [f"{name} is missing" for name in digests.keys() - jar_paths.keys()]
    faults += [f"{name} is not in {LOCK.name}" for name in jar_paths.keys() - digests.keys()]
    for name in digests.keys() & jar_paths.keys():
        if hashlib.sha256(jar_paths[name].read_bytes()).hexdigest() != digests[name]:
            faults.append(f"{name} has another sha256 than {LOCK.name}")
    return sorted(faults)


def resolve_jars(folder: Path) -> None:
    """Let Spark's own resolver fetch the packages and copy them flat into `folder`."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  a second to import, and only set-up needs it here

    os.environ["JAVA_HOME"] = str(java.find_java_home())
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with tempfile.TemporaryDirectory() as ivy:
        if java.find_java_home() == java.SHIM:
            os.environ["JAVA_TOOL_OPTIONS"] = certificates.java_options(Path(ivy))
        session = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.jars.packages", ",".join(PACKAGES))
            .config("spark.jars.excludes", ",".join(EXCLUDES))
            .config("spark.jars.ivy", ivy)
            .getOrCreate()
        )
        session.stop()
        for jar in Path(ivy, "jars").glob("*.jar"):
            shutil.copy(jar, folder / jar.name.split("_", 1)[1])


def main() -> int:
    """Make `.jars` hold exactly what jars.lock names; leave nothing behind where a check fails."""
    if JARS_FOLDER.is_dir() and not jar_faults(JARS_FOLDER):
        return 0
    with tempfile.TemporaryDirectory(dir=ROOT) as resolved_folder:
        resolve_jars(Path(resolved_folder))
        if faults := jar_faults(Path(resolved_folder)):
            print("Spark's jars are not those that were locked:", *faults, sep="\n  ", file=sys.stderr)
            return 1
        shutil.rmtree(JARS_FOLDER, ignore_errors=True)
        shutil.copytree(resolved_folder, JARS_FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sandbox.jars", main))
