"""`make growth`: what a year of small daily runs leaves behind, before maintenance and after it.

Each day is staged on a branch, ledgered and published as a run does it, by the same calls; its rows are made up and go
through no gate, since a year of whole runs would take hours. The session is the sandbox's, set up for tiny days.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.ledger import ledger
from etl.storage.clients import Clients
from etl.storage.raw_objects import RawObject, S3Prefix
from tests.spark.kept import MaintainedTable
from tests.spark.lake import Lake

DAYS = int(os.environ.get("GROWTH_DAYS", "365"))
FIRST = date(2025, 1, 1)
REGIONS = ("US-EAST", "US-WEST", "EU-WEST", "EU-NORTH", "APAC")
ROWS = 50  # a day
COLUMNS = ("id bigint", "amount decimal(10,2)", "region string", "day date", "_object string", "_version string")
TIMES = 3
FORTNIGHT = timedelta(days=15)


@pytest.fixture(scope="module")
def kept(aws: Clients, spark: Any) -> MaintainedTable:
    maintained = MaintainedTable(Lake(aws, spark))
    maintained.table.create_if_missing((*COLUMNS, "_run_id string"), ["region", "months(day)"])
    return maintained


def publish_day(maintained: MaintainedTable, number: int) -> None:
    """Publish a day of a few rows in each region."""
    run, key = f"jr_{number:04}", f"trades/{number:04}.csv"
    next_ledger = ledger.read_ledger(maintained.lake.aws.s3, maintained.head).with_objects(
        [RawObject(key, "v1", 1, "2026-01-01T00:00:00+00:00")]
    )
    pointer = f"{maintained.job_arguments.places.ledgers}/{run}.json"
    region = F.element_at(F.array(*map(F.lit, REGIONS)), (F.col("id") % len(REGIONS) + 1).cast("int"))
    rows = maintained.lake.spark.range(number * ROWS, (number + 1) * ROWS, 1, 1).select(
        "id",
        F.lit("9.99").cast("decimal(10,2)").alias("amount"),
        region.alias("region"),
        F.lit(FIRST + timedelta(days=number)).alias("day"),
        F.lit(key).alias("_object"),
        F.lit("v1").alias("_version"),
    )
    maintained.table.stage_rows(rows, f"run_{run}", run, {ledger.POINTER: pointer, "sluice.run-id": run})
    ledger.write_ledger(maintained.lake.aws.s3, pointer, next_ledger)
    maintained.table.publish(f"run_{run}", maintained.head.snapshot)


def stored_objects(maintained: MaintainedTable, folder: str) -> tuple[int, int]:
    """Return how many objects lie in a folder of the table or among its ledgers, and their bytes together."""
    home = (
        maintained.job_arguments.places.ledgers
        if folder == "ledger"
        else f"{maintained.job_arguments.location}/{folder}"
    )
    place = S3Prefix.from_uri(f"{home}/")
    pages = maintained.lake.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
    sizes = [entry["Size"] for page in pages for entry in page.get("Contents", ())]
    return len(sizes), sum(sizes)


def median_seconds(act: Callable[[], object]) -> str:
    """Return the median of a few calls, and the range, as text."""
    taken = []
    for _ in range(TIMES):
        begun = time.monotonic()
        act()
        taken.append(time.monotonic() - begun)
    return f"{statistics.median(taken):.2f} ({min(taken):.2f}-{max(taken):.2f})"


def count_planned_files(maintained: MaintainedTable) -> int:
    """Plan a scan of everything, as a reader does before it opens a data file; return how many it would open."""
    jvm: Any = maintained.lake.spark._jvm
    iceberg = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(
        maintained.lake.spark._jsparkSession, maintained.job_arguments.table
    )
    iceberg.refresh()
    tasks = iceberg.newScan().planFiles()
    return jvm.org.apache.iceberg.relocated.com.google.common.collect.Iterables.size(tasks)


def measure_figures(maintained: MaintainedTable) -> Iterator[tuple[str, object]]:
    """Yield what is measured, by its name."""
    now, table = maintained.storage.read_figures(), maintained.job_arguments.table
    yield "data files that a reader sees", now.files
    yield "manifests that list them", now.manifests
    yield "snapshots", now.snapshots
    for folder in ("data", "metadata", "ledger"):
        count, size = stored_objects(maintained, folder)
        yield f"objects in `{folder}/`, MB", f"{count}, {size / 1e6:.1f}"
    yield "planning a full scan, s", median_seconds(lambda: count_planned_files(maintained))
    yield (
        "full scan, s",
        median_seconds(lambda: maintained.lake.spark.table(table).agg(F.sum("amount"), F.max("id")).collect()),
    )


def test_a_year_of_small_days(kept: MaintainedTable) -> None:
    begun = time.monotonic()
    for number in range(DAYS):
        publish_day(kept, number)
    published = time.monotonic() - begun
    rows, objects_before = kept.lake.spark.table(kept.job_arguments.table).count(), kept.held_objects
    before = dict(measure_figures(kept))
    compacted = kept.run_maintenance()
    expired = kept.run_maintenance(after=FORTNIGHT)
    after = dict(measure_figures(kept))
    begun = time.monotonic()
    publish_day(kept, DAYS)
    summary = f"{DAYS} days of {ROWS} rows in {published:.0f} s, one more after maintenance in {time.monotonic() - begun:.1f} s"
    print(f"\n{summary}\n")
    print("\n| | before | after |\n|---|---|---|")
    for name, value in before.items():
        print(f"| {name} | {value} | {after[name]} |")
    print(f"\n{compacted.message}\n{expired.message}; {expired.ledger_files_removed} ledger files removed")
    assert (compacted.state, expired.state) == ("SUCCEEDED", "SUCCEEDED")
    assert rows == DAYS * ROWS
    assert kept.lake.spark.table(kept.job_arguments.table).count() == rows + ROWS
    assert len(kept.held_objects) == len(objects_before) + 1 == DAYS + 1
