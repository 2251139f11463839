"""A load of changes: inserts, updates and deletes by their own order, within a file, across files, across runs."""

import io
import json
from functools import cached_property
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract.structure_rules import OPERATION_REMEDY
from etl.gate.change_resolution import ChangeResolver
from etl.ledger.tombstones import NewTombstones
from etl.results.verdict import Verdict
from etl.runtime.withdraw_request import WithdrawRequest
from tests.lake.loads import CHANGES, CHANGES_HEADER, trades_suites
from tests.spark.gold import GoldLake
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


def change(operation: str, sequence: int, number: int, quantity: int | str = 1, day: str = "2025-01-15") -> str:
    """Return a line of changes; a transaction's number tells its key."""
    return f"{operation},{sequence},TXN{number},CUST1,PROD1,{quantity},29.99,{day},US-EAST"


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


def test_two_changes_of_one_order_and_an_unknown_operation_fail_the_run(changes_lake: Lake) -> None:
    lake = changes_lake
    put_changes(lake, "a", change("U", 5, 1, 2), change("U", 5, 1, 3), change("I", 5, 2))
    [order] = lake.run().broken
    assert (order.rule, order.unexpected) == ("trades.structure.order", 1)
    assert str(order.samples[0]).startswith("TXN1"), order.samples
    put_changes(lake, "a", change("X", 5, 1))
    [broken] = lake.run().broken
    assert (broken.rule, broken.samples, broken.why) == ("trades.structure.cast.op", ("X",), OPERATION_REMEDY)


@pytest.mark.long
def test_what_cannot_be_put_in_order_fails_the_run_and_a_correction_undoes_what_it_did(changes_lake: Lake) -> None:
    lake = changes_lake
    run_changes(lake, "a", change("I", 1, 1), change("I", 1, 2), change("I", 1, 3))
    run_changes(lake, "b", change("U", 2, 1, 2), delete(2, 2), change("U", 9, 4))
    for lines, sample in (
        ([change("U", 5, 1, 2), change("U", 5, 1, 3)], "TXN1, 5 in trades/c.csv"),
        ([change("U", 2, 1, 3)], "TXN1, 2 in trades/c.csv and trades/b.csv"),
        ([change("U", 2, 2, 3)], "TXN2, 2 in trades/c.csv and trades/b.csv"),
        (["U,,TXN1,CUST1,PROD1,7,29.99,2025-01-15,US-EAST"], "TXN1"),
    ):
        put_changes(lake, "c", *lines)
        verdict = lake.run()
        assert [rule.rule for rule in verdict.broken] == ["trades.structure.order"], verdict.message
        [order] = verdict.broken
        assert str(order.samples[0]).startswith(sample.partition(",")[0]), order.samples
    assert quantities(lake) == {"TXN1": 2, "TXN3": 1, "TXN4": 1}
    put_changes(lake, "c", delete(7, 3))
    assert lake.run().rows_deleted == 1
    # The update, the delete and the row without an insert are gone with the object that had them.
    run_changes(lake, "b", change("U", 2, 3, 8))
    assert quantities(lake) == {"TXN1": 1, "TXN2": 1}
    run_changes(lake, "b", change("U", 8, 3, 8))
    assert quantities(lake) == {"TXN1": 1, "TXN2": 1, "TXN3": 8}


def declare_input(lake: Lake, meta: dict[str, Any], columns: dict[str, dict[str, Any]], order: str = "int") -> None:
    """Put the suites of changes again, with an input of another kind; `columns` adds to them by name."""
    suites = trades_suites(CHANGES)
    suites["input"]["meta"] |= meta
    for column in suites["input"]["meta"]["columns"]:
        column.update(columns.get(column["name"], {}))
    suites["output"]["meta"]["columns"][-1]["type"] = order
    for stage, suite in suites.items():
        lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())


def test_a_whole_file_may_lack_the_operation_and_its_rows_are_inserts(changes_lake: Lake) -> None:
    lake = changes_lake
    body = csv_bytes(change("I", 1, 1)[2:], change("I", 1, 2)[2:], header=CHANGES_HEADER[3:])
    lake.put_key("trades/full.csv", body)
    put_changes(lake, "cdc", delete(2, 2), change("U", 2, 1, 5))
    verdict = lake.run()
    assert (verdict.state, quantities(lake)) == ("SUCCEEDED", {"TXN1": 5}), verdict.message


@pytest.mark.long
def test_without_a_header_and_in_parquet_too_a_file_may_lack_the_operation(changes_lake: Lake) -> None:
    lake = changes_lake
    declare_input(lake, {"dialect": {"header": False}}, {})
    lake.put_key("trades/more.csv", f"{change('I', 1, 3)[2:]}\n".encode())
    verdict = lake.run()
    assert (verdict.state, quantities(lake)) == ("SUCCEEDED", {"TXN3": 1}), verdict.message
    table = pa.Table.from_pylist(
        [dict(zip(CHANGES_HEADER.split(",")[1:], change("I", 1, 4)[2:].split(","), strict=True))]
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    declare_input(lake, {"format": "parquet"}, {})
    lake.put_key("trades/full.parquet", stream.getvalue())
    verdict = lake.run()
    assert (verdict.state, quantities(lake)) == ("SUCCEEDED", {"TXN3": 1, "TXN4": 1}), verdict.message


def test_inserts_of_keys_that_are_nowhere_are_held_against_nothing_and_others_are(
    changes_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    windowed = Mock(wraps=ChangeResolver._windowed.func)
    looks = cached_property(windowed)
    looks.__set_name__(ChangeResolver, "_windowed")
    monkeypatch.setattr(ChangeResolver, "_windowed", looks)
    first = run_changes(changes_lake, "a", change("I", 1, 1), change("I", 1, 2))
    assert (counts(first), windowed.call_count) == ((2, 2, 0, 0, 0), 0)
    held = {rule.rule: (rule.held, rule.rows_judged) for rule in first.rules}
    assert held["trades.structure.order"] == held["trades.structure.unmatched"] == (True, 2)
    again = run_changes(changes_lake, "b", change("I", 2, 2, 7), change("I", 2, 3))
    assert (again.rows_read, quantities(changes_lake), windowed.call_count) == (2, {"TXN1": 1, "TXN2": 7, "TXN3": 1}, 1)
    put_changes(changes_lake, "c", "I,,TXN9,CUST1,PROD1,7,29.99,2025-01-15,US-EAST")
    assert [rule.rule for rule in changes_lake.run().broken] == ["trades.structure.order"]
    put_changes(changes_lake, "c", change("I", 4, 9), change("I", 4, 9, 2))
    assert [rule.rule for rule in changes_lake.run().broken] == ["trades.structure.order"]


@pytest.mark.long
def test_an_insert_of_a_key_that_was_deleted_is_held_against_its_delete(changes_lake: Lake) -> None:
    run_changes(changes_lake, "a", change("I", 1, 1), change("I", 1, 2))
    run_changes(changes_lake, "b", delete(5, 1))
    late = run_changes(changes_lake, "c", change("I", 4, 1), change("I", 4, 3))
    assert (counts(late), quantities(changes_lake)) == ((2, 1, 0, 0, 1), {"TXN2": 1, "TXN3": 1})


def test_debeziums_flattened_records_are_changes(changes_lake: Lake) -> None:
    lake = changes_lake
    sources = {"op": {"source": "__op"}, "sequence": {"source": "__source_ts_ms"}}
    declare_input(lake, {"format": "jsonl", "extra_columns": "ignore"}, sources, "bigint")
    names = CHANGES_HEADER.split(",")[2:]

    def record(operation: str | None, milliseconds: int, number: int, **values: Any) -> str:
        row = dict(zip(names, change("I", 1, number).split(",")[2:], strict=True)) | values
        further = {"__deleted": str(operation == "d").lower(), "__source_ts_ms": milliseconds}
        return json.dumps({**row, **further, **({"__op": operation} if operation else {})})

    nothing = dict.fromkeys(names[1:])
    lines = [
        record("r", 1700000000001, 1),
        record("c", 1700000000002, 2),
        record(None, 1700000000002, 3),
        record("u", 1700000000003, 1, quantity="4"),
        record("d", 1700000000004, 2, **nothing),
    ]
    lake.put_key("trades/a.jsonl", "\n".join(lines).encode())
    verdict = lake.run()
    assert (verdict.state, quantities(lake)) == ("SUCCEEDED", {"TXN1": 4, "TXN3": 1}), verdict.message
    lake.put_key("trades/b.jsonl", json.dumps({**json.loads(lines[0]), "__op": None}).encode())
    assert [rule.rule for rule in lake.run().broken] == ["trades.structure.cast.op"]


@pytest.mark.long
def test_gold_follows_deletes_and_updates_and_rebuilds_no_other_day(changes_lake: Lake) -> None:
    lake, gold = changes_lake, GoldLake.from_lake(changes_lake)
    gold.insert_goods(PROD1="tea")
    days = {number: f"2025-01-{number:02}" for number in (11, 12, 13, 14)}
    run_changes(lake, "a", *(change("I", 1, number, 1, day) for number, day in days.items()))
    assert gold.run().rows_published == 4
    run_changes(lake, "b", delete(2, 11), change("U", 2, 12, 5, days[12]), change("U", 0, 13, 9, days[13]))
    verdict = gold.run()
    assert sorted(day.key for day in verdict.objects) == [days[11], days[12]], verdict.message
    assert gold.rows() == gold.rebuild_from_scratch()
    assert [(str(row[1]), row[4]) for row in gold.rows()] == [(days[12], 5), (days[13], 1), (days[14], 1)]


@pytest.mark.long
def test_a_run_that_died_after_its_commit_and_a_rollback_leave_the_deletes_that_count(
    changes_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changes_lake
    run_changes(lake, "a", change("I", 1, 1), change("I", 1, 2))
    with monkeypatch.context() as dying:
        dying.setattr(NewTombstones, "settle", lambda *_: (_ for _ in ()).throw(OSError))
        deleted = run_changes(lake, "b", delete(5, 1))
    late = run_changes(lake, "c", change("U", 4, 1, 4), delete(5, 2))
    assert (late.rows_late, quantities(lake)) == (1, {})
    assert ["moved main of" in remain for remain in late.remains] == [True]
    table = lake.job_arguments().table
    lake.spark.sql(f"CALL lake.system.set_current_snapshot('{table}', {deleted.snapshot_after})").collect()
    lake.put_key("trades/c.csv", csv_bytes(change("U", 4, 2, 7), change("U", 4, 1, 7), header=CHANGES_HEADER))
    again = lake.run()
    assert (again.rows_late, quantities(lake)) == (1, {"TXN2": 7}), again.message
    # Taken back with its object, a delete counts no longer, and the row that it had won over is read again.
    run_changes(lake, "b", change("U", 0, 1, 1))
    assert quantities(lake) == {"TXN1": 7, "TXN2": 7}


@pytest.mark.long
def test_a_withdrawn_file_keeps_no_late_change_out(changes_lake: Lake) -> None:
    run_changes(changes_lake, "wrong", delete(5, 1), change("I", 6, 2))
    verdict = changes_lake.run(withdraw=WithdrawRequest("trades/wrong.csv", why="in error", who="the test"))
    assert verdict.state == "SUCCEEDED", verdict.message
    run_changes(changes_lake, "right", change("I", 4, 1, quantity=3))
    assert quantities(changes_lake) == {"TXN1": 3}
