"""Runs of the job under the meter: alone, beside a ledger of very many objects, and beside very many published rows."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from pyspark.sql import functions as F

from bench.job import Job, ensure_transform
from bench.meter import Meter, metering_calls
from bench.peers import Variant
from etl.contract.table_names import OBJECT, VERSION
from etl.gate import key_conflicts, primary_key
from etl.iceberg.current_snapshot import read_head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER, Ledger
from etl.results.verdict import Verdict
from etl.run import Run, start_session
from etl.storage.raw_objects import RawObject

OBJECTS = "LEDGER_OBJECTS"  # the variable that says how many objects the ledger has
PER_FILE = 1_000_000  # published rows
PAGE = 1000
PUT = "2025-01-01T00:00:00+00:00"


def run_alone(job: Job) -> set[str]:
    """Run the job; `job.detail` gets the seconds of the run, of its listing and of its bookkeeping."""
    ensure_transform(job.output.transform_module)
    verdict = Verdict(job.arguments.dataset, job.arguments.run_id, job.arguments.job, "")
    with metering_calls() as meter:
        begun = time.monotonic()
        Run(job.arguments, job.aws, verdict).run()
        job.detail.update(total=time.monotonic() - begun, read=verdict.rows_read, **meter.seconds)
    return {rule.rule for rule in verdict.broken}


def run_beside_many(job: Job) -> set[str]:
    """Run the job; from the second run on a table on, its ledger and its listing hold as many objects more as OBJECTS says."""
    before = read_head(job.aws.glue, job.aws.s3, job.arguments.table)
    if before.snapshot is None:
        return run_alone(job)
    objects = int(os.environ[OBJECTS])
    past = [RawObject(f"{job.arguments.raw.prefix}past/{number:08}.csv", "1", 1, PUT) for number in range(objects)]
    if not ledger.read_ledger(job.aws.s3, before).held.select_held([past[0].key]):
        ledger.write_ledger(job.aws.s3, before.summary[POINTER], Ledger().with_objects(past))
    listed = PaddedListing(job.aws.s3, past)
    return run_alone(replace(job, aws=replace(job.aws, s3=listed)))


@dataclass(frozen=True)
class PaddedListing:
    """S3 as it is, but a listing of versions shows `past` too: to put so many objects into the emulator takes minutes."""

    s3: Any
    past: list[RawObject]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.s3, name)

    def get_paginator(self, name: str) -> Any:
        """Return this listing for the listing of versions."""
        return self if name == "list_object_versions" else self.s3.get_paginator(name)

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages of the past, then those that are there."""
        real = list(self.s3.get_paginator("list_object_versions").paginate(**arguments))
        put = next(version["LastModified"] for page in real for version in page["Versions"])
        for start in range(0, len(self.past), PAGE):
            versions = [
                {"Key": raw_object.key, "VersionId": raw_object.version, "Size": raw_object.size}
                for raw_object in self.past[start : start + PAGE]
            ]
            yield {
                "Versions": [{**listed_version, "IsLatest": True, "LastModified": put} for listed_version in versions]
            }
        yield from real


def run_beside_rows(job: Job) -> set[str]:
    """Run the job beside EARLIER_ROWS published rows; `job.detail` gets the seconds that keys were looked for.

    A job called keys-by-spark has no data file tell of keys.
    """
    ensure_transform(job.output.transform_module)
    rows = int(os.environ["EARLIER_ROWS"])
    if read_head(job.aws.glue, job.aws.s3, job.arguments.table).snapshot is None:
        _publish_rows(job, rows)
    meter = Meter()
    with ExitStack() as patches:
        timed = meter.time_function(key_conflicts.judge_earlier_keys, "keys")
        patches.enter_context(patch.object(key_conflicts, "judge_earlier_keys", timed))
        if job.arguments.job == "keys-by-spark":
            patches.enter_context(patch.object(key_conflicts.StagedRows, "has_new_keys", lambda *_, **__: False))
        verdict, begun = Verdict(job.arguments.dataset, job.arguments.run_id, job.arguments.job, ""), time.monotonic()
        Run(job.arguments, job.aws, verdict).run()
        job.detail.update(total=time.monotonic() - begun, **meter.seconds)
    return {rule.rule for rule in verdict.broken}


def _publish_rows(job: Job, rows: int) -> None:
    """Publish rows with keys in no order, in files of PER_FILE, of days that end with the run's."""
    job.table.evolve_to_contract(job.output)
    number = F.col("id")
    published = job.spark.range(0, rows, numPartitions=max(rows // PER_FILE, 1)).select(
        F.concat(F.lit("K"), F.lpad((number * 0x9E3779B1 % 2**40).cast("string"), 13, "0")).alias("delivery"),
        F.date_add(F.lit("2023-05-07").cast("date"), (number * 1000 / rows).cast("int")).alias("day"),
        (number % 40 + 1).cast("int").alias("parcels"),
        F.concat(F.lit("D"), (number % 300).cast("string")).alias("depot"),
        F.lit("deliveries/past.csv").alias(OBJECT),
        F.lit("1").alias(VERSION),
    )
    past = replace(job.arguments, run_id=f"{job.arguments.run_id}-past")
    ledger.write_ledger(job.aws.s3, past.ledger_uri, Ledger())
    job.table.stage_rows(
        published, "past", past.run_id, {POINTER: past.ledger_uri, **primary_key.key_summary(job.output.key)}
    )
    job.table.publish("past")


VARIANTS = {
    name: Variant(name, name, "", run, by_default=False, libraries=start_session, any_rule=True)
    for name, run in (
        ("alone", run_alone),
        ("beside-many", run_beside_many),
        ("keys", run_beside_rows),
    )
}
