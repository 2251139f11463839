"""Rows of the published table that are older than its contract keeps them (`keep_days`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from etl.iceberg.current_snapshot import Head
from etl.iceberg.kept_rows import EXPIRED_ROWS, KeptRows
from etl.iceberg.table import Table


@dataclass(frozen=True)
class AgedRows:
    """What is too old in a table: `rows` rows, all but those that are `kept`."""

    table: Table
    kept: KeptRows
    rows: int

    @classmethod
    def of_table(cls, table: Table, head: Head, column: str, days: int, today: date) -> "AgedRows | None":
        """Return what is more than `days` before a day by a column; None where the table has no such column yet.

        Args:
            table: the published one.
            head: what readers see of it; it says what an earlier maintenance removed.
            column: a date of the table.
            days: how many days a row stays, 0 for ever.
            today: the day of the maintenance.
        """
        if not days or column not in {declared.name for declared in table.read_schema().columns}:
            return None
        kept = KeptRows(column, today - timedelta(days=days)).advanced_from(KeptRows.from_summary(head.summary))
        return cls(table, kept, table.read_branch("main").where(kept.expired).count())

    def remove(self, branch: str, summary: Mapping[str, str]) -> None:
        """Delete them on a branch: whole partitions unread, then what is left; `summary` goes into the snapshots'."""
        own_summary = {**summary, EXPIRED_ROWS: str(self.rows)}
        if start := self.kept.partition_start(self.table.read_schema().parts):
            self.table.drop_files_before(branch, self.kept.column, start, own_summary)
        if not self.table.read_branch(branch).where(self.kept.expired).isEmpty():
            self.table.delete_where(branch, self.kept.expired, own_summary)
