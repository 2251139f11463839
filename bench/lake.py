"""The lake that everything is measured in: an emulated account, and the bytes of the data on this machine's disk.

What calls AWS's services calls the emulator: the listing, a look at an object's header, the catalog, a table's metadata, the
ledger, a verdict. The emulator is Python on the cores that Spark works on, so the bytes themselves take another way: raw
files are read from disk under their s3:// names (Hadoop's view file system), data files are written to it by Iceberg's own
HadoopFileIO (`write.data.path`).
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from components.compute.job import SPARK_SETTINGS
from etl.contract.stage import Stage
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.jobs import class_archive, runner, spark

RAW, PROCESSED, ASSETS = "raw", "processed", "assets"
MOUNT = "days"  # the prefix of the raw bucket that stands for the folder of the same name
RUN_DATE = "2026-01-31"
MEMORY = "4g"
SANDBOX_ONLY = ("spark.driver.extraJavaOptions", "spark.sql.shuffle.partitions")  # for tiny days
SANDBOX_ONLY += ("spark.sql.codegen.wholeStage", "spark.sql.codegen.factoryMode")


@dataclass(frozen=True)
class Suites:
    """A dataset's contracts: the texts of its two suites, by stage."""

    dataset: str
    input: str
    output: str


@dataclass
class Lake:
    """An emulated account with three buckets; `folder` holds the data's bytes.

    `lake_folder` has the transforms of what is measured, None where the repository has them.
    """

    emulator: Emulator
    folder: Path
    lake_folder: Path | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for bucket in (RAW, PROCESSED, ASSETS):
            configuration = {"LocationConstraint": spark.REGION}
            self.emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=configuration)
            self.emulator.client("s3").put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        (self.folder / MOUNT).mkdir()

    def land_files(self, day: str, files: Iterable[Path]) -> str:
        """Let files arrive as a day; return its URI."""
        place = self.folder / MOUNT / day
        place.mkdir()
        for file in files:
            self.emulator.client("s3").upload_file(str(file), RAW, f"{MOUNT}/{day}/{file.name}")
            try:
                os.link(file, place / file.name)
            except OSError:  # another disk
                shutil.copy(file, place / file.name)
        return f"s3://{RAW}/{MOUNT}/{day}/"

    def job_arguments(self, suites: Suites, day: str, job: str) -> list[str]:
        """Return a run's arguments, with a table and a database of its own."""
        number = next(self._numbers)
        database = f"bench_{number}"
        self.emulator.client("glue").create_database(DatabaseInput={"Name": database})
        for stage, text in ((Stage.INPUT, suites.input), (Stage.OUTPUT, suites.output)):
            self.emulator.client("s3").put_object(
                Bucket=ASSETS, Key=f"contracts/{number}/{stage}.json", Body=text.encode()
            )
        options = {
            "--dataset": suites.dataset,
            "--raw": day,
            "--table": f"lake.{database}.{suites.dataset}",
            "--location": f"s3://{PROCESSED}/{number}/parquet/{suites.dataset}",
            "--input-contract": f"s3://{ASSETS}/contracts/{number}/input.json",
            "--output-contract": f"s3://{ASSETS}/contracts/{number}/output.json",
            "--verdicts": f"s3://{ASSETS}/verdicts/{number}/",
            "--run-date": RUN_DATE,
            "--JOB_NAME": job,
            "--JOB_RUN_ID": f"jr_{number}",
        }
        return [argument for pair in options.items() for argument in pair]

    @property
    def sandbox_properties(self) -> dict[str, str]:
        """Spark's settings: the cloud's, and what the sandbox adds on this machine."""
        cloud = runner.parse_conf(" --conf ".join(SPARK_SETTINGS).format(PROCESSED, spark.REGION))
        return {**cloud, **spark.emulator_properties(self.emulator.endpoint, self.emulator.keys)}

    @property
    def archived_sandbox_properties(self) -> dict[str, str]:
        """The sandbox's, with the archive of Spark's classes where there is one."""
        options = f"{self.sandbox_properties['spark.driver.extraJavaOptions']} {class_archive.jvm_option()}"
        return {**self.sandbox_properties, "spark.driver.extraJavaOptions": options}

    @property
    def cloud_properties(self) -> dict[str, str]:
        """Spark's settings: the cloud's, and what this machine needs."""
        return {name: value for name, value in self.sandbox_properties.items() if name not in SANDBOX_ONLY}

    @property
    def properties(self) -> dict[str, str]:
        """Spark's settings: the cloud's, what this machine needs, and the way of the bytes."""
        return {
            **self.cloud_properties,
            "spark.driver.memory": MEMORY,
            "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
            f"spark.hadoop.fs.viewfs.mounttable.{RAW}.link./{MOUNT}": (self.folder / MOUNT).as_uri(),
            f"{spark.CATALOG}.io-impl": "org.apache.iceberg.io.ResolvingFileIO",
            f"{spark.CATALOG}.table-default.write.data.path": (self.folder / "data").as_uri(),
        }

    def drop_data(self) -> None:
        """Drop the data files of earlier runs."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)


@contextmanager
def running_lake(parent: Path, lake_folder: Path | None = None) -> Iterator[Lake]:
    """Yield a lake whose bytes lie in a folder of its own in `parent`, and leave nothing of it behind."""
    parent.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=parent, prefix="lake-") as folder,
        emulator.running_emulator() as running_emulator,
    ):
        yield Lake(running_emulator, Path(folder), lake_folder)
