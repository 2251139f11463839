"""A load of changes: inserts, updates and deletes by their own order, within a file, across files, across runs."""

import json
from typing import Any

import pytest

from etl.results.verdict import Verdict
from tests.lake.loads import CHANGES, CHANGES_HEADER, trades_suites
from tests.spark.lake import Lake, csv_bytes


def put_suites(lake: Lake, **load: Any) -> None:
    """Give a lake's trades the load of changes, with other options."""
    suites = trades_suites({**CHANGES, **load})
    for stage, suite in suites.items():
        lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())


@pytest.fixture
def changes_lake(lake: Lake) -> Lake:
    put_suites(lake)
    return lake


def change(operation: str, sequence: int, number: int, quantity: int | str = 1) -> str:
    """Return a line of changes; a transaction's number tells its key."""
    return f"{operation},{sequence},TXN{number},CUST1,PROD1,{quantity},29.99,2025-01-15,US-EAST"


def delete(sequence: int, number: int) -> str:
    """Return a delete as a source sends it that has nothing but the key."""
    return f"D,{sequence},TXN{number},,,,,,"


def put_changes(lake: Lake, name: str, *lines: str) -> None:
    lake.put_key(f"{lake.dataset}/{name}.csv", csv_bytes(*lines, header=CHANGES_HEADER))


def run_changes(lake: Lake, name: str, *lines: str) -> Verdict:
    """Put one file of changes and run, which succeeds."""
    put_changes(lake, name, *lines)
    verdict = lake.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    return verdict


def quantities(lake: Lake) -> dict[str, int]:
    return {row["transaction_id"]: row["quantity"] for row in lake.rows()}


def counts(verdict: Verdict) -> tuple[int, ...]:
    """Return what a run read and what became of it: published, deleted, replaced, late."""
    parts = (verdict.rows_published, verdict.rows_deleted, verdict.rows_replaced, verdict.rows_late)
    assert verdict.rows_read == sum(parts) + verdict.rows_quarantined
    return (verdict.rows_read, *parts)


def test_the_latest_change_of_a_key_wins_within_a_file_and_across_runs(changes_lake: Lake) -> None:
    lake = changes_lake
    first = run_changes(
        lake,
        "a",
        *(change("I", number, number) for number in (1, 2, 3)),
        change("U", 13, 1, 9),
        change("U", 12, 1, 8),
        delete(14, 3),
        delete(4, 4),
        change("I", 5, 4, 4),
    )
    assert quantities(lake) == {"TXN1": 9, "TXN2": 1, "TXN4": 4}
    assert counts(first) == (8, 3, 1, 4, 0)
    [unmatched] = first.violations
    assert (unmatched.rule, unmatched.severity, unmatched.unexpected) == ("trades.structure.unmatched", "info", 1)
    late = run_changes(lake, "b", change("U", 11, 1, 7), change("U", 13, 3, 7), delete(1, 2), change("U", 3, 2, 6))
    assert quantities(lake) == {"TXN1": 9, "TXN2": 6, "TXN4": 4}
    assert counts(late) == (4, 1, 0, 1, 2)
    back = run_changes(lake, "c", change("I", 15, 3, 5), delete(16, 2), delete(16, 9))
    assert quantities(lake) == {"TXN1": 9, "TXN3": 5, "TXN4": 4}
    assert counts(back) == (3, 1, 2, 0, 0)
    assert "2 keys deleted" in back.message
    assert counts(run_changes(lake, "d", change("U", 15, 2, 5), change("U", 8, 9), delete(14, 3))) == (3, 0, 0, 0, 3)
    assert quantities(lake) == {"TXN1": 9, "TXN3": 5, "TXN4": 4}
