"""Rows that were set aside stay as long as they count; what counts no longer goes, and its files with it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.iceberg.current_snapshot import read_head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER
from etl.ledger.quarantine_table import COLUMNS, Quarantine
from etl.maintenance.report import Report
from etl.maintenance.table_storage import Storage
from etl.storage.clients import Clients
from tests.spark.kept import LATER, MaintainedTable
from tests.spark.lake import Lake

pytestmark = pytest.mark.long

FILES = 5


@pytest.fixture(scope="module")
def kept(aws: Clients, spark: Any) -> MaintainedTable:
    """A published table whose runs set rows aside, and what is told of them by its ledger."""
    return MaintainedTable(Lake(aws, spark))


def set_aside(maintained: MaintainedTable, run: str, objects: int = 1) -> None:
    """Set a row aside of each of as many objects, and publish the quarantine, as a run does just before its table."""
    quarantine = Quarantine.for_table(maintained.table).table
    quarantine.ensure_schema(COLUMNS)
    rows = maintained.lake.spark.range(0, objects, 1, objects).select(
        F.expr("uuid()").alias("row"),
        F.lit('{"id": 1}').alias("source"),
        F.array(F.lit("trades.region.known")).alias("rules"),
        F.concat(F.lit("trades/"), "id", F.lit(".csv")).alias("object"),
        F.lit("v1").alias("version"),
        F.lit(None).cast("bigint").alias("ordinal"),
        F.current_timestamp().alias("set_aside_at"),
    )
    quarantine.stage_rows(rows, f"run_{run}", run, {"sluice.run-id": run})
    parent = read_head(maintained.lake.aws.glue, maintained.lake.aws.s3, quarantine.name, f"run_{run}").parent
    quarantine.publish(f"run_{run}", parent)


def quarantined_rows(maintained: MaintainedTable) -> set[tuple[str, str]]:
    """Return run and object of each row that lies in the quarantine."""
    rows = (
        maintained.lake.spark.table(f"{maintained.job_arguments.table}_quarantine")
        .select("_run_id", "object")
        .collect()
    )
    return {(row["_run_id"], row["object"]) for row in rows}


@pytest.fixture(scope="module")
def early(kept: MaintainedTable) -> Report:
    """Maintained while nothing is old: one run counts, one object of it was read again, another run never published."""
    run = kept.publish_day()
    published_ledger = ledger.read_ledger(kept.lake.aws.s3, kept.head)
    ledger.write_ledger(kept.lake.aws.s3, kept.head.summary[POINTER], ledger_with_quarantine(published_ledger, run))
    set_aside(kept, run, FILES)
    set_aside(kept, "jr_dead")
    return kept.run_maintenance()


def ledger_with_quarantine(published_ledger: ledger.Ledger, run: str) -> ledger.Ledger:
    return replace(published_ledger, quarantined=(run,), corrected={"trades/0.csv": [run]})


@pytest.fixture(scope="module")
def later(kept: MaintainedTable, early: Report) -> Report:
    return kept.run_maintenance(after=LATER)


@pytest.fixture(scope="module")
def limited(kept: MaintainedTable, later: Report) -> Report:
    return kept.run_maintenance(after=timedelta(days=31), quarantine_days=30)


def of_quarantine(report: Report) -> Any:
    [quarantine_report] = [done for done in report.tables if done.table.endswith("_quarantine")]
    return quarantine_report


def test_what_does_not_count_yet_may_be_a_runs_that_is_about_to_publish(kept: MaintainedTable, early: Report) -> None:
    assert early.state == "SUCCEEDED"
    assert of_quarantine(early).rows_removed == 0


def test_a_quarantine_is_compacted_too_and_remembers_its_last_run(kept: MaintainedTable, early: Report) -> None:
    done = of_quarantine(early)
    assert (done.before.files, done.after.files) == (FILES + 1, 1)
    summary = read_head(kept.lake.aws.glue, kept.lake.aws.s3, done.table).summary
    assert summary["sluice.run-id"] == "jr_dead"


def test_rows_that_count_no_longer_are_removed_and_the_others_stay(kept: MaintainedTable, later: Report) -> None:
    assert of_quarantine(later).rows_removed == 2
    run = f"jr_{kept.lake.number}x1"
    assert quarantined_rows(kept) == {(run, f"trades/{number}.csv") for number in range(1, FILES)}
    assert "2 rows removed" in later.message


def test_rows_that_count_are_removed_when_they_are_older_than_configured(
    kept: MaintainedTable, limited: Report
) -> None:
    assert of_quarantine(limited).rows_removed == FILES - 1
    assert quarantined_rows(kept) == set()
    assert len(kept.rows()) == 1


def test_the_ledger_still_names_the_run_whose_rows_were_too_old(kept: MaintainedTable, limited: Report) -> None:
    assert ledger.read_ledger(kept.lake.aws.s3, kept.head).quarantined == (f"jr_{kept.lake.number}x1",)


def test_a_quarantine_that_moved_meanwhile_is_left_as_it_was_found(
    kept: MaintainedTable, limited: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(kept, "jr_old")
    compact = Storage.compact_files

    def set_aside_during(storage: Storage, *args: Any) -> int:
        set_aside(kept, "jr_new")
        return compact(storage, *args)

    monkeypatch.setattr(Storage, "compact_files", set_aside_during)
    report = kept.run_maintenance(after=LATER)
    assert report.state == "SKIPPED"
    assert {run for run, _ in quarantined_rows(kept)} == {"jr_old", "jr_new"}
