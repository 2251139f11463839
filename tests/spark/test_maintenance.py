"""Maintenance changes how a table is stored; what readers see, and what the ledger says of it, stays."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from etl.errors import ForeignSnapshot
from etl.iceberg.current_snapshot import Head
from etl.ledger import ledger
from etl.maintenance import maintenance_run
from etl.maintenance.maintenance_run import carried_properties
from etl.maintenance.report import Report, TableReport
from etl.maintenance.table_storage import Storage
from etl.runtime.job_runs import alive_runs
from etl.storage.clients import Clients
from tests.spark.kept import MaintainedTable
from tests.spark.lake import Lake

pytestmark = pytest.mark.long

FORTNIGHT = timedelta(days=15)


@dataclass
class MaintenanceStory:
    """A table before a maintenance and after it, and what that said."""

    maintained: MaintainedTable
    head: Head
    rows: list[tuple[int, str]]
    held_objects: set[str]
    report: Report
    after: Head

    @classmethod
    def of_maintenance(cls, table: MaintainedTable, **options: Any) -> "MaintenanceStory":
        head, rows, held_objects = table.head, table.rows(), table.held_objects
        return cls(table, head, rows, held_objects, table.run_maintenance(**options), table.head)

    @property
    def done(self) -> TableReport:
        [done] = self.report.tables
        return done


@pytest.fixture
def kept(lake: Lake) -> MaintainedTable:
    return MaintainedTable(lake)


# One table's story: small files, a week later compacted, a fortnight later what that left behind is gone.


@pytest.fixture(scope="module")
def compacted(aws: Clients, spark: Any) -> MaintenanceStory:
    maintained = MaintainedTable(Lake(aws, spark))
    maintained.publish_day(files=6)
    maintained.publish_day(files=1)
    return MaintenanceStory.of_maintenance(maintained, run_id="jr_keep")


@pytest.fixture(scope="module")
def expired(compacted: MaintenanceStory) -> MaintenanceStory:
    maintained = compacted.maintained
    maintained.stage_day()
    maintained.storage.create_branch("maintain_jr_dead", str(maintained.head.snapshot))
    maintained.lake.spark.sql(f"ALTER TABLE {maintained.job_arguments.table} CREATE BRANCH people_looking")
    for name in ("data/left.parquet", "metadata/left.avro", "quarantine/data/a.parquet", "notes.txt"):
        maintained.put_file(name)
    maintained.put_file("ledger/skipped.json")
    return MaintenanceStory.of_maintenance(maintained, after=FORTNIGHT)


def test_small_files_become_one_and_readers_see_the_same(compacted: MaintenanceStory) -> None:
    assert compacted.report.state == "SUCCEEDED"
    assert compacted.done.before is not None
    assert compacted.done.after is not None
    assert (compacted.done.before.files, compacted.done.after.files, compacted.done.files_compacted) == (7, 1, 7)
    assert "7 data files to 1" in compacted.report.message
    assert len(compacted.rows) == 7
    assert compacted.maintained.rows() == compacted.rows


def test_the_new_head_says_all_that_the_head_before_it_said(compacted: MaintenanceStory) -> None:
    before, after = compacted.head.summary, compacted.after.summary
    ours = {key: value for key, value in before.items() if key.startswith("sluice.")}
    assert {ledger.POINTER, "sluice.run-id", "sluice.code"} <= set(ours)
    assert ours.items() <= after.items()
    assert after["sluice.maintained-by"] == "jr_keep"
    assert compacted.held_objects == {"trades/1.csv", "trades/2.csv"}


def test_what_compaction_replaced_stays_for_those_who_still_read_it(compacted: MaintenanceStory) -> None:
    assert compacted.done.snapshots_expired == 0


def test_a_snapshot_expires_some_days_after_another_took_its_place(expired: MaintenanceStory) -> None:
    assert expired.done.snapshots_expired == 3  # two days', and what the dead run staged
    [remaining] = expired.maintained.storage.read_metadata()["snapshots"]
    assert str(remaining["snapshot-id"]) == expired.after.snapshot == expired.head.snapshot
    assert ledger.POINTER in expired.after.summary


def test_files_that_only_expired_snapshots_had_are_deleted(expired: MaintenanceStory) -> None:
    assert len(expired.maintained.file_names("data/")) == 1
    assert expired.maintained.rows() == expired.rows


def test_orphans_go_and_what_lies_beside_the_table_stays(expired: MaintenanceStory) -> None:
    files = expired.maintained.file_names()
    assert expired.done.orphans_removed >= 2
    assert {"data/left.parquet", "metadata/left.avro"} & files == set()
    assert {"quarantine/data/a.parquet", "notes.txt", "ledger/skipped.json"} <= files


def test_what_dead_runs_left_staged_is_dropped_by_name_and_nobody_elses_branch_is(expired: MaintenanceStory) -> None:
    dead = {"maintain_jr_dead", f"run_jr_{expired.maintained.lake.number}x3"}
    assert set(expired.report.branches_dropped) == {f"{branch} of {expired.done.table}" for branch in dead}
    assert expired.maintained.branches() == {"people_looking"}


def test_ledgers_of_expired_snapshots_go_and_the_published_one_stays_whole(expired: MaintenanceStory) -> None:
    ours = expired.maintained.ledger_names()
    assert f"jr_{expired.maintained.lake.number}x2.json" in ours
    assert not any("x3" in name for name in ours)
    assert expired.report.ledger_files_removed == 6 - len(ours) > 0
    assert expired.maintained.held_objects == expired.held_objects == {"trades/1.csv", "trades/2.csv"}


def test_the_next_day_is_published_on_what_maintenance_left(expired: MaintenanceStory) -> None:
    expired.maintained.publish_day()
    assert len(expired.maintained.rows()) == 8
    assert expired.maintained.held_objects == {"trades/1.csv", "trades/2.csv", "trades/4.csv"}


# What it must not do.


def test_a_run_that_publishes_during_compaction_wins_and_nothing_is_lost(
    kept: MaintainedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.publish_day(files=6)
    compact = Storage.compact_files

    def publish_during(storage: Storage, *args: object) -> int:
        kept.publish_day()
        return compact(storage, *args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Storage, "compact_files", publish_during)
    report = kept.run_maintenance(after=FORTNIGHT)
    assert report.state == "SKIPPED"
    assert "superseded: " in report.message
    assert len(kept.rows()) == 7
    assert kept.held_objects == {"trades/1.csv", "trades/2.csv"}
    assert kept.branches() == set()


def test_a_rollback_during_compaction_is_not_undone(kept: MaintainedTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot rolled back to is an ancestor of what was compacted: a fast-forward alone would bring all back."""
    kept.publish_day(files=5)
    target = kept.head
    kept.publish_day()
    compact = Storage.compact_files

    def rolled_back(storage: Storage, *args: Any) -> int:
        kept.roll_back(target)
        return compact(storage, *args)

    monkeypatch.setattr(Storage, "compact_files", rolled_back)
    assert kept.run_maintenance().state == "SKIPPED"
    assert kept.head == target
    assert len(kept.rows()) == 5


def test_main_is_moved_only_from_where_it_was_seen(kept: MaintainedTable) -> None:
    """Between the look and the commit: the commit stands on the metadata that was looked at."""
    kept.publish_day()
    target = kept.head
    kept.publish_day()
    staged = kept.stage_day()
    iceberg = kept.storage._load_iceberg()
    change = iceberg.manageSnapshots()
    kept.roll_back(target)
    with pytest.raises(Exception, match="CommitFailedException"):
        change.fastForwardBranch("main", f"run_{staged}").commit()
    assert kept.head == target


def test_where_nothing_is_gained_nothing_is_committed_however_old_it_is(kept: MaintainedTable) -> None:
    kept.publish_day(files=4)
    young, before = kept.put_file("data/left.parquet"), kept.head
    report = kept.run_maintenance()
    assert (report.state, report.tables[0].files_compacted) == ("SUCCEEDED", 0)
    assert report.tables[0].orphans_removed == 0
    assert young in kept.file_names(), "a file that a run writes now is no orphan"
    assert kept.head == before
    assert kept.run_maintenance(after=timedelta(days=1000)).tables[0].snapshots_expired == 0
    assert kept.head == before


def test_a_head_without_a_pointer_is_refused_and_nothing_changes(kept: MaintainedTable) -> None:
    kept.publish_day(files=6)
    kept.lake.spark.sql(f"INSERT INTO {kept.job_arguments.table} VALUES (99, 'x', 'x', 'x')")
    before, files = kept.storage.read_metadata(), kept.file_names()
    with pytest.raises(ForeignSnapshot, match=r"carries no sluice\.ledger"):
        kept.run_maintenance(after=FORTNIGHT)
    assert kept.storage.read_metadata() == before
    assert kept.file_names() == files


def test_a_head_that_loses_its_pointer_meanwhile_keeps_what_a_rollback_needs(
    kept: MaintainedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.publish_day()
    worth = Storage.worth_compacting

    def insert_during(storage: Storage) -> bool:
        kept.lake.spark.sql(f"INSERT INTO {kept.job_arguments.table} VALUES (99, 'x', 'x', 'x')")
        return worth(storage)

    monkeypatch.setattr(Storage, "worth_compacting", insert_during)
    with pytest.raises(ForeignSnapshot, match="no snapshot was expired"):
        kept.run_maintenance(after=FORTNIGHT)
    assert len(kept.storage.read_metadata()["snapshots"]) == 2


def test_before_anything_was_published_there_is_nothing_to_do(kept: MaintainedTable) -> None:
    report = kept.run_maintenance()
    assert (report.state, report.tables, report.message) == ("SUCCEEDED", [], "trades: nothing is published yet")


def test_a_table_is_as_old_as_its_rows_however_often_it_was_compacted(compacted: MaintenanceStory) -> None:
    once = carried_properties(Head("1", 1000, {"sluice.run-id": "jr_1", "added-records": "7"}), "jr_a")
    assert once == {"sluice.run-id": "jr_1", "sluice.published": "1000", "sluice.maintained-by": "jr_a"}
    twice = carried_properties(Head("2", 9000, dict(once)), "jr_b")
    assert twice == {**once, "sluice.maintained-by": "jr_b"}
    assert compacted.after.published == compacted.head.published


# While a run works.


def test_while_a_run_works_the_tables_are_left_to_it_and_the_report_says_so(
    kept: MaintainedTable, publisher: str
) -> None:
    kept.publish_day(files=6)
    staged = kept.stage_day()
    before = kept.storage.read_metadata()
    report = kept.run_maintenance(after=FORTNIGHT, publisher=publisher)
    [run] = kept.lake.aws.glue.get_job_runs(JobName=publisher)["JobRuns"]
    assert report.state == "SKIPPED"
    assert f"{publisher} has {run['Id']} in progress" in report.message
    assert kept.storage.read_metadata() == before
    assert kept.branches() == {f"run_{staged}"}


def test_a_run_that_begins_while_maintenance_works_is_left_alone(
    kept: MaintainedTable, publisher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first look finds no run; compaction is done when it looks again."""
    kept.publish_day(files=6)
    looks: list[Any] = []

    def look_again(*args: Any) -> list[str]:
        looks.append(args)
        return [] if len(looks) < 3 else alive_runs(*args)

    monkeypatch.setattr(maintenance_run, "alive_runs", look_again)
    before = kept.head
    report = kept.run_maintenance(publisher=publisher)
    assert (report.state, report.tables[0].files_compacted) == ("SKIPPED", 6)
    assert kept.head == before
    assert kept.branches() == set()
