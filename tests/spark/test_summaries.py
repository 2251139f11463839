"""A published snapshot's summary says what the table has, whatever made it, and so says another engine's count."""

from typing import Any

import pytest

from etl.errors import ForeignSnapshot
from etl.iceberg.commit import load_iceberg_table
from etl.iceberg.current_snapshot import Head, only_rewrites, read_head, read_snapshot_line
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.storage.clients import Clients
from sluice.operations.account import Account
from sluice.operations.snapshot_history import History
from tests.keys import KEYS
from tests.spark.kept import LATER, MaintainedTable
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_once import declare_meta
from tests.spark.test_quarantine import make_warning, sale_line

TOTALS = ("total-records", "total-data-files", "total-files-size", "total-delete-files")


def read_by_another(lake: Lake, name: str) -> Any:
    """Return a table as pyiceberg loads it, which knows nothing of Spark."""
    account = Account(KEYS.session(), lake.aws.glue.meta.endpoint_url)
    return account.load_table(name)


def counted_totals(lake: Lake, name: str) -> dict[str, str]:
    """Return the totals of what readers of a table see, counted by pyiceberg; no file of ours has deletes beside it."""
    tasks = list(read_by_another(lake, name).scan().plan_files())
    assert not any(task.delete_files for task in tasks)
    sizes = [task.file.file_size_in_bytes for task in tasks]
    rows = sum(task.file.record_count for task in tasks)
    return dict(zip(TOTALS, map(str, (rows, len(sizes), sum(sizes), 0)), strict=True))


def claimed_totals(lake: Lake, name: str) -> dict[str, str]:
    """Return what the summary of a table's head says."""
    summary = read_head(lake.aws.glue, lake.aws.s3, name).summary
    return {total: summary[total] for total in TOTALS}


@pytest.fixture(scope="module")
def days(aws: Clients, spark: Any) -> Lake:
    """A lake after a first day, a second with a row aside, a correction, a row that replaces another's, and a replay."""
    lake = Lake(aws, spark)
    make_warning(lake, "input", "trades.region.known")
    declare_meta(lake, "output", on_conflict="replace")
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="EU-WEST")))
    runs = [lake.run()]
    lake.put_files(
        b__csv=csv_bytes(sale_line(3), sale_line(4, region="MARS")),
        c__csv=csv_bytes(sale_line(5, region="VENUS"), sale_line(6)),
    )
    runs.append(lake.run())
    lake.put_files(
        a__csv=csv_bytes(sale_line(1), sale_line(7)),
        d__csv=csv_bytes(sale_line(3, quantity="9"), sale_line(8, region="MARS")),
    )
    runs.append(lake.run())
    make_warning(lake, "input", "trades.region.known", value_set=["US-EAST", "EU-WEST", "MARS"])
    make_warning(lake, "output", "trades.region.published", value_set=["US-EAST", "EU-WEST", "MARS"])
    runs.append(lake.run(replay=runs[1].run_id))
    assert [run.state for run in runs] == ["SUCCEEDED"] * 4, [run.message for run in runs]
    return lake


@pytest.mark.long
@pytest.mark.parametrize("table", ["trades", "trades_quarantine"])
def test_totals_are_the_tables_after_first_later_corrected_replaced_and_replayed_days(days: Lake, table: str) -> None:
    name = f"lake.{days.database}.{table}"
    assert claimed_totals(days, name) == counted_totals(days, name)
    assert int(counted_totals(days, name)["total-records"]) > 2


# Tables that were published before: a branch made by its first write began to count at 0.


@pytest.fixture
def lying(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> MaintainedTable:
    maintained = MaintainedTable(lake)
    maintained.publish_day(files=3)
    with monkeypatch.context() as patched:
        patched.setattr(Table, "_create_branch", lambda *_: None)
        maintained.publish_day(files=2)
    assert maintained.head.summary["total-records"] == "2"
    return maintained


def test_readers_are_told_what_our_columns_are_and_that_the_table_is_ours(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    assert lake.run().state == "SUCCEEDED"
    table = read_by_another(lake, f"lake.{lake.database}.trades")
    texts = {field.name: field.doc for field in table.schema().fields if field.name.startswith("_")}
    assert set(texts) == {"_object", "_version", "_run_id"}
    assert all(texts.values())
    assert table.properties["owner"] == "sluice"


@pytest.mark.long
def test_maintenance_mends_a_summary_that_was_published_before_and_says_so(lying: MaintainedTable) -> None:
    before, rows, held_before = lying.head, lying.rows(), lying.held_objects
    [done] = lying.run_maintenance().tables
    assert done.summary_mended
    assert "its summary counted anew" in done.in_words
    assert claimed_totals(lying.lake, lying.job_arguments.table) == counted_totals(
        lying.lake, lying.job_arguments.table
    )
    assert (lying.rows(), lying.held_objects, lying.head.published) == (rows, held_before, before.published)
    ours = {key: value for key, value in before.summary.items() if key.startswith("sluice.")}
    assert ours.items() <= lying.head.summary.items()
    assert not lying.run_maintenance().tables[0].summary_mended, "it is mended once"
    lying.publish_day(files=4)
    assert claimed_totals(lying.lake, lying.job_arguments.table) == counted_totals(
        lying.lake, lying.job_arguments.table
    )


@pytest.mark.long
def test_a_mended_table_stays_whole_when_the_snapshot_that_it_was_mended_from_expires(lying: MaintainedTable) -> None:
    """By Iceberg's own expiry, which deletes the list of manifests of whatever expires: the new head has a copy."""
    before, rows = lying.head, lying.rows()
    lying.run_maintenance()
    load_iceberg_table(lying.lake.spark, lying.job_arguments.table).expireSnapshots().expireSnapshotId(
        int(before.snapshot or 0)
    ).commit()
    lying.lake.spark.sql(f"REFRESH TABLE {lying.job_arguments.table}")
    assert lying.rows() == rows
    assert read_by_another(lying.lake, lying.job_arguments.table).scan().to_arrow().num_rows == len(rows)


def test_a_summary_is_not_mended_over_a_head_that_moved(
    lying: MaintainedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl.maintenance import snapshot_totals  # noqa: PLC0415  only this test reaches into it

    count = snapshot_totals.Totals._count_totals

    def publish_during(mender: snapshot_totals.Totals, before: Head) -> dict[str, str]:
        lying.publish_day()
        return count(mender, before)

    monkeypatch.setattr(snapshot_totals.Totals, "_count_totals", publish_during)
    report = lying.run_maintenance()
    assert (report.state, len(lying.rows())) == ("SKIPPED", 6), report.message


# Another engine compacts the table, and knows nothing of our properties.


@pytest.fixture(scope="module")
def compacted(aws: Clients, spark: Any) -> tuple[MaintainedTable, Head]:
    """A table that somebody compacted, and the head before that."""
    maintained = MaintainedTable(Lake(aws, spark))
    maintained.publish_day(files=3)
    maintained.publish_day(files=3)
    before = maintained.head
    options = "map('rewrite-all', 'true')"
    spark.sql(
        f"CALL lake.system.rewrite_data_files(table => '{maintained.job_arguments.table}', options => {options})"
    ).collect()
    assert maintained.head.snapshot != before.snapshot
    return maintained, before


def test_another_engines_compaction_is_followed_to_the_ledger_of_what_it_compacted(
    compacted: tuple[MaintainedTable, Head],
) -> None:
    maintained, before = compacted
    after, summaries = (
        maintained.head,
        [snapshot["summary"] for snapshot in maintained.storage.read_metadata()["snapshots"]],
    )
    assert sum(ledger.POINTER in summary for summary in summaries) == len(summaries) - 1
    assert after.summary[ledger.POINTER] == before.summary[ledger.POINTER]
    assert (after.published, after.parent) == (before.published, before.snapshot)
    assert maintained.held_objects == {"trades/1.csv", "trades/2.csv"}


def test_a_rollback_and_gold_see_the_same_rows_as_before_it(compacted: tuple[MaintainedTable, Head]) -> None:
    maintained, before = compacted
    history = History.from_table(read_by_another(maintained.lake, maintained.job_arguments.table))
    assert history.newest_own == history.main == int(maintained.head.snapshot or 0)
    assert history.published_ms[history.main] == before.published
    assert before.snapshot is not None
    assert (
        read_snapshot_line(
            maintained.lake.aws.glue, maintained.lake.aws.s3, maintained.job_arguments.table
        ).changes_since(before.snapshot)
        == []
    )


def test_maintenance_takes_over_what_another_engine_compacted_before_ours_expires(
    compacted: tuple[MaintainedTable, Head],
) -> None:
    maintained, before = compacted
    rows = maintained.rows()
    report = maintained.run_maintenance(after=LATER * 4)
    assert (report.state, report.tables[0].summary_mended) == ("SUCCEEDED", True), report.message
    assert report.tables[0].snapshots_expired == 3
    assert maintained.head.summary[ledger.POINTER] == before.summary[ledger.POINTER]
    assert (maintained.rows(), maintained.head.published) == (rows, before.published)
    maintained.publish_day()
    assert maintained.held_objects == {"trades/1.csv", "trades/2.csv", "trades/3.csv"}


@pytest.mark.parametrize("statement", ["INSERT INTO {} VALUES (99, 'x', 'x', 'x')", "DELETE FROM {} WHERE id = 0"])
def test_a_change_of_rows_below_a_compaction_still_stops(lake: Lake, statement: str) -> None:
    maintained = MaintainedTable(lake)
    maintained.publish_day(files=3)
    lake.spark.sql(statement.format(maintained.job_arguments.table))
    options = "map('rewrite-all', 'true')"
    lake.spark.sql(
        f"CALL lake.system.rewrite_data_files(table => '{maintained.job_arguments.table}', options => {options})"
    ).collect()
    with pytest.raises(ForeignSnapshot):
        ledger.read_ledger(lake.aws.s3, maintained.head)


@pytest.mark.parametrize(
    ("summary", "keeps"),
    [
        ({"operation": "replace", "added-records": "7", "deleted-records": "7"}, True),
        ({"operation": "replace", "added-data-files": "1", "manifests-created": "1"}, True),
        ({"operation": "replace", "added-records": "8", "deleted-records": "7"}, False),
        ({"operation": "replace", "deleted-records": "7"}, False),
        ({"operation": "overwrite", "added-records": "7", "deleted-records": "7"}, False),
        ({"operation": "replace", "added-position-deletes": "1"}, False),
        ({"operation": "replace", "added-position-deletes": "1", "removed-position-deletes": "1"}, True),
        ({"operation": "replace", "removed-equality-deletes": "2"}, False),
        ({}, False),
    ],
)
def test_only_a_replace_of_as_many_rows_has_the_rows_of_what_it_came_from(summary: dict[str, str], keeps: bool) -> None:
    assert only_rewrites(summary) == keeps
