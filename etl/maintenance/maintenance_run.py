"""One maintenance run, top to bottom: hold, drop what the dead left, compact, expire, sweep up."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from etl.errors import Superseded
from etl.iceberg.current_snapshot import PUBLISHED, SLUICE, Head, head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.quarantine_table import Quarantine
from etl.maintenance import expiry, unused_ledgers
from etl.maintenance.arguments import Order
from etl.maintenance.errors import Busy, shown
from etl.maintenance.expired_quarantine import doomed
from etl.maintenance.report import Done, Report
from etl.maintenance.snapshot_totals import Totals
from etl.maintenance.table_storage import Storage
from etl.runtime import session
from etl.runtime.job_runs import in_progress
from etl.storage import permission_errors
from etl.storage.clients import Clients

OURS = ("run_", "maintain_")  # what branches of a run and of a maintenance are called
# A run is stopped after two days at most: what is older and belongs to nothing was left by a dead one.
UNFINISHED_DAYS = 3
LEDGER_DAYS = 1


@dataclass
class Maintenance:
    """One run of it: what it was told, what it talks to, the report that it fills, and when it began."""

    order: Order
    aws: Clients
    report: Report
    start: Callable[[], SparkSession] = session.start
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def through(self) -> None:
        """Maintain the tables, or leave them to a run that is in progress; the report says which, and why.

        Raises:
            ForeignSnapshot: somebody else wrote to the table; nothing was compacted or expired.
            Denied: Spark lacks a permission.
            EngineFailed: an engine failed; its message could quote a person, so its class has to do.
        """
        try:
            with permission_errors.explained(self.order, self.order.location):
                self.report.message = self._maintain()
            self.report.state = "SUCCEEDED"
        except (Busy, Superseded) as reason:
            self.report.state = "SKIPPED"
            self.report.message = (
                f"{self.order.dataset}: {reason}; nothing is lost, and the next maintenance takes it up"
            )
        except Exception as error:
            told = shown(self.order.dataset, error)
            self.report.message = str(told)
            # The chain of causes would be in the log and quote what is masked here.
            raise told.with_traceback(error.__traceback__) from None
        except BaseException as error:
            self.report.message = str(error)
            raise

    def _started(self) -> SparkSession:
        """Start Spark, which logs the value that a task fails for; no contract says whether it is a person's."""
        spark = self.start()
        session.hush(spark)
        return spark

    def _maintain(self) -> str:
        self._hold()
        before = self._head(self.order.table)
        if before.snapshot is None:
            return f"{self.order.dataset}: nothing is published yet"
        known = ledger.read(self.aws.s3, before)  # refuses a head that points to none
        published = Table(self._started(), self.order.table, self.order.location)
        storage = Storage(published)
        self._keep(storage)
        quarantine = Quarantine.beside(published)
        if self._head(quarantine.table.name).snapshot is not None:
            useless = doomed(known, self.now, UNFINISHED_DAYS, self.order.quarantine_days)
            self._keep(Storage(quarantine.table, quarantine.former), useless)
        summaries = [one["summary"] for one in storage.metadata()["snapshots"]]
        old = self.now - timedelta(days=LEDGER_DAYS)
        self.report.ledger_files_removed = unused_ledgers.prune(self.aws.s3, self.order.location, summaries, old)
        return "; ".join(one.in_words for one in self.report.tables)

    def _hold(self) -> None:
        """Leave the tables to a run: compaction moves the head that it stages on, which would refuse its publishing."""
        if found := in_progress(self.aws.glue, self.order.publisher):
            raise Busy(f"{self.order.publisher} has {', '.join(found)} in progress, which stages on the tables")

    def _keep(self, storage: Storage, useless: str | None = None) -> None:
        """Maintain one table; `useless` is Spark SQL for rows to remove."""
        done = Done(storage.table.name)
        self.report.tables.append(done)
        self._drop_dead(storage)
        done.before = storage.figures()
        storage.table.settle(storage.former)
        self._renew(storage, useless, done)
        self._mend_summary(storage, done)
        self._expire(storage, done)
        done.orphans_removed = storage.remove_orphans(self.now - timedelta(days=UNFINISHED_DAYS))
        done.after = storage.figures()

    def _drop_dead(self, storage: Storage) -> None:
        """Drop branches of runs that ended; Glue is asked after they were listed, so that none is of a run that just began."""
        refs = storage.metadata()["refs"]
        found = [name for name, ref in refs.items() if ref["type"] == "branch" and name.startswith(OURS)]
        self._hold()
        for branch in found:
            storage.table.drop(branch)
            self.report.branches_dropped.append(f"{branch} of {storage.table.name}")

    def _renew(self, storage: Storage, useless: str | None, done: Done) -> None:
        """Remove rows and compact on a branch, and publish it in one commit: refused where somebody else moved main.

        Committed to main directly, Iceberg would try again on a head that moved, and put the pointer of the old one on it.
        """
        rows = storage.table.on("main").where(useless).select("row").localCheckpoint() if useless else None
        done.rows_removed = rows.count() if rows else 0
        done.moved = storage.is_behind()
        if not done.rows_removed and not done.moved and not storage.worth_compacting():
            return
        before = self._head(storage.table.name)
        summary = carried(before, self.order.run_id)
        storage.fork(self.order.branch, str(before.snapshot))
        try:
            if rows and done.rows_removed:
                storage.table.remove(self.order.branch, rows, ["row"], summary)
            done.files_compacted = storage.compact(self.order.branch, summary, done.moved)
            if storage.is_behind(self.order.branch):
                storage.renew_manifests(self.order.branch, summary)
            self._hold()
            storage.table.publish(self.order.branch, before.snapshot)
        except BaseException:
            with suppress(Exception):  # what stays behind no reader sees, and the next maintenance drops it
                storage.table.drop(self.order.branch)
            raise

    def _mend_summary(self, storage: Storage, done: Done) -> None:
        """Let the head say what it has; before anything expires, since the snapshot of ours behind it may be among that."""
        if storage.table.name == self.order.table:
            expiry.hold(storage.metadata(), storage.table.name)
        before = self._head(storage.table.name)
        self._hold()
        done.summary_mended = Totals(storage.table, self.aws.s3).mend(before, carried(before, self.order.run_id))

    def _expire(self, storage: Storage, done: Done) -> None:
        metadata = storage.metadata()
        if storage.table.name == self.order.table:
            expiry.hold(metadata, storage.table.name)
        found = expiry.expirable(metadata, self.now - timedelta(days=self.order.snapshot_days))
        if found:
            storage.expire(found)
        done.snapshots_expired = len(found)

    def _head(self, table: str) -> Head:
        return head(self.aws.glue, self.aws.s3, table)


def carried(before: Head, run_id: str) -> Mapping[str, str]:
    """Return what a head says of itself that a head with the same rows has to say too, and which run made it.

    Also when its rows were published: the new head's own time is not.
    """
    own = {key: value for key, value in before.summary.items() if key.startswith(SLUICE)}
    return {PUBLISHED: str(before.published), **own, "sluice.maintained-by": run_id}
