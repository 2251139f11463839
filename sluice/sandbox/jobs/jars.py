"""The jars that Spark needs for Iceberg, S3 and the Glue catalog: resolved by coordinate, held against jars.lock."""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from sluice.console import ending
from sluice.sandbox.jobs import certificates, java

ROOT = Path(__file__).resolve().parents[3]
LOCK = Path(__file__).with_name("jars.lock")
FOLDER = ROOT / ".jars"
SDK = "2.44.4"  # the AWS SDK that Iceberg 1.11.0 is built with
PACKAGES = [
    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0",
    "org.apache.hadoop:hadoop-aws:3.4.2",
    *(
        f"software.amazon.awssdk:{m}:{SDK}"
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


def locked() -> dict[str, str]:
    """Return the sha256 of each jar by its file name."""
    jars = {}
    for line in LOCK.read_text().split("\n"):
        if line:
            coordinate, digest = line.split(" sha256:")
            _, artifact, version = coordinate.split(":")
            jars[f"{artifact}-{version}.jar"] = digest
    return jars


def faults(folder: Path) -> list[str]:
    """Say which locked jars `folder` lacks, holds with other content, and which it holds beside them."""
    wanted, found = locked(), {path.name: path for path in folder.glob("*.jar")}
    said = [f"{name} is missing" for name in wanted.keys() - found.keys()]
    said += [f"{name} is not in {LOCK.name}" for name in found.keys() - wanted.keys()]
    for name in wanted.keys() & found.keys():
        if hashlib.sha256(found[name].read_bytes()).hexdigest() != wanted[name]:
            said.append(f"{name} has another sha256 than {LOCK.name}")
    return sorted(said)


def resolve(into: Path) -> None:
    """Let Spark's own resolver fetch the packages and copy them flat into `into`."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  a second to import, and only set-up needs it here

    os.environ["JAVA_HOME"] = str(java.home())
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with tempfile.TemporaryDirectory() as ivy:
        if java.home() == java.SHIM:
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
            shutil.copy(jar, into / jar.name.split("_", 1)[1])


def main() -> int:
    """Make `.jars` hold exactly what jars.lock names; leave nothing behind where a check fails."""
    if FOLDER.is_dir() and not faults(FOLDER):
        return 0
    with tempfile.TemporaryDirectory(dir=ROOT) as made:
        resolve(Path(made))
        if said := faults(Path(made)):
            print("Spark's jars are not those that were locked:", *said, sep="\n  ", file=sys.stderr)
            return 1
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(made, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.jars", main))
