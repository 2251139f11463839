"""A lake for one check: a temporary folder with its files, and a catalog that lives as long as the session.

Spark reads and writes `s3://<bucket>/...` in the folder by Hadoop's view file system; so places, the ledger, rows' origins
and messages are those of a run on AWS.
"""

import itertools
import json
import re
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from pyspark.sql import DataFrame, SparkSession

from etl.contract.key_folders import folders_of_file
from etl.contract.layout import DatasetLocations
from etl.contract.loads import LoadKind
from etl.contract.manifest_globs import SUCCESS_MARKER, is_manifest, with_manifest
from etl.errors import SluiceError
from etl.results.contract_failures import skip_advice
from etl.results.verdict import RunState, Verdict
from etl.run import Run
from etl.runtime.arguments import JobArguments
from etl.storage.raw_objects import S3Prefix
from sluice.contracts.check.contracts import CheckedDataset
from sluice.contracts.check.folder_services import folder_clients

DATABASE, OBJECTS = "files", "objects"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class CheckRun:
    """How a run ended: its verdict, and the fault of ours that ended it, None where it succeeded.

    `lacks_manifest` says whether the contract names a manifest and none was among the files, so that none was waited for.
    """

    dataset: CheckedDataset
    verdict: Verdict
    fault: SluiceError | None
    lacks_manifest: bool = False


@dataclass
class LocalLake:
    """The lake in `folder`; `start` starts Spark, or returns a session that is there."""

    folder: Path
    start: Callable[[], SparkSession]
    run_date: date
    number: int = field(default_factory=lambda: next(_numbers))
    _session: SparkSession | None = None

    def __post_init__(self) -> None:
        """Make the buckets."""
        self.objects = self.folder / OBJECTS
        for bucket in (self.bucket, self.raw_bucket):
            (self.objects / bucket).mkdir(parents=True)
        self.aws = folder_clients(self.objects, self.bucket)

    @property
    def bucket(self) -> str:
        """Its bucket: of a name of its own, for Hadoop keeps a file system for each."""
        return f"check-{self.number}"

    @property
    def raw_bucket(self) -> str:
        """The bucket that files arrive in, so that a key is what it is in a lake."""
        return f"check-raw-{self.number}"

    @property
    def catalog(self) -> str:
        """Its catalog."""
        return f"checked_{self.number}"

    def spark(self) -> SparkSession:
        """Return the session, which has the lake's catalog."""
        if self._session is None:
            session = self.start()
            for name, value in self._catalog_settings.items():
                session.conf.set(name, value)
            _keep_files_in_hadoop(session, self.catalog)
            cast(Any, session).sql(f"CREATE NAMESPACE IF NOT EXISTS {self.catalog}.{DATABASE}")
            self._session = session
        return self._session

    def table_name(self, dataset: str) -> str:
        """Return the full name of a dataset's published table."""
        return f"{self.catalog}.{DATABASE}.{dataset}"

    def run_day(self, dataset: CheckedDataset, files: Sequence[Path]) -> CheckRun:
        """Let files arrive as a day, and take them through the job's gate.

        Raises:
            Exception: the run ended in another way than by a fault that it explains itself.
        """
        names = self._land_files(dataset, files)
        arrivals = with_manifest(dataset.contracts[0].arrivals)
        has_manifest = any(is_manifest(f"{dataset.name}/{name}", arrivals, dataset.name) for name in names)
        lacks_manifest = bool(arrivals) and not has_manifest
        self._put_contracts(dataset, without_arrivals=lacks_manifest)
        self._mark_copy(dataset, waits=not has_manifest)
        arguments = self._job_arguments(dataset.name)
        verdict = Verdict(
            dataset.name, arguments.run_id, arguments.job, datetime.now(UTC).isoformat(timespec="seconds")
        )
        fault = None
        with _identity_transform(dataset.name, needed=not dataset.has_transform):
            try:
                Run(arguments, self.aws, verdict, self.spark).run()
                verdict.state = RunState.SUCCEEDED
            except SluiceError as error:
                fault = error
                verdict.message = self._local_message(str(error), verdict, arguments)
        return CheckRun(dataset, verdict, fault, lacks_manifest)

    def _mark_copy(self, dataset: CheckedDataset, *, waits: bool) -> None:
        """Let the files be one copy, where copies are folders and none would mark them as complete."""
        load = dataset.contracts[1].loading
        if waits and load.kind is LoadKind.SNAPSHOT and load.of.has_several_objects:
            (self.objects / self.raw_bucket / dataset.name / SUCCESS_MARKER).touch()

    def _put_contracts(self, dataset: CheckedDataset, *, without_arrivals: bool) -> None:
        for contract_file in dataset.suites.values():
            text = contract_file.text
            if without_arrivals:
                meta = {name: value for name, value in contract_file.suite["meta"].items() if name != "arrivals"}
                text = json.dumps(contract_file.suite | {"meta": meta})
            key = f"contracts/{dataset.name}/{contract_file.path.name}"
            self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    @property
    def _catalog_settings(self) -> dict[str, str]:
        catalog = f"spark.sql.catalog.{self.catalog}"
        mounts = {
            **{
                f"fs.viewfs.mounttable.{bucket}.linkFallback": (self.objects / bucket).as_uri()
                for bucket in (self.bucket, self.raw_bucket)
            },
            "fs.s3.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        }
        return {
            catalog: "org.apache.iceberg.spark.SparkCatalog",
            f"{catalog}.catalog-impl": "org.apache.iceberg.inmemory.InMemoryCatalog",
            f"{catalog}.warehouse": f"s3://{self.bucket}/parquet",
            f"{catalog}.cache-enabled": "false",  # a cache would stand before the catalog that is needed below
            **mounts,
        }

    def _land_files(self, dataset: CheckedDataset, files: Sequence[Path]) -> list[str]:
        """Put files under their own names, in the folders that columns come from; a name's second comer goes into the folder
        `2/`, and so on. Return these names.
        """
        place = self.objects / self.raw_bucket / dataset.name
        place.mkdir(parents=True)
        names: list[str] = []
        for file in files:
            name = f"{folders_of_file(file, dataset.contracts[0])}{file.name}"
            same_name_count = names.count(name)
            names.append(name)
            target = place / str(same_name_count + 1) / name if same_name_count else place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file.resolve())
        return names

    def _job_arguments(self, dataset: str) -> JobArguments:
        root = f"s3://{self.bucket}/"
        return JobArguments(
            dataset=dataset,
            raw=S3Prefix(self.raw_bucket, f"{dataset}/"),
            table=self.table_name(dataset),
            location=DatasetLocations(root, dataset).published,
            input_contract=f"{root}contracts/{dataset}/input.json",
            output_contract=f"{root}contracts/{dataset}/output.json",
            verdicts=S3Prefix(self.bucket, f"verdicts/{dataset}/"),
            code="check",
            raw_expire_days=0,
            run_date=self.run_date,
            job=f"check-{dataset}",
            run_id=f"check_{dataset}",
        )

    @staticmethod
    def _local_message(message: str, verdict: Verdict, arguments: JobArguments) -> str:
        """Return a message without what only a deployed lake has: the verdict's place, and what an operator does there."""
        uri = re.escape(arguments.verdicts.uri(arguments.verdict_key))
        return re.sub(rf"(?i)\bverdict:? {uri}[.:] ", "", message).replace(skip_advice(verdict), "")


def _keep_files_in_hadoop(session: SparkSession, catalog: str) -> None:
    """Let the catalog keep tables' files where Hadoop has them: its own would be in the JVM's heap, which no option changes."""
    jvm, java_session = cast(Any, session)._jvm, cast(Any, session)._jsparkSession
    in_memory = java_session.sessionState().catalogManager().catalog(catalog).icebergCatalog()
    file_io = jvm.java.lang.Class.forName("org.apache.iceberg.inmemory.InMemoryCatalog").getDeclaredField("io")
    file_io.setAccessible(True)
    file_io.set(in_memory, jvm.org.apache.iceberg.hadoop.HadoopFileIO(java_session.sessionState().newHadoopConf()))


def _unchanged(rows: DataFrame) -> DataFrame:
    return rows


@contextmanager
def _identity_transform(dataset: str, *, needed: bool) -> Generator[None]:
    """Let a dataset without a transform be published as it is typed."""
    if not needed:
        yield
        return
    module: Any = ModuleType(f"etl.datasets.{dataset}")
    module.ADDS, module.transform = (), _unchanged
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        del sys.modules[module.__name__]
