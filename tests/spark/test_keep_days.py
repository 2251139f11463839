"""Rows leave by their age: maintenance removes them, no run brings them back, and what was built of them stays.

One story of trades that stay 30 days, told in order: each test stands on the one before.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from etl.iceberg.current_snapshot import Head, read_head
from etl.iceberg.kept_rows import EXPIRED_ROWS, KeptRows
from etl.ledger import ledger
from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import Report, TableReport
from etl.storage.clients import Clients
from tests.lake.loads import SNAPSHOT
from tests.spark.gold import GoldLake
from tests.spark.lake import Lake, csv_bytes

APRIL = datetime(2025, 4, 9, tzinfo=UTC)
"""The maintenance's time: what is of before 10 March is more than 30 days old."""
SALE = "CUST100,PROD1,2,10.00"
OLD, FEBRUARY, EARLY_MARCH, MARCH, APRIL_SALE = (
    f"TXN00{number},{SALE},{day},US-EAST"
    for number, day in enumerate(("2025-01-15", "2025-02-20", "2025-03-05", "2025-03-20", "2025-04-01"))
)


def edit_contract(lake: Lake, stage: str = "output", **changes: Any) -> None:
    """Change the meta of a contract where its job reads it."""
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"] |= changes
    lake.put_key(key, json.dumps(suite).encode())


def maintain(lake: Lake, now: datetime = APRIL, **changes: Any) -> tuple[Report, TableReport]:
    """Maintain a lake's table; return the report, and what it says of the table."""
    order = lake.job_arguments()
    shared = {name: getattr(order, name) for name in ("dataset", "table", "location", "verdicts", "run_id")}
    arguments = MaintenanceArguments(
        **{"publisher": "nobody", "snapshot_days": 4000, "quarantine_days": 0, "job": "keep", **shared},
        **{"keep_by": "transaction_date", "keep_days": 30},
    )
    report = Report(order.dataset, order.run_id, order.job, "now")
    Maintenance(replace(arguments, **changes), lake.aws, report, lambda: lake.spark, now).run()
    return report, report.tables[0]


def head_of(lake: Lake) -> Head:
    return read_head(lake.aws.glue, lake.aws.s3, lake.job_arguments().table)


def ids_of(lake: Lake) -> list[str]:
    return [row["transaction_id"] for row in lake.rows()]


def held_objects(lake: Lake) -> set[str]:
    return set(ledger.read_ledger(lake.aws.s3, head_of(lake)).held.all_objects())


@pytest.fixture(scope="module")
def gold(aws: Clients, spark: Any) -> GoldLake:
    """Return trades that stay 30 days, the newest of a key counting, and what is built of them by day."""
    gold = GoldLake.from_lake(Lake(aws, spark))
    gold.insert_goods(PROD1="tea")
    edit_contract(gold.trades, on_conflict="replace", keep_days={"column": "transaction_date", "days": 30})
    gold.trades.put_files(first__csv=csv_bytes(OLD, FEBRUARY, EARLY_MARCH), second__csv=csv_bytes(MARCH, APRIL_SALE))
    assert gold.trades.run().rows_published == 5
    assert gold.run().rows_published == 5
    return gold


@pytest.mark.story
def test_maintenance_removes_what_is_too_old_in_one_commit(gold: GoldLake) -> None:
    before, held = head_of(gold.trades), held_objects(gold.trades)
    report, done = maintain(gold.trades)
    assert (report.state, done.rows_expired, done.kept_from) == ("SUCCEEDED", 3, "2025-03-10")
    assert "3 rows older than 2025-03-10 removed" in report.message
    assert ids_of(gold.trades) == ["TXN003", "TXN004"]
    after = head_of(gold.trades)
    assert KeptRows.from_summary(after.summary) == KeptRows("transaction_date", datetime(2025, 3, 10).date())
    ours = {name: value for name, value in before.summary.items() if name.startswith("sluice.")}
    assert ours.items() <= after.summary.items()
    assert after.published == before.published
    assert EXPIRED_ROWS not in after.summary, "a head after it that carries it on would be no change either"
    assert held_objects(gold.trades) == held
    log = gold.run_sql("SELECT snapshot_id FROM TRADES.history ORDER BY made_current_at")
    assert [str(row[0]) for row in log][-2:] == [before.snapshot, after.snapshot]


@pytest.mark.story
def test_whole_partitions_go_without_a_file_being_read(gold: GoldLake) -> None:
    """January's and February's go by metadata alone; of March's one file, two rows are written anew as one."""
    first, second = gold.run_sql(
        f"SELECT operation, summary FROM TRADES.snapshots WHERE summary['{EXPIRED_ROWS}'] IS NOT NULL ORDER BY committed_at"
    )
    assert (first[0], first[1]["deleted-records"], first[1].get("added-records")) == ("delete", "2", None)
    assert (second[0], second[1]["deleted-records"], second[1]["added-records"]) == ("overwrite", "2", "1")


@pytest.mark.story
def test_a_second_maintenance_of_that_day_changes_nothing(gold: GoldLake) -> None:
    before = head_of(gold.trades)
    _, done = maintain(gold.trades)
    assert (done.rows_expired, done.kept_from) == (0, "2025-03-10")
    assert head_of(gold.trades) == before


@pytest.mark.story
def test_what_was_built_of_them_takes_no_change_from_it(gold: GoldLake) -> None:
    verdict = gold.without_spark()
    assert (verdict.nothing_unread, verdict.message) == (True, "trades_daily: nothing changed in trades, goods")


@pytest.mark.story
def test_no_rerun_brings_them_back_and_they_are_counted(gold: GoldLake) -> None:
    verdict = gold.trades.run(rerun=("trades/first.csv", "trades/second.csv"))
    counts = (verdict.rows_read, verdict.rows_published, verdict.rows_expired, verdict.rows_quarantined)
    assert counts == (5, 2, 3, 0), verdict.message
    assert ", 3 left out that are older than 2025-03-10" in verdict.message
    assert ids_of(gold.trades) == ["TXN003", "TXN004"]
    assert KeptRows.from_summary(head_of(gold.trades).summary)


@pytest.mark.story
def test_an_object_with_nothing_but_old_rows_is_held_and_publishes_none(gold: GoldLake) -> None:
    gold.trades.put_files(late__csv=csv_bytes(f"TXN009,{SALE},2025-03-09,US-EAST"))
    verdict = gold.trades.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_expired) == ("SUCCEEDED", 0, 1), verdict.message
    assert "trades/late.csv" in held_objects(gold.trades)
    assert gold.trades.run().nothing_unread


@pytest.mark.long
def test_a_newer_row_that_is_too_old_takes_the_place_of_its_key_all_the_same(gold: GoldLake) -> None:
    gold.trades.put_files(moved__csv=csv_bytes(APRIL_SALE.replace("2025-04-01", "2025-01-02")))
    verdict = gold.trades.run()
    assert (verdict.rows_published, verdict.rows_expired) == (0, 1), verdict.message
    assert ids_of(gold.trades) == ["TXN003"]
    verdict = gold.run()
    assert [entry.key for entry in verdict.objects] == ["2025-04-01"], verdict.message
    assert [str(row[1]) for row in gold.rows()] == ["2025-01-15", "2025-02-20", "2025-03-05", "2025-03-20"]


@pytest.mark.long
def test_a_whole_rebuild_leaves_the_days_of_which_rows_are_gone(gold: GoldLake) -> None:
    edit_contract(gold.daily, "input", version="1.1.0")
    before = gold.rows()
    verdict = gold.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert verdict.rebuilt == [
        "all 1 day from 2025-03-10 on, before which rows are no longer kept: its contracts were input 1.0.0, output 1.0.0"
    ]
    assert (verdict.rows_published, gold.rows()) == (1, before)
    assert "2025-01-15" in held_objects(gold.daily)


@pytest.mark.story
def test_a_day_of_which_no_row_is_left_is_not_built_again(gold: GoldLake) -> None:
    verdict = gold.run(rerun=("2025-01-15",))
    assert verdict.message == (
        "trades_daily: 2025-01-15 stays as it is: rows before 2025-03-10 are no longer kept (keep_days); name days from "
        "2025-03-10 on"
    )


@pytest.mark.long
def test_the_day_from_which_rows_are_kept_goes_on_and_never_back(gold: GoldLake) -> None:
    for days in (400, 30):
        _, done = maintain(gold.trades, keep_days=days)
        assert (done.rows_expired, done.kept_from) == (0, "2025-03-10")
    _, done = maintain(gold.trades, now=APRIL.replace(day=20))
    assert (done.rows_expired, done.kept_from) == (1, "2025-03-21")
    assert gold.without_spark().nothing_unread


@pytest.mark.long
def test_a_rollback_has_the_rows_until_the_next_maintenance(gold: GoldLake) -> None:
    gold.run_sql(f"CALL lake.system.set_current_snapshot('TRADES', {head_of(gold.trades).parent})")
    assert ids_of(gold.trades) == ["TXN003"]
    verdict = gold.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert str(gold.rows()[-1][1]) == "2025-03-20"
    _, done = maintain(gold.trades, now=APRIL.replace(day=20))
    assert (done.rows_expired, ids_of(gold.trades)) == (1, [])
    assert gold.run().nothing_unread


@pytest.mark.long
def test_without_keep_days_rows_may_come_back(gold: GoldLake) -> None:
    edit_contract(gold.trades, keep_days=None)
    verdict = gold.trades.run(rerun=("trades/second.csv",))
    assert (verdict.rows_expired, verdict.rows_published) == (0, 2), verdict.message
    verdict = gold.run(rerun=("2025-03-20",))
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 2), verdict.message
    assert verdict.rebuilt[-1] == "1 day: asked for"


@pytest.mark.long
def test_of_a_whole_copy_rows_that_are_too_old_are_left_out(lake: Lake) -> None:
    edit_contract(lake, load=SNAPSHOT, keep_days={"column": "transaction_date", "days": 30})
    lake.put_files(a__csv=csv_bytes(OLD, EARLY_MARCH, MARCH, APRIL_SALE))
    lake.run()
    assert maintain(lake)[1].rows_expired == 2
    lake.put_files(
        b__csv=csv_bytes(OLD, MARCH, APRIL_SALE.replace("04-01", "01-02"), f"TXN008,{SALE},2025-04-02,US-EAST")
    )
    verdict = lake.run()
    counts = (
        verdict.rows_read,
        verdict.rows_published,
        verdict.rows_unchanged,
        verdict.rows_expired,
        verdict.rows_gone,
    )
    assert counts == (4, 1, 1, 2, 1), verdict.message
    assert ids_of(lake) == ["TXN003", "TXN008"]
    lake.put_files(c__csv=csv_bytes(OLD, MARCH, f"TXN008,{SALE},2025-04-02,US-EAST"))
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_unchanged, verdict.rows_expired) == (0, 2, 1), verdict.message
    assert KeptRows.from_summary(head_of(lake).summary)
