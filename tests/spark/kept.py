"""A published table with a history, made by the days' own way of publishing, and maintenance runs of it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import functions as F

from etl.iceberg.current_snapshot import Head, read_head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import Report
from etl.maintenance.table_storage import Storage
from etl.storage.raw_objects import RawObject, S3Prefix
from tests.spark.lake import Lake

COLUMNS = ("id bigint", "_object string", "_version string", "_run_id string")
LATER = timedelta(days=5)
"""By then everything that a test wrote is older than what maintenance spares."""


@dataclass
class MaintainedTable:
    """A dataset's table in a lake, without contract or partitions: a row a file, each day with its ledger."""

    lake: Lake
    days: int = field(default=0, init=False)

    @property
    def job_arguments(self) -> MaintenanceArguments:
        """The arguments of its maintenance."""
        order = self.lake.job_arguments()
        shared = {name: getattr(order, name) for name in ("dataset", "table", "location", "verdicts", "run_id")}
        return MaintenanceArguments(publisher="nobody", snapshot_days=14, quarantine_days=0, job="keep", **shared)

    @property
    def table(self) -> Table:
        """The published table."""
        return Table(self.lake.spark, self.job_arguments.table, self.job_arguments.location)

    @property
    def storage(self) -> Storage:
        """How it is stored."""
        return Storage(self.table)

    @property
    def head(self) -> Head:
        """What readers see."""
        return read_head(self.lake.aws.glue, self.lake.aws.s3, self.job_arguments.table)

    @property
    def held_objects(self) -> set[str]:
        """The raw objects that the published ledger holds."""
        return set(ledger.read_ledger(self.lake.aws.s3, self.head).held.all_objects())

    def publish_day(self, files: int = 1) -> str:
        """Publish a day in that many files; return the id of its run."""
        before, run = self.head, self.stage_day(files)
        self.table.publish(f"run_{run}", before.snapshot)
        return run

    def stage_day(self, files: int = 1) -> str:
        """Stage a day and write its ledger, as a run that died would leave it; return the run's id."""
        self.days += 1
        run, key = f"jr_{self.lake.number}x{self.days}", f"trades/{self.days}.csv"
        self.table.create_if_missing(COLUMNS)
        pointer = f"{self.job_arguments.places.ledgers}/{run}.json"
        next_ledger = ledger.read_ledger(self.lake.aws.s3, self.head).with_objects(
            [RawObject(key, "v1", 1, "2026-01-01T00:00:00+00:00")]
        )
        rows = self.lake.spark.range(0, files, 1, files).select(
            "id", F.lit(key).alias("_object"), F.lit("v1").alias("_version")
        )
        summary = {ledger.POINTER: pointer, "sluice.run-id": run, "sluice.code": "test"}
        self.table.stage_rows(rows, f"run_{run}", run, summary)
        ledger.write_ledger(self.lake.aws.s3, pointer, next_ledger)
        return run

    def roll_back(self, target: Head) -> None:
        """Set main back to an earlier snapshot, as an operator does."""
        self.lake.spark.sql(
            f"CALL lake.system.set_current_snapshot('{self.job_arguments.table}', {target.snapshot})"
        ).collect()

    def run_maintenance(self, after: timedelta = timedelta(0), **changes: Any) -> Report:
        """Maintain as if it began some time from now; return the report."""
        order = replace(self.job_arguments, **changes)
        report = Report(order.dataset, order.run_id, order.job, "now")
        Maintenance(order, self.lake.aws, report, lambda: self.lake.spark, datetime.now(UTC) + after).run()
        return report

    def rows(self) -> list[tuple[int, str]]:
        """Return what a reader sees: number and object of each row."""
        frame = self.lake.spark.table(self.job_arguments.table).select("id", "_object").orderBy("_object", "id")
        return [(row["id"], row["_object"]) for row in frame.collect()]

    def branches(self) -> set[str]:
        """Return every branch but main."""
        return set(self.storage.read_metadata()["refs"]) - {"main"}

    def put_file(self, name: str) -> str:
        """Put a file of one byte below the table's location."""
        key = S3Prefix.from_uri(f"{self.job_arguments.location}/{name}").prefix
        self.lake.aws.s3.put_object(Bucket=self.lake.bucket, Key=key, Body=b"x")
        return name

    def ledger_names(self) -> set[str]:
        """Return the names of what lies in the ledgers' folder."""
        place = S3Prefix.from_uri(f"{self.job_arguments.places.ledgers}/")
        contents = self.lake.aws.s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix).get("Contents", ())
        return {entry["Key"].removeprefix(place.prefix) for entry in contents}

    def file_names(self, folder: str = "") -> set[str]:
        """Return the names of what lies below the table's location."""
        place = S3Prefix.from_uri(f"{self.job_arguments.location}/{folder}")
        pages = self.lake.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
        start = len(S3Prefix.from_uri(f"{self.job_arguments.location}/").prefix)
        return {entry["Key"][start:] for page in pages for entry in page.get("Contents", ())}
