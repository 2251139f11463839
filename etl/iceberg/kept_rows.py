"""From which day on a table keeps rows, as its head says: what maintenance removed, no run brings back.

The head says it beside the ledger, in its summary: a rollback to before a removal has the rows and the earlier day.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from etl.iceberg.schema import PartitionField, quote_identifier

KEPT_FROM, KEPT_BY = "sluice.kept-from", "sluice.kept-by"
EXPIRED_ROWS = "sluice.expired-rows"
"""In the summary of a snapshot that differs from the one before it by rows that were too old, and by nothing else."""


@dataclass(frozen=True)
class KeptRows:
    """The rows that a table keeps: those whose `column`, a date, is `first_day` or later, and those that have none."""

    column: str
    first_day: date

    @classmethod
    def from_summary(cls, summary: Mapping[str, str]) -> "KeptRows | None":
        """Return what a snapshot's summary says; None where no rows were removed for their age."""
        with suppress(KeyError, ValueError):
            return cls(summary[KEPT_BY], date.fromisoformat(summary[KEPT_FROM]))
        return None

    @property
    def summary(self) -> dict[str, str]:
        """What a snapshot's summary says of it."""
        return {KEPT_FROM: self.first_day.isoformat(), KEPT_BY: self.column}

    @property
    def expired(self) -> str:
        """The rows that are too old, as Spark SQL."""
        return f"{quote_identifier(self.column)} < DATE'{self.first_day}'"

    @property
    def unexpired(self) -> str:
        """The rows that stay, as Spark SQL."""
        return f"NOT coalesce({self.expired}, false)"

    def advanced_from(self, earlier: "KeptRows | None") -> "KeptRows":
        """Return it, or what an earlier head said where that kept fewer rows: a day that was left behind stays so."""
        if earlier is None or earlier.column != self.column:
            return self
        return max(self, earlier, key=lambda kept: kept.first_day)

    def partition_start(self, parts: Iterable[PartitionField]) -> date | None:
        """Return the first day of the partition that its first day is in; None where the column makes no partitions of days.

        Rows before it are whole partitions.
        """
        starts = [_partition_start(part.transform, self.first_day) for part in parts if part.column == self.column]
        return max(filter(None, starts), default=None)


def carried_kept_rows(summary: Mapping[str, str]) -> dict[str, str]:
    """Return what the next head has to say too; nothing where no rows were removed for their age."""
    kept = KeptRows.from_summary(summary)
    return kept.summary if kept else {}


def _partition_start(transform: str, day: date) -> date | None:
    match transform:
        case "identity" | "day":
            return day
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return None
