"""What a day of a million rows costs under each load, where the table has as many: `pytest -s tests/spark/loads_bench.py`.

No test of `make test`: it takes minutes. Each load gets the same first day, to which the table is rolled back. The second has
the same keys under `snapshot` and `upsert`, of which one in a hundred rows differs, and keys of its own under `append`. What
is counted are the seconds of processor of the job, with Spark's session and the emulator, in turns.
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
from tests.spark.test_once import declare_meta, table_name

ROWS, WARM_UP, TIMES = int(os.environ.get("LOAD_ROWS", "1000000")), 20_000, 2
LOADS = {"snapshot": SNAPSHOT, "upsert": "upsert", "append": "append"}
DIFFERS = 100  # one row in so many


@pytest.fixture(scope="module")
def spark(endpoint: str) -> Iterator[object]:
    """A session for large days."""
    yield from start_session(endpoint, leaving=SANDBOX_ONLY)


def copy_bytes(rows: int, prefix: str, quantity: int) -> bytes:
    """Return a copy as CSV; `quantity` is that of the rows that differ."""
    lines = (
        f"{prefix}{number:07},CUST{number % 5000},PROD{number % 300},{1 if number % DIFFERS else quantity},"
        f"{number % 9000 + 1}.99,2025-{number % 12 + 1:02}-15,US-EAST"
        for number in range(rows)
    )
    return "\n".join((HEADER, *lines, "")).encode()


def test_each_load_publishes_a_day_of_a_million_rows(aws: Clients, spark: Any) -> None:
    for rows, turns in ((WARM_UP, 1), (ROWS, TIMES)):  # what runs for the first time in a process takes longer
        lake = Lake(aws, spark)
        lake.put_files(a__csv=copy_bytes(rows, "TXN", 1))
        first = lake.run()
        assert first.rows_published == rows
        for turn in range(turns):
            for name in LOADS:
                seconds = measure_second_day(lake, name, rows)
                print(f"\n{rows} rows, turn {turn}: {name} {seconds:.1f} s of processor", flush=True)
                spark.sql(f"CALL lake.system.rollback_to_snapshot('{table_name(lake)}', {first.snapshot_after})")


def measure_second_day(lake: Lake, name: str, rows: int) -> float:
    """Return the seconds of processor of a day of so many rows, on a table that has as many."""
    declare_meta(lake, "output", load=LOADS[name])
    lake.put_files(b__csv=copy_bytes(rows, "TXN9" if name == "append" else "TXN", 2))
    lake.spark.catalog.clearCache()
    begun = tree_seconds(os.getpid())
    verdict = lake.run()
    taken = tree_seconds(os.getpid()) - begun
    expected = rows // DIFFERS if name == "snapshot" else rows
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", expected), verdict.message
    return taken
