"""What a day of a million rows costs under each load, where the table has as many: `pytest -s tests/spark/loads_bench.py`.

No test of `make test`: it takes minutes. Each load gets the same first day. The second has the same keys under `snapshot` and
`upsert`, of which one in a hundred rows differs, and keys of its own under `append`. What is counted are the seconds of
processor of the job, Spark's session and the emulator's S3 among them, in turns.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from bench.lake import SANDBOX_ONLY
from bench.processor import tree_seconds
from etl.storage.clients import Clients
from tests.conftest import start_session
from tests.lake.loads import SNAPSHOT
from tests.spark.lake import HEADER, Lake
from tests.spark.test_once import declare_meta

ROWS, TIMES = int(os.environ.get("LOAD_ROWS", "1000000")), 2
LOADS = {"snapshot": SNAPSHOT, "upsert": "upsert", "append": "append"}
DIFFERS = 100  # one row in so many


@pytest.fixture(scope="module")
def spark(endpoint: str) -> Iterator[object]:
    """A session for large days."""
    yield from start_session(endpoint, leaving=SANDBOX_ONLY)


def copy_bytes(prefix: str, quantity: int) -> bytes:
    """Return a copy as CSV; `quantity` is that of the rows that differ."""
    lines = (
        f"{prefix}{number:07},CUST{number % 5000},PROD{number % 300},{1 if number % DIFFERS else quantity},"
        f"{number % 9000 + 1}.99,2025-{number % 12 + 1:02}-15,US-EAST"
        for number in range(ROWS)
    )
    return "\n".join((HEADER, *lines, "")).encode()


def test_each_load_publishes_a_day_of_a_million_rows(aws: Clients, spark: Any) -> None:
    first, again, others = copy_bytes("TXN", 1), copy_bytes("TXN", 2), copy_bytes("NEW", 2)
    for turn in range(TIMES + 1):  # the first warms up what runs for the first time in a process
        for name, load in LOADS.items():
            lake = Lake(aws, spark)
            declare_meta(lake, "output", load=load)
            lake.put_files(a__csv=first)
            assert lake.run().rows_published == ROWS
            lake.put_files(b__csv=others if name == "append" else again)
            spark.catalog.clearCache()
            begun = tree_seconds(os.getpid())
            verdict = lake.run()
            taken = tree_seconds(os.getpid()) - begun
            expected = ROWS // DIFFERS if name == "snapshot" else ROWS
            assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", expected), verdict.message
            print(f"\nturn {turn}: {name} {taken:.1f} s of processor")
            for key in ("a.csv", "b.csv"):
                aws.s3.delete_object(Bucket=lake.bucket, Key=f"trades/{key}")
