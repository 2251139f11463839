"""The job that is measured, but for its checks: read a day, type it, derive, stage it, publish it.

Typing, transform and table are the job's own code; reading is Spark's own reader of the format, the fastest that a job
without any check would take.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType, SimpleNamespace
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bench.reading import read_day
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.table_names import OBJECT, VERSION
from etl.datasets import transform_of
from etl.errors import UnknownDataset
from etl.iceberg.table import Table
from etl.runtime.arguments import JobArguments
from etl.sources.casting import cast_to_declared
from etl.sources.provenance import PROVENANCE
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix

Judge = Callable[[DataFrame, Contract, dict[str, Any]], set[str]]


@dataclass(frozen=True)
class Job:
    """One run of it, with the arguments of the real one; `detail` takes what a variant measures beside the time."""

    spark: SparkSession
    arguments: JobArguments
    aws: Clients
    detail: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def input(self) -> Contract:
        """The contract of what is read."""
        return self._load_contract(self.arguments.input_contract)

    @cached_property
    def output(self) -> Contract:
        """The contract of what is staged; nothing that it refers to is published, so those rules judge nothing."""
        contract = self._load_contract(self.arguments.output_contract)
        return contract.without_rules_on({reference.name for reference in contract.references})

    def _load_contract(self, uri: str) -> Contract:
        place = S3Prefix.from_uri(uri)
        return parse_contract(
            self.aws.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read().decode(), uri
        )

    @cached_property
    def table(self) -> Table:
        """The published table."""
        return Table(self.spark, self.arguments.table, self.arguments.location)

    @property
    def parameters(self) -> dict[str, Any]:
        """Values for `$PARAMETER`."""
        return {"run_date": self.arguments.run_date.isoformat()}

    def read_rows(self) -> DataFrame:
        """Return the day's rows as the input has them, each with the file that it is from."""
        return read_day(self.spark, self.arguments.raw.uri(self.arguments.raw.prefix), self.input)

    def typed_rows(self, rows: DataFrame) -> DataFrame:
        """Return typed and derived rows."""
        types = {column.name: column.type for column in self.output.columns}
        shared = [
            cast_to_declared(column.name, types[column.name], column.type).alias(column.name)
            for column in self.input.columns
            if column.name in types
        ]
        ensure_transform(self.output.transform_module)
        derived = transform_of(self.output.transform_module)(rows.select(*shared, OBJECT, F.lit("-").alias(VERSION)))
        return derived.select(*self.output.names, *PROVENANCE)

    def stage_rows(self, rows: DataFrame) -> None:
        """Write the rows to a branch."""
        self.table.evolve_to_contract(self.output)
        self.table.stage_rows(
            rows, self.arguments.branch, self.arguments.run_id, {"sluice.run-id": self.arguments.run_id}
        )

    def staged_rows(self) -> DataFrame:
        """Return what was written, read back."""
        return self.table.staged_rows(self.arguments.branch, self.arguments.run_id)

    def publish(self) -> None:
        """Show it to readers."""
        self.table.publish(self.arguments.branch)

    def run_gated(self, judge: Judge, keep: bool = False) -> set[str]:
        """Take the day through, judged before and after; return the rules that broke.

        `keep` caches what is judged, for a peer that reads it again and again.
        """
        rows = _cache_if(self.read_rows(), keep)
        broken = judge(rows, self.input, self.parameters)
        if self._stops_job(self.input, broken):
            return broken
        self.stage_rows(self.typed_rows(rows))
        rows.unpersist()
        staged = _cache_if(self.staged_rows(), keep)
        broken |= judge(staged, self.output, self.parameters)
        if self._stops_job(self.output, broken):
            self.table.drop_branch(self.arguments.branch)
        else:
            self.publish()
        return broken

    @staticmethod
    def _stops_job(contract: Contract, broken: set[str]) -> bool:
        return any(rule.rule in broken and rule.severity.stops_run for rule in contract.rules)


def _cache_if(rows: DataFrame, keep: bool) -> DataFrame:
    return rows.persist() if keep else rows


def ensure_transform(dataset: str) -> None:
    """Let a dataset of somebody else's contracts, which has no transform here, be published as it is typed."""
    try:
        transform_of(dataset)
    except UnknownDataset:
        module: Any = ModuleType(f"etl.datasets.{dataset}")
        vars(module).update(vars(SimpleNamespace(ADDS=(), transform=lambda rows: rows)))
        sys.modules[module.__name__] = module
