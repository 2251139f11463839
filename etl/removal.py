"""An object's rows leave and none come back: one commit without a gate, since no row is read that a rule could judge."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.contract.loads import LoadKind
from etl.contract.model import Contract
from etl.contract.table_names import RUN
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.current_snapshot import PROPERTY_PREFIX, PUBLISHED, Head
from etl.iceberg.table import Table
from etl.ledger import orphan_cleanup
from etl.ledger.ledger import POINTER, Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.tombstones import NewTombstones, Tombstones, changes_table
from etl.publication import Publication, drop_branches
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.sources.withdrawal import Withdrawal
from etl.storage.clients import Clients

MADE_BY = "-by"  # what a property ends with that says who made its own snapshot, such as sluice.maintained-by


@dataclass
class Removal:
    """One object taken out of the published table; `head_before` and `ledger` are what readers saw when the run began.

    Its tombstones leave too, where `output` has a load of changes.
    """

    arguments: JobArguments
    aws: Clients
    verdict: Verdict
    output: Contract
    source: Withdrawal
    head_before: Head
    ledger: Ledger

    def run(self, start_spark: Callable[[], SparkSession]) -> None:
        """Delete its rows on a branch and publish that.

        Raises:
            Superseded: another run published meanwhile; nothing was changed.
            ForeignSnapshot: somebody else wrote to the table.
        """
        table = Table(start_spark(), self.arguments.table, self.arguments.location)
        quarantine = Quarantine.for_table(table)
        deleted_keys = [changes_table(table)] if self.output.loading.kind is LoadKind.CHANGES else []
        self.verdict.remains += orphan_cleanup.remove_orphans(
            self.aws, self.arguments, table, quarantine, self.ledger, *deleted_keys
        )
        try:
            self._stage_removal(table)
            tombstones = self._remaining_tombstones(table) if deleted_keys else None
            publication = Publication(
                self.aws, self.arguments, table, None, self.head_before, self.source.skips, tombstones
            )
            publication.publish(self.source.updated_ledger(self.ledger, has_quarantined=False))
        except BaseException:
            drop_branches((table, *deleted_keys), self.arguments.branch)
            raise
        self.verdict.snapshot_after = publication.current_head.snapshot
        self.verdict.message = f"{self.arguments.dataset}: {self.source.withdrawn.in_words}"

    def _remaining_tombstones(self, table: Table) -> NewTombstones | None:
        """Return the deleted keys without those that the object deleted; None where it deleted none."""
        tombstones = Tombstones.for_table(table, self.output, self.ledger.tombstones)
        remaining = tombstones.counting(self.source.corrected)
        if remaining is None or not tombstones.has_dropped(self.source.corrected):
            return None
        return NewTombstones(tombstones, remaining.where(F.lit(False)), remaining)

    def _stage_removal(self, table: Table) -> None:
        """Delete the rows, then add none: Iceberg puts no summary of ours on a deletion of whole files."""
        guard = BranchGuard(self.aws, self.arguments, self.head_before.snapshot)
        if self.source.empties_table:
            table.delete_every_row(self.arguments.branch)
        else:
            table.delete_objects(self.arguments.branch, self.source.leaving_objects)
        guard.follow_write()
        no_rows = table.spark.table(table.name).where(F.lit(False)).drop(RUN)
        table.stage_rows(no_rows, self.arguments.branch, self.arguments.run_id, self._summary)
        guard.follow_write()

    @property
    def _summary(self) -> dict[str, str]:
        """What the head says: of contracts, key and age what the rows' own head said, since these are the same."""
        carried = {
            key: value
            for key, value in self.head_before.summary.items()
            if key.startswith(PROPERTY_PREFIX) and not key.endswith(MADE_BY)
        }
        return {
            PUBLISHED: str(self.head_before.published),
            **carried,
            POINTER: self.arguments.ledger_uri,
            "sluice.run-id": self.arguments.run_id,
            "sluice.kind": self.arguments.kind,
            "sluice.code": self.arguments.code,
        }
