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
from etl.storage.raw_objects import Place, RawObject
from tests.spark.kept import Kept
from tests.spark.lake import Lake

DAYS = int(os.environ.get("GROWTH_DAYS", "365"))
FIRST = date(2025, 1, 1)
REGIONS = ("US-EAST", "US-WEST", "EU-WEST", "EU-NORTH", "APAC")
ROWS = 50  # a day
COLUMNS = ("id bigint", "amount decimal(10,2)", "region string", "day date", "_object string", "_version string")
TIMES = 3
FORTNIGHT = timedelta(days=15)


@pytest.fixture(scope="module")
def kept(aws: Clients, spark: Any) -> Kept:
    kept = Kept(Lake(aws, spark))
    kept.table.create((*COLUMNS, "_run_id string"), ["region", "months(day)"])
    return kept


def publish(kept: Kept, number: int) -> None:
    """Publish a day of a few rows in each region."""
    run, key = f"jr_{number:04}", f"sales/{number:04}.csv"
    known = ledger.read(kept.lake.aws.s3, kept.head).with_these([RawObject(key, "v1", 1, "2026-01-01T00:00:00+00:00")])
    pointer = f"{kept.order.places.ledgers}/{run}.json"
    region = F.element_at(F.array(*map(F.lit, REGIONS)), (F.col("id") % len(REGIONS) + 1).cast("int"))
    rows = kept.lake.spark.range(number * ROWS, (number + 1) * ROWS, 1, 1).select(
        "id",
        F.lit("9.99").cast("decimal(10,2)").alias("amount"),
        region.alias("region"),
        F.lit(FIRST + timedelta(days=number)).alias("day"),
        F.lit(key).alias("_object"),
        F.lit("v1").alias("_version"),
    )
    kept.table.stage(rows, f"run_{run}", run, {ledger.POINTER: pointer, "sluice.run-id": run})
    ledger.write(kept.lake.aws.s3, pointer, known)
    kept.table.publish(f"run_{run}", kept.head.snapshot)


def stored(kept: Kept, folder: str) -> tuple[int, int]:
    """Return how many objects lie in a folder of the table or among its ledgers, and their bytes together."""
    home = kept.order.places.ledgers if folder == "ledger" else f"{kept.order.location}/{folder}"
    place = Place.of(f"{home}/")
    pages = kept.lake.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
    sizes = [one["Size"] for page in pages for one in page.get("Contents", ())]
    return len(sizes), sum(sizes)


def seconds(act: Callable[[], object]) -> str:
    """Return the median of a few calls, and the range, as text."""
    taken = []
    for _ in range(TIMES):
        begun = time.monotonic()
        act()
        taken.append(time.monotonic() - begun)
    return f"{statistics.median(taken):.2f} ({min(taken):.2f}-{max(taken):.2f})"


def planned(kept: Kept) -> int:
    """Plan a scan of everything, as a reader does before it opens a data file; return how many it would open."""
    jvm: Any = kept.lake.spark._jvm
    iceberg = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(kept.lake.spark._jsparkSession, kept.order.table)
    iceberg.refresh()
    tasks = iceberg.newScan().planFiles()
    return jvm.org.apache.iceberg.relocated.com.google.common.collect.Iterables.size(tasks)


def figures(kept: Kept) -> Iterator[tuple[str, object]]:
    """Yield what is measured, by its name."""
    now, table = kept.storage.figures(), kept.order.table
    yield "data files that a reader sees", now.files
    yield "manifests that list them", now.manifests
    yield "snapshots", now.snapshots
    for folder in ("data", "metadata", "ledger"):
        count, size = stored(kept, folder)
        yield f"objects in `{folder}/`, MB", f"{count}, {size / 1e6:.1f}"
    yield "planning a full scan, s", seconds(lambda: planned(kept))
    yield "full scan, s", seconds(lambda: kept.lake.spark.table(table).agg(F.sum("amount"), F.max("id")).collect())


def test_a_year_of_small_days(kept: Kept) -> None:
    begun = time.monotonic()
    for number in range(DAYS):
        publish(kept, number)
    published = time.monotonic() - begun
    rows, held = kept.lake.spark.table(kept.order.table).count(), kept.held
    before = dict(figures(kept))
    compacted = kept.maintain()
    expired = kept.maintain(after=FORTNIGHT)
    after = dict(figures(kept))
    begun = time.monotonic()
    publish(kept, DAYS)
    told = f"{DAYS} days of {ROWS} rows in {published:.0f} s, one more after maintenance in {time.monotonic() - begun:.1f} s"
    print(f"\n{told}\n")
    print("\n| | before | after |\n|---|---|---|")
    for name, value in before.items():
        print(f"| {name} | {value} | {after[name]} |")
    print(f"\n{compacted.message}\n{expired.message}; {expired.ledger_files_removed} ledger files removed")
    assert (compacted.state, expired.state) == ("SUCCEEDED", "SUCCEEDED")
    assert rows == DAYS * ROWS
    assert kept.lake.spark.table(kept.order.table).count() == rows + ROWS
    assert len(kept.held) == len(held) + 1 == DAYS + 1
