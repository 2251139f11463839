"""Ledgers and quarantine move out of the published table's location, and nothing is lost, doubled or half seen on the way."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from etl.contract.layout import DatasetLocations
from etl.iceberg.current_snapshot import read_head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.skip_list import Skip
from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import Report
from etl.maintenance.table_storage import Storage
from etl.results.verdict import Verdict
from etl.storage.clients import Clients
from etl.storage.raw_objects import list_latest
from tests.lake import former
from tests.spark.lake import Lake, csv_bytes
from tests.spark.readers import QUERIES, query_lake
from tests.spark.test_quarantine import make_warning, sale_line
from tests.spark.test_replay import put_mended_rows, quarantined_rows, transaction_ids


@dataclass
class MovedLake:
    """A lake of trades whose first days were published by an earlier version."""

    lake: Lake

    @property
    def places(self) -> DatasetLocations:
        return self.lake.job_arguments().places

    @property
    def table(self) -> Table:
        order = self.lake.job_arguments()
        return Table(self.lake.spark, order.table, order.location)

    @property
    def pointer(self) -> str:
        order = self.lake.job_arguments()
        return read_head(self.lake.aws.glue, self.lake.aws.s3, order.table).summary[ledger.POINTER]

    def run(self, **changes: Any) -> Verdict:
        verdict = self.lake.run(**changes)
        assert verdict.state == "SUCCEEDED", verdict.message
        return verdict

    def run_maintenance(self, after: timedelta = timedelta(0)) -> Report:
        order = self.lake.job_arguments()
        shared = {name: getattr(order, name) for name in ("dataset", "table", "location", "verdicts", "run_id")}
        maintenance_order = MaintenanceArguments(
            publisher="nobody", snapshot_days=14, quarantine_days=0, job="keep", **shared
        )
        report = Report(order.dataset, order.run_id, order.job, "now")
        upkeep = Maintenance(maintenance_order, self.lake.aws, report, lambda: self.lake.spark)
        replace(upkeep, now=upkeep.now + after).run()
        return report

    @property
    def storage(self) -> Storage:
        quarantine = Quarantine.for_table(self.table)
        return Storage(quarantine.table, quarantine.former_location)

    def folders_below(self) -> set[str]:
        """Return the folders below the published table's location that have objects."""
        prefix = f"parquet/{self.lake.dataset}/"
        return {
            key.removeprefix(prefix).split("/")[0] for key in former.list_keys(self.lake.aws.s3, self.places.published)
        }


@pytest.fixture(scope="module")
def moving(aws: Clients, spark: Any) -> MovedLake:
    """A lake whose first day an earlier version published, two rows of it aside; an operator of then skipped an object."""
    lake = Lake(aws, spark)
    make_warning(lake, "input", "trades.region.known")
    with former.former_layout():
        lake.put_files(
            a__csv=csv_bytes(sale_line(1)),
            b__csv=csv_bytes(sale_line(2)),
            c__csv=csv_bytes(sale_line(3, region="MARS"), sale_line(4, region="VENUS")),
        )
        assert lake.run().rows_quarantined == 2
    lake.put_files(poison__csv=csv_bytes(sale_line(6)))
    [poison] = [
        version for version in list_latest(aws.s3, lake.job_arguments().raw) if version.key == "trades/poison.csv"
    ]
    former.write_former_skips(
        aws.s3, lake.job_arguments().location, Skip(poison.key, poison.version, "broken", "ada", "now")
    )
    return MovedLake(lake)


@dataclass
class FirstRun:
    """The first run of this version: what lay below the table before it, its verdict, and the ledger that it left."""

    below: set[str]
    verdict: Verdict
    pointer: str


@pytest.fixture(scope="module")
def first(moving: MovedLake) -> FirstRun:
    below = moving.folders_below()
    moving.lake.put_files(d__csv=csv_bytes(sale_line(5), sale_line(8, region="MARS")))
    return FirstRun(below, moving.run(), moving.pointer)


@pytest.mark.long
def test_the_first_run_takes_over_what_was_held_and_skipped_and_writes_a_whole_ledger(
    moving: MovedLake, first: FirstRun
) -> None:
    assert first.below == {"data", "metadata", "quarantine", "ledger"}  # as the versions before wrote it
    assert [source.key for source in first.verdict.skipped] == ["trades/poison.csv"]
    assert [source.key for source in first.verdict.objects] == ["trades/d.csv"]
    assert transaction_ids(moving.lake) == ["TXN1", "TXN2", "TXN5"]
    run = f"ledger/trades/{first.verdict.run_id}"
    assert first.pointer == f"s3://{moving.lake.bucket}/{run}.json"
    assert former.list_keys(moving.lake.aws.s3, moving.places.ledgers) == {
        f"{run}.json",
        f"{run}.segments",
        "ledger/trades/skipped.json",
    }


def test_what_was_aside_and_what_is_stand_in_one_quarantine_whose_new_files_lie_apart(
    moving: MovedLake, first: FirstRun
) -> None:
    assert [row["source"]["transaction_id"] for row in quarantined_rows(moving.lake)] == ["TXN3", "TXN4", "TXN8"]
    new = former.list_keys(moving.lake.aws.s3, moving.places.quarantine)
    assert {key.split("/")[2] for key in new} == {"data", "metadata"}
    counts = {(row["run"], row["row_count"]) for row in query_lake(moving.lake, QUERIES["trades-aside"])}
    assert (first.verdict.run_id, 1) in counts
    assert sum(count for _, count in counts) == 3


# Others' housekeeping, after ours moved the quarantine: the longer rest.


@pytest.fixture(scope="module")
def moved(moving: MovedLake, first: FirstRun) -> Report:
    return moving.run_maintenance()


@pytest.mark.long
def test_maintenance_rewrites_the_quarantine_so_that_its_head_needs_nothing_below_the_table(
    moving: MovedLake, first: FirstRun, moved: Report
) -> None:
    [_, done] = moved.tables
    assert (done.moved, done.files_compacted) == (True, 2)
    assert "moved out of the published table's location" in moved.message
    assert not moving.storage.is_behind()
    assert len(quarantined_rows(moving.lake)) == 3
    assert not moving.run_maintenance().tables[1].moved, "it moves once"


@pytest.fixture(scope="module")
def swept(moving: MovedLake, moved: Report) -> set[str]:
    """What Iceberg's stock action removed below the published table, a fortnight of maintenance later."""
    moving.run_maintenance(after=timedelta(days=15))
    return former.remove_orphans(moving.table)


@pytest.mark.long
def test_after_a_fortnight_only_the_tables_own_files_lie_below_it(moving: MovedLake, swept: set[str]) -> None:
    assert {uri.split("/parquet/trades/")[1].split("/")[0] for uri in swept} == {"quarantine", "ledger"}
    assert all(uri.endswith((".metadata.json", "skipped.json")) for uri in swept)  # nobody needs these any more
    assert moving.folders_below() == {"data", "metadata"}


@pytest.mark.long
def test_others_housekeeping_is_survived(moving: MovedLake, first: FirstRun, swept: set[str]) -> None:
    lake = moving.lake
    former.remove_orphans(moving.table)
    lake.put_files(e__csv=csv_bytes(sale_line(9), sale_line(10, region="VENUS")))
    verdict = moving.run()
    assert [source.key for source in verdict.skipped] == ["trades/poison.csv"]
    former.remove_orphans(moving.table)
    run = first.verdict.run_id
    [row] = [row for row in quarantined_rows(lake) if row["_run_id"] == run]
    mended = put_mended_rows(lake, (row["row"], {**row["source"], "region": "EU-WEST"}))
    assert moving.run(replay=run, mended=mended).rows_published == 1
    former.remove_orphans(moving.table)
    assert moving.run().nothing_unread
    assert transaction_ids(lake) == ["TXN1", "TXN2", "TXN5", "TXN8", "TXN9"]
    assert [row["source"]["transaction_id"] for row in quarantined_rows(lake)] == ["TXN10", "TXN3", "TXN4"]


@pytest.mark.long
def test_another_dataset_whose_name_begins_alike_is_spared(moving: MovedLake, swept: set[str]) -> None:
    key = "parquet/trades_daily/data/a.parquet"
    moving.lake.put_key(key, b"x")
    former.remove_orphans(moving.table)
    assert moving.lake.aws.s3.head_object(Bucket=moving.lake.bucket, Key=key)["ContentLength"] == 1


@pytest.mark.long
def test_a_quarantine_whose_rows_are_all_swept_moves_too(lake: Lake) -> None:
    moving = MovedLake(lake)
    make_warning(lake, "input", "trades.region.known")
    with former.former_layout():
        lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS")))
        lake.run()
    lake.spark.sql(f"DELETE FROM {lake.job_arguments().table}_quarantine")
    lake.put_files(b__csv=csv_bytes(sale_line(3)))
    moving.run()  # its ledger is the first that lies beside the table
    assert moving.storage.is_behind()
    report = moving.run_maintenance()
    assert report.state == "SUCCEEDED", report.message
    assert not moving.storage.is_behind()
    moving.run_maintenance(after=timedelta(days=15))
    former.remove_orphans(moving.table)
    lake.put_files(c__csv=csv_bytes(sale_line(4), sale_line(5, region="MARS")))
    moving.run()
    assert [row["source"]["transaction_id"] for row in quarantined_rows(lake)] == ["TXN5"]
