"""A snapshot: a file is the whole table. Only what differs is written, and what the copy lacks leaves, within bounds."""

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.iceberg.current_snapshot import list_branches, read_head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.results.verdict import Verdict
from tests.lake.loads import FOLDERS, SNAPSHOT
from tests.spark.gold import GoldLake
from tests.spark.lake import HEADER, Lake, csv_bytes
from tests.spark.test_keys import declare_key
from tests.spark.test_once import declare_meta, held_objects, table_name, transaction_ids
from tests.spark.test_quarantine import make_warning, sale_line


@pytest.fixture
def copies(lake: Lake) -> Lake:
    """A lake whose trades are a snapshot: at most half of the rows may leave at once."""
    declare_meta(lake, "output", load=SNAPSHOT)
    return lake


def current_ledger(lake: Lake) -> Ledger:
    return ledger.read_ledger(lake.aws.s3, read_head(lake.aws.glue, lake.aws.s3, table_name(lake)))


def rows_of(verdict: Verdict) -> dict[str, int]:
    """Return the counts of a run; each row that was read is one of the first four."""
    names = ("published", "quarantined", "replaced", "unchanged", "gone", "kept")
    counts = {name: getattr(verdict, f"rows_{name}") for name in names}
    assert verdict.rows_read == sum(counts[name] for name in names[:4])
    return {name: count for name, count in counts.items() if count}


def rows_by_object(lake: Lake) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for row in lake.rows():
        rows.setdefault(row["_object"], []).append(f"{row['transaction_id']}x{row['quantity']}")
    return rows


def changes_of(lake: Lake, verdict: Verdict) -> list[tuple[str, str]]:
    """Return what Iceberg's changelog says of a run, as datasets that are built from the table read it."""
    reader = lake.spark.read.option("start-snapshot-id", str(verdict.snapshot_before))
    changes = reader.option("end-snapshot-id", str(verdict.snapshot_after)).table(f"{table_name(lake)}.changes")
    rows = changes.groupBy("_change_type", "transaction_id", "quantity", "_object").count().collect()
    counts = {
        (row["_change_type"], row["transaction_id"], row["quantity"], row["_object"]): row["count"] for row in rows
    }
    net = [
        (kind, name)
        for (kind, name, *others), count in counts.items()
        for opposite in ["DELETE" if kind == "INSERT" else "INSERT"]
        if count > counts.get((opposite, name, *others), 0)
    ]
    return sorted(net)


def test_of_a_copy_only_what_differs_is_written(copies: Lake) -> None:
    copies.put_files(a__csv=csv_bytes(*map(sale_line, range(1, 6))))
    assert rows_of(copies.run()) == {"published": 5}
    copies.put_files(
        b__csv=csv_bytes(sale_line(1), sale_line(2, quantity="7"), sale_line(3), sale_line(5), sale_line(6))
    )
    verdict = copies.run()
    assert rows_of(verdict) == {"published": 2, "unchanged": 3, "gone": 1}, verdict.message
    assert "2 rows published from 1 object, 3 unchanged, 1 gone" in verdict.message
    assert rows_by_object(copies) == {
        "trades/a.csv": ["TXN1x1", "TXN3x1", "TXN5x1"],
        "trades/b.csv": ["TXN2x7", "TXN6x1"],
    }
    assert changes_of(copies, verdict) == [
        ("DELETE", "TXN2"),
        ("DELETE", "TXN4"),
        ("INSERT", "TXN2"),
        ("INSERT", "TXN6"),
    ]
    [gone] = [result for result in verdict.rules if result.rule == "trades.structure.gone"]
    assert (gone.held, gone.rows_judged) == (True, 5)
    assert list_branches(copies.aws.glue, copies.aws.s3, table_name(copies)) == []
    # The same rows in another copy: the ledger moves, and no row.
    copies.put_files(c__csv=csv_bytes(*map(sale_line, (6, 5, 3, 1)), sale_line(2, quantity="7")))
    same = copies.run()
    assert (rows_of(same), changes_of(copies, same)) == ({"unchanged": 5}, []), same.message
    assert (copies.run().nothing_unread, current_ledger(copies).copy.name) == (True, "trades/c.csv")  # pyright: ignore[reportOptionalMemberAccess]
    # The table's own copy is read again, and nothing else is.
    assert rows_of(copies.run(rerun=("trades/c.csv",))) == {"unchanged": 5}
    refused = copies.run(rerun=("trades/b.csv",))
    assert (refused.state, "put it under a new key" in refused.message) == ("FAILED", True), refused.message


def test_a_copy_that_lacks_most_rows_is_refused(copies: Lake) -> None:
    copies.put_files(a__csv=csv_bytes(*map(sale_line, range(1, 9))))
    copies.run()
    copies.put_files(b__csv=csv_bytes(*map(sale_line, range(1, 4))))
    verdict = copies.run()
    [gone] = verdict.broken
    assert (gone.rule, gone.unexpected, gone.rows_judged) == ("trades.structure.gone", 5, 8)
    assert gone.samples[0] == "5 of 8 rows would leave, allowed are 50%"
    assert {*gone.samples[1:]} <= {f"TXN{number}" for number in range(4, 9)}
    assert (len(copies.rows()), verdict.rows_gone) == (8, 0)
    assert list_branches(copies.aws.glue, copies.aws.s3, table_name(copies)) == []
    copies.put_files(b__csv=csv_bytes(*map(sale_line, range(1, 5))))
    assert rows_of(copies.run()) == {"unchanged": 4, "gone": 4}
    assert transaction_ids(copies) == ["TXN1", "TXN2", "TXN3", "TXN4"]


@pytest.mark.long
def test_an_empty_copy_and_one_with_a_key_twice_are_refused(copies: Lake) -> None:
    copies.put_files(a__csv=csv_bytes(*map(sale_line, range(1, 9))))
    copies.run()
    for bad, rule in (
        (csv_bytes(), "structure.rows"),
        (csv_bytes(*[sale_line(1)] * 2, *map(sale_line, range(2, 9))), "unique"),
    ):
        copies.put_files(b__csv=bad)
        assert any(rule in result.rule for result in copies.run().broken)
    assert len(copies.rows()) == 8


def test_older_copies_are_recorded_and_never_read(copies: Lake) -> None:
    copies.put_files(a__csv=b"nonsense", b__csv=csv_bytes(sale_line(1), sale_line(2)))
    verdict = copies.run()
    assert (rows_of(verdict), [entry.key for entry in verdict.superseded]) == ({"published": 2}, ["trades/a.csv"])
    assert (
        "1 object of older copies recorded and not read, since trades/b.csv is newer: trades/a.csv" in verdict.message
    )
    copies.put_files(a__csv=csv_bytes(sale_line(9)))
    corrected = copies.run()
    assert (corrected.nothing_unread, [entry.key for entry in corrected.superseded]) == (True, ["trades/a.csv"])
    assert copies.run().superseded == []
    # What lies under one key each day is a new copy each day.
    copies.put_files(a__csv=csv_bytes(sale_line(8)), b__csv=csv_bytes(sale_line(2), sale_line(3)))
    again = copies.run()
    assert (rows_of(again), [entry.key for entry in again.superseded]) == (
        {"published": 1, "unchanged": 1, "gone": 1},
        ["trades/a.csv"],
    ), again.message
    assert transaction_ids(copies) == ["TXN2", "TXN3"]


def test_a_row_that_is_set_aside_keeps_its_predecessor(copies: Lake) -> None:
    make_warning(copies, "input", "trades.region.known")
    declare_meta(copies, "input", structure={"cast": "warning"})
    copies.put_files(a__csv=csv_bytes(*map(sale_line, range(1, 5))))
    copies.run()
    copies.put_files(b__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS"), sale_line(3, quantity="2")))
    first = copies.run()
    assert rows_of(first) == {"published": 1, "quarantined": 1, "unchanged": 1, "gone": 1}, first.message
    assert rows_by_object(copies) == {"trades/a.csv": ["TXN1x1", "TXN2x1"], "trades/b.csv": ["TXN3x2"]}


@pytest.mark.long
def test_of_a_line_that_is_not_read_nobody_can_tell_the_key_so_nothing_leaves(copies: Lake) -> None:
    make_warning(copies, "input", "trades.region.known")
    declare_meta(copies, "input", structure={"cast": "warning"})
    copies.put_files(a__csv=csv_bytes(*map(sale_line, range(1, 3))))
    copies.run()
    copies.put_files(b__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS"), sale_line(3, quantity="2")))
    first = copies.run()
    copies.put_files(
        c__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS", quantity="3"), sale_line(9, quantity="many"))
    )
    unread = copies.run()
    assert rows_of(unread) == {"quarantined": 2, "unchanged": 1, "kept": 2}, unread.message
    assert "2 that the copy lacks stay" in unread.message
    refused = copies.run(replay=first.run_id)
    assert (refused.state, unread.run_id in refused.message) == ("FAILED", True), refused.message
    for stage in ("input", "output"):
        rule = "trades.region.known" if stage == "input" else "trades.region.published"
        make_warning(copies, stage, rule, value_set=["US-EAST", "MARS"])
    replayed = copies.run(replay=unread.run_id)
    assert rows_of(replayed) == {"published": 1, "quarantined": 1}, replayed.message
    assert rows_by_object(copies) == {
        "trades/a.csv": ["TXN1x1"],
        "trades/b.csv": ["TXN3x2"],
        "trades/c.csv": ["TXN2x3"],
    }


@pytest.mark.long
def test_a_run_that_dies_leaves_two_branches_that_the_next_drops(copies: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    copies.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)))
    copies.run()
    copies.put_files(b__csv=csv_bytes(sale_line(2), sale_line(3)))

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Table, "publish", die)
        dying.setattr(Table, "drop_branch", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            copies.run(run_id="jr_dead")
    names = ["run_difference_jr_dead", "run_jr_dead"]
    assert list_branches(copies.aws.glue, copies.aws.s3, table_name(copies)) == names
    assert transaction_ids(copies) == ["TXN1", "TXN2"]
    verdict = copies.run()
    assert [action.split()[1] for action in verdict.remains] == names
    assert (rows_of(verdict), transaction_ids(copies)) == (
        {"published": 1, "unchanged": 1, "gone": 1},
        ["TXN2", "TXN3"],
    )
    assert list_branches(copies.aws.glue, copies.aws.s3, table_name(copies)) == []


@pytest.fixture
def folders(lake: Lake) -> Lake:
    """A lake whose trades are a snapshot in folders."""
    declare_meta(lake, "output", load=FOLDERS)
    return lake


def csv_parts() -> tuple[bytes, bytes]:
    return csv_bytes(), csv_bytes(sale_line(1))


def jsonl_parts() -> tuple[bytes, bytes]:
    return b"", json.dumps(dict(zip(HEADER.split(","), sale_line(1).split(","), strict=True))).encode()


def parquet_parts() -> tuple[bytes, bytes]:
    table: Any = pa.Table.from_pylist([dict(zip(HEADER.split(","), sale_line(1).split(","), strict=True))])
    bodies: list[bytes] = []
    for part in (table.slice(0, 0), table):
        stream = io.BytesIO()
        pq.write_table(part, stream)
        bodies.append(stream.getvalue())
    return bodies[0], bodies[1]


EMPTY_AND_FULL: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "csv": csv_parts,
    "jsonl": jsonl_parts,
    "parquet": parquet_parts,
}


def put_folder(lake: Lake, folder: str, files: dict[str, bytes], marker: bool = True) -> None:
    """Put files into a folder, and then its `_SUCCESS`."""
    for name, body in files.items():
        lake.put_key(f"trades/{folder}/{name}.csv", body)
    if marker:
        lake.put_key(f"trades/{folder}/_SUCCESS", b"")


def test_a_folder_is_one_copy_once_its_marker_is_there(folders: Lake) -> None:
    put_folder(folders, "d1", {"a": csv_bytes(sale_line(1)), "x=1/b": csv_bytes(sale_line(2))})
    put_folder(folders, "d2", {"a": csv_bytes(sale_line(1))}, marker=False)
    first = folders.run()
    assert rows_of(first) == {"published": 2}, first.message
    [waiting] = first.waiting
    assert (waiting.keys, waiting.awaited) == (("trades/d2/a.csv",), "a manifest _SUCCESS")
    assert current_ledger(folders).copy.name == "trades/d1/"  # pyright: ignore[reportOptionalMemberAccess]
    put_folder(folders, "d2", {"b": csv_bytes(sale_line(3))})
    put_folder(folders, "d1", {"c": csv_bytes(sale_line(9))})  # too late: a newer folder is there
    second = folders.run()
    assert rows_of(second) == {"published": 1, "unchanged": 1, "gone": 1}, second.message
    assert [entry.key for entry in second.superseded] == ["trades/d1/c.csv"]
    assert transaction_ids(folders) == ["TXN1", "TXN3"]


@pytest.mark.long
def test_one_file_more_or_another_is_a_new_copy_of_the_whole_folder(folders: Lake) -> None:
    put_folder(folders, "d2", {"a": csv_bytes(sale_line(1)), "b": csv_bytes(sale_line(3))})
    folders.run()
    put_folder(folders, "d2", {"b": csv_bytes(sale_line(4))})
    third = folders.run()
    assert rows_of(third) == {"published": 1, "unchanged": 1, "gone": 1}, third.message
    assert ([entry.key for entry in third.objects], transaction_ids(folders)) == (
        ["trades/d2/a.csv", "trades/d2/b.csv"],
        ["TXN1", "TXN4"],
    )
    assert rows_of(folders.run(rerun=("trades/d2/a.csv",))) == {"unchanged": 2}
    assert folders.run().nothing_unread


@pytest.mark.parametrize("kind", [pytest.param("csv", marks=pytest.mark.long), "jsonl", "parquet"])
def test_a_part_without_a_row_is_none_of_a_folders_faults_and_a_folder_without_one_is(folders: Lake, kind: str) -> None:
    empty, part = EMPTY_AND_FULL[kind]()
    declare_meta(folders, "input", format=kind)
    for folder, parts in (("d1", (empty, part)), ("d2", (empty, empty))):
        for number, body in enumerate(parts):
            folders.put_key(f"trades/{folder}/p{number}.{kind}", body)
        folders.put_key(f"trades/{folder}/_SUCCESS", b"")
        verdict = folders.run()
        if folder == "d1":
            assert (rows_of(verdict), verdict.state) == ({"published": 1}, "SUCCEEDED"), verdict.message
            assert set(held_objects(folders)) == {f"trades/d1/p0.{kind}", f"trades/d1/p1.{kind}"}
            assert folders.run().nothing_unread
    rule = "trades.structure.empty" if kind == "jsonl" else "trades.structure.rows"
    assert (verdict.broken[0].rule, verdict.broken[0].unexpected) == (rule, 2), verdict.message
    assert transaction_ids(folders) == ["TXN1"]


@pytest.mark.long
def test_what_is_built_from_a_snapshot_rebuilds_only_days_whose_rows_came_changed_or_left(copies: Lake) -> None:
    gold = GoldLake.from_lake(copies)
    gold.insert_goods(PROD1="tea")
    days = {number: sale_line(number, day=f"2025-01-{number:02}") for number in range(1, 7)}
    copies.put_files(a__csv=csv_bytes(*days.values()))
    copies.run()
    assert len(gold.run().objects) == 6
    changed = {**days, 2: sale_line(2, day="2025-01-02", quantity="3"), 7: sale_line(7, day="2025-01-07")}
    del changed[4]
    copies.put_files(b__csv=csv_bytes(*changed.values()))
    assert rows_of(copies.run()) == {"published": 2, "unchanged": 4, "gone": 1}
    verdict = gold.run()
    assert [entry.key for entry in verdict.objects] == ["2025-01-02", "2025-01-04", "2025-01-07"], verdict.message
    assert gold.rows() == gold.rebuild_from_scratch()
    copies.put_files(c__csv=csv_bytes(*changed.values()))
    assert rows_of(copies.run()) == {"unchanged": 6}
    assert gold.run().nothing_unread


@pytest.mark.long
def test_of_two_runs_at_once_one_publishes_and_the_other_finds_it_done(
    copies: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)))
    copies.run()
    copies.put_files(b__csv=csv_bytes(sale_line(2), sale_line(3)))
    publish, others = Table.publish, list[Verdict]()

    def publish_late(table: Table, *order: Any) -> None:
        monkeypatch.setattr(Table, "publish", publish)
        others.append(copies.run())
        publish(table, *order)

    monkeypatch.setattr(Table, "publish", publish_late)
    verdict = copies.run()
    assert rows_of(others[0]) == {"published": 1, "unchanged": 1, "gone": 1}, others[0].message
    assert (verdict.attempts, verdict.nothing_unread, rows_of(verdict)) == (2, True, {}), verdict.message
    assert transaction_ids(copies) == ["TXN2", "TXN3"]
    assert list_branches(copies.aws.glue, copies.aws.s3, table_name(copies)) == []


@pytest.mark.long
def test_a_changed_key_has_all_rows_written_anew_and_proven(copies: Lake) -> None:
    declare_key(copies, "transaction_id", "region")
    copies.put_files(a__csv=csv_bytes(*map(sale_line, range(1, 4))))
    copies.run()
    declare_key(copies, "transaction_id")
    copies.put_files(b__csv=csv_bytes(*map(sale_line, range(2, 5))))
    verdict = copies.run()
    assert rows_of(verdict) == {"published": 3, "gone": 1}, verdict.message
    assert [result.held for result in verdict.rules if result.rule == "trades.structure.key"] == [True]
    assert rows_by_object(copies) == {"trades/b.csv": ["TXN2x1", "TXN3x1", "TXN4x1"]}
    copies.put_files(c__csv=csv_bytes(*map(sale_line, range(2, 5))))
    assert rows_of(copies.run()) == {"unchanged": 3}
