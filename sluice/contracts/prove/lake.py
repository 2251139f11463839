"""A lake in the emulator for one dataset, whose runs are the job's own: the whole gate, from the raw file to the table."""

import itertools
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from unittest import mock

from pyspark.sql import DataFrame, SparkSession

from etl.contract.loads import CopyUnit, LoadKind
from etl.contract.manifest_globs import SUCCESS_MARKER
from etl.contract.model import Contract, Reference
from etl.contract.results_layout import RUNS, run_key
from etl.contract.table_names import quarantine_of
from etl.errors import SluiceError
from etl.iceberg.schema import quote_identifier, quote_literal
from etl.results.result_lines import render_lines
from etl.results.run_line import RunLine, run_line_adapter
from etl.results.verdict import RunState, Verdict
from etl.run import Run
from etl.runtime.arguments import JobArguments
from etl.sources.preflight import FilePreflight, preflight_object
from etl.storage.clients import Clients
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import S3Prefix, list_latest
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.raw_files import file_body, rows_by_folder
from sluice.sandbox.emulator.keys import AccessKeys
from sluice.sandbox.jobs.spark import CATALOG, REGION

Transform = Callable[[DataFrame], DataFrame]
SETTINGS = ("glue.endpoint", "s3.access-key-id", "s3.secret-access-key")
MANIFEST = "proof.manifest.json"
ALL_ROWS = "all"
"""The name of the file that has all rows."""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Lake:
    """A bucket and a database of a dataset; `transform` stands where the dataset's module would.

    Each of its runs believes that it starts at `started`: what a rule says of that moment is the same in all.
    """

    spark: SparkSession
    aws: Clients
    contracts: tuple[Contract, Contract]
    transform: Transform
    run_date: date
    number: int
    started: datetime

    @classmethod
    def create_lake(
        cls,
        spark: SparkSession,
        contracts: tuple[Contract, Contract],
        transform: Transform,
        run_date: date,
        started: datetime,
    ) -> "Lake":
        """Make one in the emulator that the session's catalog is in."""
        endpoint, *keys = (str(spark.conf.get(f"{CATALOG}.{name}")) for name in SETTINGS)
        aws = Clients(*(AccessKeys(*keys).client(name, endpoint) for name in ("s3", "glue", "cloudwatch")))
        lake = cls(spark, aws, contracts, transform, run_date, next(_numbers), started)
        aws.s3.create_bucket(Bucket=lake.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        aws.s3.put_bucket_versioning(Bucket=lake.bucket, VersioningConfiguration={"Status": "Enabled"})
        aws.glue.create_database(DatabaseInput={"Name": lake.database})
        for contract in contracts:
            lake._put_contract(contract)
        return lake

    @property
    def dataset(self) -> str:
        """Whose lake it is."""
        return self.contracts[0].dataset

    @property
    def bucket(self) -> str:
        """Its one bucket."""
        return f"proof-{self.number}"

    @property
    def database(self) -> str:
        """Its database."""
        return f"proof_{self.number}"

    @property
    def raw(self) -> S3Prefix:
        """Where raw files are put."""
        return S3Prefix(self.bucket, f"{self.dataset}/")

    @property
    def streams(self) -> ObjectStreams:
        """What opens raw files that one task reads whole."""
        return ObjectStreams.from_client(self.aws.s3, self.bucket)

    def publish_references(self, references: Mapping[Reference, list[Any]]) -> None:
        """Publish the datasets that rows point to, each with these keys and nothing else."""
        for reference, keys in references.items():
            [kind] = [column.type for column in self.contracts[1].columns if column.name == reference.column]
            name = f"lake.{self.database}.{reference.dataset}"
            self._execute_sql(
                f"CREATE TABLE IF NOT EXISTS {name} ({quote_identifier(reference.key)} {kind}) USING iceberg "
                f"LOCATION 's3://{self.bucket}/parquet/{reference.dataset}'"
            )
            values = ", ".join(f"(CAST({quote_literal(str(key))} AS {kind}))" for key in keys)
            self._execute_sql(f"INSERT INTO {name} VALUES {values}")  # noqa: S608  our own literals

    def run_with_results(self, lines: Sequence[RunLine], rows: Sequence[Row]) -> Verdict:
        """Take a file of rows through the gate where these are the results of earlier runs; return the verdict.

        Raises:
            Exception: the run ended in another way than by the gate's own errors.
        """
        keyed_lines = {run_key(RUNS, self.dataset, line.run_date.isoformat(), line.run_id): line for line in lines}
        for key, line in keyed_lines.items():
            self._put_object(key, render_lines(run_line_adapter(), [line]))
        try:
            return self.run_files([*rows])
        finally:
            for key in keyed_lines:
                self.aws.s3.delete_object(Bucket=self.bucket, Key=key)

    def run_files(self, *files: list[Row], transform: Transform | None = None) -> Verdict:
        """Take files of rows through the gate, one run each upon what the one before published; return the last verdict.

        Raises:
            Exception: a run ended in another way than by the gate's own errors.
        """
        contract = self.contracts[0]
        verdict = Verdict(self.dataset, "", "prove", "now")
        try:
            for index, rows in enumerate(files):
                self._put_rows(str(index), rows, contract)
                verdict = self._run_once(transform or self.transform)
            return verdict
        finally:
            self._clear_lake()

    def run_with_manifest(self, rows: list[Row], surplus: int) -> Verdict:
        """Take rows through the gate beside a manifest that says so many rows more of each object; return the verdict.

        Raises:
            Exception: the run ended in another way than by the gate's own errors.
        """
        contract = self.contracts[0]
        self._put_contract(contract, arrivals=[{"pattern": "*", "manifest": MANIFEST}])
        try:
            counts = self._put_rows(ALL_ROWS, rows, contract)
            entries = [{"key": key, "rows": count + surplus} for key, count in counts.items()]
            self._put_object(f"{self.raw.prefix}{MANIFEST}", json.dumps({"files": entries}).encode())
            return self._run_once(self.transform)
        finally:
            self._clear_lake()
            self._put_contract(contract)

    def run_copies(self, output: Contract, *copies: list[Row]) -> Verdict:
        """Take copies of a snapshot through the gate under its `output`, one after the other; return the last verdict.

        Raises:
            Exception: a run ended in another way than by the gate's own errors.
        """
        contract, appending = self.contracts
        folders = asdict(output.loading) | {"of": CopyUnit.FOLDER}  # the rows of a copy may need several files
        load = {name: folders[name] for name in ("kind", *LoadKind.SNAPSHOT.options)}
        self._put_contract(output, load=load)
        verdict = Verdict(self.dataset, "", "prove", "now")
        try:
            for index, rows in enumerate(copies):
                for version in list_latest(self.aws.s3, self.raw):
                    self.aws.s3.delete_object(Bucket=self.bucket, Key=version.key)
                self._put_rows(str(index), rows, contract)
                self._put_object(f"{self.raw.prefix}{SUCCESS_MARKER}", b"")
                verdict = self._run_once(self.transform)
            return verdict
        finally:
            self._clear_lake()
            self.aws.s3.delete_object(Bucket=self.bucket, Key=f"{self.raw.prefix}{SUCCESS_MARKER}")
            self._put_contract(appending)

    def _run_once(self, transform: Transform) -> Verdict:
        arguments = self._job_arguments()
        verdict = Verdict(self.dataset, arguments.run_id, arguments.job, "now")
        with mock.patch("etl.pipeline.transform_of", return_value=transform):
            try:
                Run(arguments, self.aws, verdict, lambda: self.spark).run()
                verdict.state = RunState.SUCCEEDED
            except SluiceError as error:
                verdict.message = str(error)
        return verdict

    @contextmanager
    def preflight_rows(self, rows: list[Row]) -> Generator[list[FilePreflight]]:
        """Put rows as raw files; yields their first looks, as a run has it, and takes the file away again."""
        contract = self.contracts[0]
        self._put_rows(ALL_ROWS, rows, contract)
        try:
            yield [
                preflight_object(self.aws.s3, self.raw, version, contract)
                for version in list_latest(self.aws.s3, self.raw)
            ]
        finally:
            self._clear_lake()

    def _job_arguments(self) -> JobArguments:
        bucket_uri = f"s3://{self.bucket}"
        return JobArguments(
            dataset=self.dataset,
            raw=self.raw,
            table=f"lake.{self.database}.{self.dataset}",
            location=f"{bucket_uri}/parquet/{self.dataset}",
            input_contract=f"{bucket_uri}/contracts/input.json",
            output_contract=f"{bucket_uri}/contracts/output.json",
            verdicts=S3Prefix.from_uri(f"{bucket_uri}/verdicts/"),
            code="prove",
            raw_expire_days=0,
            run_date=self.run_date,
            job="prove",
            started=self.started,
            run_id=f"jr_proof{next(_numbers)}",
        )

    def _put_contract(self, contract: Contract, **changes: Any) -> None:
        """Put a contract without its globs of files: the proof's own have other names, and wait for no manifest."""
        meta = {key: value for key, value in contract.suite["meta"].items() if key not in ("files", "arrivals")}
        suite = {**contract.suite, "meta": meta | changes}
        self._put_object(f"contracts/{contract.stage}.json", json.dumps(suite).encode())

    def _put_rows(self, name: str, rows: list[Row], contract: Contract) -> dict[str, int]:
        """Put rows as one raw file, or as one for the folders of each key that they need; return their numbers by key."""
        ending = f"{name}{contract.format.endings[0]}"
        shares = {
            f"{self.raw.prefix}{folders}{ending}": share for folders, share in rows_by_folder(rows, contract).items()
        }
        for key, share in shares.items():
            self._put_object(key, file_body(share, contract))
        return {key: len(share) for key, share in shares.items()}

    def _put_object(self, key: str, body: bytes) -> None:
        self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def _clear_lake(self) -> None:
        """Forget what was put and published, so that the next run finds nothing."""
        for version in list_latest(self.aws.s3, self.raw):
            self.aws.s3.delete_object(Bucket=self.bucket, Key=version.key)
        for name in (self.dataset, quarantine_of(self.dataset)):  # by Spark, whose catalog keeps what it has seen
            self._execute_sql(f"DROP TABLE IF EXISTS lake.{self.database}.{name}")

    def _execute_sql(self, statement: str) -> None:
        # The library leaves open what its list of arguments holds.
        self.spark.sql(statement)  # pyright: ignore[reportUnknownMemberType]
