"""One maintenance run, top to bottom: join results, hold, drop what the dead left, remove rows, compact, expire, sweep up."""

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from etl.errors import Superseded
from etl.iceberg.commit import load_iceberg_table
from etl.iceberg.current_snapshot import PUBLISHED, Head, own_properties, read_head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.tombstones import changes_table, newest_rewrite, settle_main
from etl.maintenance import expiry, unused_ledgers
from etl.maintenance.aged_rows import AgedRows
from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.errors import Busy, masked_error
from etl.maintenance.expired_quarantine import removal_condition
from etl.maintenance.report import MaintenanceState, Report, TableReport
from etl.maintenance.results_months import join_months
from etl.maintenance.snapshot_totals import Totals
from etl.maintenance.table_storage import Storage
from etl.runtime import session
from etl.runtime.branch_names import MAINTENANCE_PREFIX, RUN_PREFIX
from etl.runtime.job_runs import alive_runs
from etl.storage import permission_errors
from etl.storage.clients import Clients

# A run is stopped after two days at most: what is older and belongs to nothing was left by a dead one.
UNFINISHED_DAYS = 3
LEDGER_DAYS = 1

logger = logging.getLogger(__name__)


@dataclass
class Maintenance:
    """One run of it: what it was told, what it talks to, the report that it fills, and when it began."""

    arguments: MaintenanceArguments
    aws: Clients
    report: Report
    start: Callable[[], SparkSession] = session.start_session
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def run(self) -> None:
        """Maintain the tables, or leave them to a run that is in progress; the report says which, and why.

        Raises:
            ForeignSnapshot: somebody else wrote to the table; nothing was compacted or expired.
            Denied: Spark lacks a permission.
            EngineFailed: an engine failed; its message could quote a person, so its class has to do.
        """
        self._join_results()
        try:
            with permission_errors.explain_spark_denials(self.arguments, self.arguments.location):
                self.report.message = "; ".join(filter(None, (self._maintain_tables(), self.report.results.in_words)))
            self.report.state = MaintenanceState.SUCCEEDED
        except (Busy, Superseded) as reason:
            self.report.state = MaintenanceState.SKIPPED
            self.report.message = (
                f"{self.arguments.dataset}: {reason}; nothing is lost, and the next maintenance takes it up"
            )
        except Exception as error:
            shown_error = masked_error(self.arguments.dataset, error)
            self.report.message = str(shown_error)
            # The chain of causes would be in the log and quote what is masked here.
            raise shown_error.with_traceback(error.__traceback__) from None
        except BaseException as error:
            self.report.message = str(error)
            raise

    def _join_results(self) -> None:
        """Join months of results; what keeps it from that is reported, and keeps it from nothing else."""
        bucket, dataset, joined = self.arguments.verdicts.bucket, self.arguments.dataset, self.report.results
        try:
            join_months(self.aws.s3, bucket, dataset, self.now.date(), joined)
        except Exception as error:
            joined.error = str(masked_error(dataset, error))
            logger.warning("could not join months of results: %s", joined.error)

    def _start_spark(self) -> SparkSession:
        """Start Spark, which logs the value that a task fails for; no contract says whether it is a person's."""
        spark = self.start()
        session.silence_logs(spark)
        return spark

    def _maintain_tables(self) -> str:
        self._assert_no_runs()
        before = self._read_head(self.arguments.table)
        if before.snapshot is None:
            return f"{self.arguments.dataset}: nothing is published yet"
        published_ledger = ledger.read_ledger(self.aws.s3, before)  # refuses a head that points to none
        published = Table(self._start_spark(), self.arguments.table, self.arguments.location)
        storage = Storage(published)
        self._maintain_table(storage)
        quarantine = Quarantine.for_table(published)
        if self._read_head(quarantine.table.name).snapshot is not None:
            condition = removal_condition(published_ledger, self.now, UNFINISHED_DAYS, self.arguments.quarantine_days)
            self._maintain_table(Storage(quarantine.table, quarantine.former_location), condition)
        summaries = [snapshot["summary"] for snapshot in storage.read_metadata()["snapshots"]]
        self._maintain_tombstones(changes_table(published), published_ledger, summaries)
        old = self.now - timedelta(days=LEDGER_DAYS)
        self.report.ledger_files_removed = unused_ledgers.prune_files(
            self.aws.s3, self.arguments.location, summaries, old
        )
        return "; ".join(table_report.in_words for table_report in self.report.tables)

    def _maintain_tombstones(self, table: Table, published_ledger: Ledger, summaries: list[Mapping[str, str]]) -> None:
        """Maintain the table of deleted keys of a load of changes, if there is one; runs themselves drop what is old.

        Which snapshot counts the ledger says: main is moved to it before branches are dropped and main is compacted. What
        other ledgers name stays, for a rollback.
        """
        counting = published_ledger.tombstones
        if not counting:
            return
        self._assert_no_runs()
        iceberg = load_iceberg_table(table.spark, table.name)
        main = iceberg.currentSnapshot()
        if main is None or newest_rewrite(iceberg, int(counting)) != main.snapshotId():
            settle_main(table, int(counting))
        self._maintain_table(Storage(table), kept=unused_ledgers.retained_tombstones(self.aws.s3, summaries))

    def _assert_no_runs(self) -> None:
        """Leave the tables to a run: compaction moves the head that it stages on, which would refuse its publishing."""
        if runs := alive_runs(self.aws, self.arguments.publisher):
            raise Busy(f"{self.arguments.publisher} has {', '.join(runs)} in progress, which stages on the tables")

    def _maintain_table(self, storage: Storage, condition: str | None = None, kept: Collection[int] = ()) -> None:
        """Maintain one table; `condition` is Spark SQL for rows to remove, `kept` are snapshots that stay."""
        done = TableReport(storage.table.name)
        self.report.tables.append(done)
        self._drop_dead(storage)
        done.before = storage.read_figures()
        storage.table.move_location(storage.former)
        self._rewrite_files(storage, condition, done)
        self._mend_summary(storage, done)
        self._expire_snapshots(storage, done, kept)
        done.orphans_removed = storage.remove_orphans(self.now - timedelta(days=UNFINISHED_DAYS))
        done.after = storage.read_figures()

    def _drop_dead(self, storage: Storage) -> None:
        """Drop branches of runs that ended; Glue is asked after they were listed, so that none is of a run that just began."""
        refs = storage.read_metadata()["refs"]
        dead_branches = [
            name
            for name, ref in refs.items()
            if ref["type"] == "branch" and name.startswith((RUN_PREFIX, MAINTENANCE_PREFIX))
        ]
        self._assert_no_runs()
        for branch in dead_branches:
            storage.table.drop_branch(branch)
            self.report.branches_dropped.append(f"{branch} of {storage.table.name}")

    def _rewrite_files(self, storage: Storage, condition: str | None, done: TableReport) -> None:
        """Remove rows and compact on a branch, and publish it in one commit: refused where somebody else moved main.

        Committed to main directly, Iceberg would try again on a head that moved, and put the pointer of the old one on it.
        """
        rows = storage.table.read_branch("main").where(condition).select("row").localCheckpoint() if condition else None
        done.rows_removed = rows.count() if rows else 0
        before = self._read_head(storage.table.name)
        aged = self._aged_rows(storage, before, done)
        done.moved = storage.is_behind()
        if not done.rows_removed and not done.rows_expired and not done.moved and not storage.worth_compacting():
            return
        summary = carried_properties(before, self.arguments.run_id) | (aged.kept.summary if aged else {})
        storage.create_branch(self.arguments.branch, str(before.snapshot))
        try:
            if rows and done.rows_removed:
                storage.table.delete_rows(self.arguments.branch, rows, ["row"], summary)
            if aged and aged.rows:
                aged.remove(self.arguments.branch, summary)
            done.files_compacted = storage.compact_files(self.arguments.branch, summary, done.moved)
            if storage.is_behind(self.arguments.branch):
                storage.renew_manifests(self.arguments.branch, summary)
            self._assert_no_runs()
            storage.table.publish(self.arguments.branch, before.snapshot)
        except BaseException:
            with suppress(Exception):  # what stays behind no reader sees, and the next maintenance drops it
                storage.table.drop_branch(self.arguments.branch)
            raise

    def _aged_rows(self, storage: Storage, before: Head, done: TableReport) -> AgedRows | None:
        """Return what is too old in the published table, and report it; None for any other."""
        if storage.table.name != self.arguments.table:
            return None
        keep_by, keep_days = self.arguments.keep_by, self.arguments.keep_days
        aged = AgedRows.of_table(storage.table, before, keep_by, keep_days, self.now.date())
        if aged:
            done.rows_expired, done.kept_from = aged.rows, aged.kept.first_day.isoformat()
        return aged

    def _mend_summary(self, storage: Storage, done: TableReport) -> None:
        """Let the head say what it has; before anything expires, since the snapshot of ours behind it may be among that."""
        if storage.table.name == self.arguments.table:
            expiry.assert_own_head(storage.read_metadata(), storage.table.name)
        before = self._read_head(storage.table.name)
        self._assert_no_runs()
        done.summary_mended = Totals(storage.table, self.aws.s3).mend_summary(
            before, carried_properties(before, self.arguments.run_id)
        )

    def _expire_snapshots(self, storage: Storage, done: TableReport, kept: Collection[int]) -> None:
        metadata = storage.read_metadata()
        if storage.table.name == self.arguments.table:
            expiry.assert_own_head(metadata, storage.table.name)
        left_before = self.now - timedelta(days=self.arguments.snapshot_days)
        snapshots = expiry.expirable_snapshots(metadata, left_before, kept)
        if snapshots:
            storage.expire_snapshots(snapshots)
        done.snapshots_expired = len(snapshots)

    def _read_head(self, table: str) -> Head:
        return read_head(self.aws.glue, self.aws.s3, table)


def carried_properties(before: Head, run_id: str) -> dict[str, str]:
    """Return what a head says of itself that a head after it has to say too, and which run made it.

    Also when its rows were published: the new head's own time is not.
    """
    return {PUBLISHED: str(before.published), **own_properties(before.summary), "sluice.maintained-by": run_id}
