"""The deleted keys of a load of changes: what the published table cannot keep, in an Iceberg table beside it.

A living row has its own order. A key that was deleted has none left, so its last order stands here for `tombstone_days`: a
change that is older than the delete, and comes later, changes nothing. Which snapshot counts the ledger says, which is written
before the commit and counts from then on. So main of this table is moved after the commit, and means nothing to a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.layout import DatasetLocations
from etl.contract.model import ColumnSpec, Contract
from etl.contract.table_names import OBJECT, RUN, VERSION, changes_of
from etl.iceberg.commit import load_iceberg_table
from etl.iceberg.current_snapshot import only_rewrites
from etl.iceberg.schema import TableColumn
from etl.iceberg.table import Table

DELETED_AT = "_deleted_at"
BOOKKEEPING = (
    TableColumn(OBJECT, "string", "the raw object that the delete came in"),
    TableColumn(VERSION, "string", "the version of that object"),
    TableColumn(DELETED_AT, "timestamp", "when a run deleted the row, in UTC"),
    TableColumn(RUN, "string", "that run"),
)


@dataclass(frozen=True)
class Tombstones:
    """The tombstones of a dataset.

    Attributes:
        table: where they are.
        columns: the published columns of the key and of the order.
        days: how long one counts.
        snapshot: which snapshot counts, as the ledger says; "" for none.
    """

    table: Table
    columns: tuple[ColumnSpec, ...]
    days: int
    snapshot: str

    @classmethod
    def for_table(cls, published: Table, output: Contract, snapshot: str) -> "Tombstones":
        """Return those of a published table; their table is made with the first delete."""
        names = dict.fromkeys((*output.key, *output.loading.order))
        specs = {column.name: column for column in output.columns}
        table = changes_table(published)
        return cls(table, tuple(specs[name] for name in names), output.loading.tombstone_days, snapshot)

    @property
    def names(self) -> list[str]:
        """The columns of the key and of the order."""
        return [column.name for column in self.columns]

    def counting(self, corrected: Sequence[str]) -> DataFrame | None:
        """Return those that count, without those of objects that are read again; None where there are none."""
        rows = self._rows()
        return None if rows is None else rows.where(self._is_counting(corrected))

    def has_dropped(self, corrected: Sequence[str]) -> bool:
        """Say whether some count no longer: they are old, or of objects that are read again."""
        rows = self._rows()
        return rows is not None and not rows.where(~self._is_counting(corrected)).isEmpty()

    def _rows(self) -> DataFrame | None:
        if not self.snapshot:
            return None
        return self.table.spark.read.option("versionAsOf", self.snapshot).table(self.table.name)

    def _is_counting(self, corrected: Sequence[str]) -> Column:
        # Whole days, so that they are written anew for their age once a day at most.
        first_day = datetime.now(UTC).date() - timedelta(days=self.days)
        return (F.to_date(DELETED_AT) >= F.lit(first_day)) & ~F.col(OBJECT).isin(*corrected)

    def stage(self, added: DataFrame, kept: DataFrame | None, branch: str, run_id: str) -> str:
        """Write what a run changes to a branch of the snapshot that counts, as `NewTombstones` has it; return the new one."""
        self.table.ensure_schema([*self.columns, *BOOKKEEPING])
        names = [f"`{name}`" for name in self.names]
        added = added.select(*names, OBJECT, VERSION, F.current_timestamp().alias(DELETED_AT))
        starts_anew = not self._create_branch(branch)
        if kept is None and not starts_anew:
            self.table.stage_rows(added, branch, run_id, {"sluice.run-id": run_id})
        else:
            rows = added.withColumn(RUN, F.lit(run_id))
            if kept is not None:
                rows = rows.unionByName(kept.select(*names, OBJECT, VERSION, DELETED_AT, RUN))
            self.table.replace_rows(rows, branch, {"sluice.run-id": run_id})
        iceberg = load_iceberg_table(self.table.spark, self.table.name)
        return str(iceberg.refs().get(branch).snapshotId())

    def _create_branch(self, branch: str) -> bool:
        """Make the branch on the snapshot that counts, or on main where that only compacted it; return whether one counts."""
        if self.snapshot:
            iceberg = load_iceberg_table(self.table.spark, self.table.name)
            iceberg.manageSnapshots().createBranch(branch, newest_rewrite(iceberg, int(self.snapshot))).commit()
        return bool(self.snapshot)


@dataclass(frozen=True)
class NewTombstones:
    """What one run does to the tombstones.

    Attributes:
        tombstones: those that count before it.
        added: keys that it deletes, with their order, OBJECT and VERSION.
        kept: the earlier ones that stay; None where all of them do, so that nothing has to be written anew.
    """

    tombstones: Tombstones
    added: DataFrame
    kept: DataFrame | None

    def stage(self, branch: str, run_id: str) -> str:
        """Write it to a branch of the run's; return the snapshot, which counts once the ledger says so."""
        return self.tombstones.stage(self.added, self.kept, branch, run_id)

    def settle(self, snapshot: str, branch: str) -> None:
        """Move main to the snapshot that counts by now, and drop the branch that it was written on."""
        settle_main(self.tombstones.table, int(snapshot), branch)


def changes_table(published: Table) -> Table:
    """Return the table of a published table's deleted keys; it is there where its load is, or was, of changes."""
    places = DatasetLocations.from_location(published.location)
    return Table(published.spark, changes_of(published.name), places.changes)


def newest_rewrite(iceberg: Any, counting: int) -> int:
    """Return the head of main where it has the very rows of a snapshot, compacted by maintenance, else that snapshot."""
    snapshot = iceberg.currentSnapshot()
    while snapshot is not None and snapshot.snapshotId() != counting:
        summary = {**snapshot.summary(), "operation": snapshot.operation()}
        parent = snapshot.parentId()
        if not only_rewrites(summary) or parent is None:
            return counting
        snapshot = iceberg.snapshot(parent)
    return counting if snapshot is None else iceberg.currentSnapshot().snapshotId()


def settle_main(table: Table, snapshot: int, branch: str = "") -> None:
    """Move main of a table to a snapshot, whatever it shows, and drop a branch, if one is named, in one commit."""
    iceberg = load_iceberg_table(table.spark, table.name)
    change = iceberg.manageSnapshots()
    has_main = iceberg.currentSnapshot() is not None
    change = change.replaceBranch("main", snapshot) if has_main else change.createBranch("main", snapshot)
    (change.removeBranch(branch) if branch else change).commit()
