"""A lake of two buckets and a database in the emulator, and runs of the real pipeline on one shared Spark session."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from etl.errors import SluiceError
from etl.results.verdict import RunState, Verdict
from etl.run import Run
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix
from tests.lake import LAKE
from tests.verdict_schema import check_verdict, unjudged_rules

ROOT = Path(__file__).resolve().parents[2]
HEADER = "transaction_id,customer_id,product_id,quantity,unit_price,transaction_date,region"
GOOD = "TXN001,CUST100,PROD001,2,29.99,2025-01-15,US-EAST"
TODAY = date(2026, 1, 31)
_numbers = itertools.count(1)


def csv_bytes(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    """Return a CSV file of these rows."""
    return end.join((header, *rows, "")).encode()


@dataclass
class Lake:
    """One dataset's corner of the emulator, of its own for each test."""

    aws: Clients
    spark: SparkSession
    dataset: str = "trades"
    database: str = ""
    number: int = field(default_factory=lambda: next(_numbers))

    def __post_init__(self) -> None:
        self.bucket = f"lake-{self.number}"
        self.aws.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.aws.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        if not self.database:
            self.database = f"lake_{self.number}"
            self.aws.glue.create_database(DatabaseInput={"Name": self.database})
        for stage in ("input", "output"):
            text = (LAKE / "expectations" / self.dataset / f"{stage}.json").read_bytes()
            self.aws.s3.put_object(Bucket=self.bucket, Key=f"contracts/{stage}.json", Body=text)

    def sibling_lake(self, dataset: str) -> "Lake":
        """Return another dataset of the same database."""
        return Lake(self.aws, self.spark, dataset, self.database)

    def put_files(self, **files: bytes) -> None:
        """Put raw files by name; two underscores stand for a dot, so that names can be keywords."""
        for name, body in files.items():
            self.put_key(f"{self.dataset}/{name.replace('__', '.')}", body)

    def put_key(self, key: str, body: bytes) -> None:
        """Put an object under any key."""
        self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def job_arguments(self, **changes: Any) -> JobArguments:
        """Return a run's arguments, some of them changed."""
        place = f"s3://{self.bucket}"
        order = JobArguments(
            dataset=self.dataset,
            raw=S3Prefix.from_uri(f"{place}/{self.dataset}/"),
            table=f"lake.{self.database}.{self.dataset}",
            location=f"{place}/parquet/{self.dataset}",
            input_contract=f"{place}/contracts/input.json",
            output_contract=f"{place}/contracts/output.json",
            verdicts=S3Prefix.from_uri(f"{place}/verdicts/"),
            code="test",
            raw_expire_days=0,
            run_date=TODAY,
            job="test",
            run_id=f"jr_{self.number}_{next(_numbers)}",
        )
        return replace(order, **changes)

    def run(self, **changes: Any) -> Verdict:
        """Run the pipeline over what is unread and return its verdict; only our own errors may end it."""
        order = self.job_arguments(**changes)
        verdict = Verdict(order.dataset, order.run_id, order.job, "now")
        try:
            Run(order, self.aws, verdict, lambda: self.spark).run()
            verdict.state = RunState.SUCCEEDED
        except SluiceError as error:
            verdict.message = str(error)
        check_verdict(verdict)
        assert unjudged_rules(verdict) == []
        return verdict

    def rows(self) -> list[dict[str, Any]]:
        """Return what a reader of the table sees, by key."""
        collected = self.spark.sql(f"SELECT * FROM lake.{self.database}.{self.dataset} ORDER BY 1").collect()
        return [row.asDict() for row in collected]
