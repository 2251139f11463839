"""What a day of changes costs beside an upsert of as many rows: `pytest -s tests/spark/changes_bench.py`.

No test of `make test`: it takes minutes. A table of two million rows gets a day of 100,000 keys in no order: under `changes`
one in ten is an insert and one in ten a delete, under `upsert` there are as many inserts and no deletes. What is counted are
the seconds of processor of the job, with Spark's session and the emulator, in turns.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from bench.lake import SANDBOX_ONLY
from bench.processor import tree_seconds
from etl.storage.clients import Clients
from tests.conftest import start_session
from tests.lake.loads import CHANGES, CHANGES_HEADER, trades_suites
from tests.spark.lake import HEADER, Lake
from tests.spark.test_once import declare_meta

ROWS, CHANGED = int(os.environ.get("LOAD_ROWS", "2000000")), int(os.environ.get("LOAD_CHANGED", "100000"))
WARM_UP, TIMES = 20, 2  # the first turn is of so small a part
STRIDE = 7919  # a prime: keys in no order


@pytest.fixture(scope="module")
def spark(endpoint: str) -> Iterator[object]:
    """A session for large days."""
    yield from start_session(endpoint, leaving=SANDBOX_ONLY)


def row(number: int, quantity: int) -> str:
    return (
        f"TXN{number * STRIDE % 10_000_019:08},CUST{number % 5000},PROD{number % 300},{quantity},"
        f"{number % 9000 + 1}.99,2025-{number % 12 + 1:02}-15,US-EAST"
    )


def first_rows(rows: int) -> Iterator[str]:
    return (row(number, 1) for number in range(rows))


def changed_rows(rows: int, changed: int) -> Iterator[tuple[str, str]]:
    """Yield operations with their rows: in ten one insert, one delete, and updates."""
    for place in range(changed):
        if place % 10:
            yield ("U" if place % 10 > 1 else "D"), row(place * (rows // changed), 2)
        else:
            yield "I", row(rows + place, 1)


def measure_day(lake: Lake, rows: int, changed: int, *, has_changes: bool) -> float:
    """Return the seconds of processor of a day of so many changes, on a table that has so many rows."""
    if has_changes:
        for stage, suite in trades_suites(CHANGES).items():
            lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())
        header, first = CHANGES_HEADER, (f"I,1,{line}" for line in first_rows(rows))
        second = (f"{operation},2,{line}" for operation, line in changed_rows(rows, changed))
    else:
        declare_meta(lake, "output", load="upsert")
        header, first = HEADER, first_rows(rows)
        second = (line for _, line in changed_rows(rows, changed))
    lake.put_files(a__csv="\n".join((header, *first, "")).encode())
    begun = tree_seconds(os.getpid())
    verdict = lake.run()
    assert verdict.rows_published == rows, verdict.message
    print(f"\nfirst copy, {rows} rows: {tree_seconds(os.getpid()) - begun:.1f} s", flush=True)
    lake.put_files(b__csv="\n".join((header, *second, "")).encode())
    lake.spark.catalog.clearCache()
    begun = tree_seconds(os.getpid())
    verdict = lake.run()
    taken = tree_seconds(os.getpid()) - begun
    assert (verdict.state, verdict.rows_read) == ("SUCCEEDED", changed), verdict.message
    assert verdict.rows_deleted == (changed // 10 if has_changes else 0)
    for key in ("a.csv", "b.csv"):
        lake.aws.s3.delete_object(Bucket=lake.bucket, Key=f"trades/{key}")
    return taken


def test_a_day_of_changes_beside_an_upsert(aws: Clients, spark: Any) -> None:
    for turn, part in enumerate([WARM_UP, *[1] * TIMES]):
        for has_changes in (False, True):
            taken = measure_day(Lake(aws, spark), ROWS // part, CHANGED // part, has_changes=has_changes)
            name = "changes" if has_changes else "upsert"
            print(f"\nturn {turn}, {ROWS // part} rows, {CHANGED // part} changed: {name} {taken:.1f} s", flush=True)
