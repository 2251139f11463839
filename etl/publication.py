"""The end of a run: ledger, quarantine and table become what readers see, or its branches go."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pyspark.sql import SparkSession

from etl.contract.loading import contract_versions
from etl.contract.model import Contract
from etl.gate import primary_key
from etl.gate.key_conflicts import ConflictResolution
from etl.gate.snapshot_difference import DifferenceCounts
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.current_snapshot import PUBLISHED, Head, own_properties, read_head
from etl.iceberg.kept_rows import KeptRows, carried_kept_rows
from etl.iceberg.table import Table
from etl.ledger import ledger, skip_list
from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip
from etl.ledger.tombstones import NewTombstones
from etl.results.contract_failures import not_evaluated_note
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments, RunKind
from etl.storage.clients import Clients
from etl.wording import count_noun


def snapshot_summary(
    arguments: JobArguments, input_contract: Contract, output: Contract, head_before: Head
) -> dict[str, str]:
    """Return what each snapshot of a run says of it, and of what readers saw before it as far as that still holds.

    Rows are no younger for a withdrawal, which brings none.
    """
    is_removal = arguments.kind is RunKind.WITHDRAW and head_before.published is not None
    return {
        **({PUBLISHED: str(head_before.published)} if is_removal else {}),
        ledger.POINTER: arguments.ledger_uri,
        "sluice.run-id": arguments.run_id,
        "sluice.kind": arguments.kind,
        "sluice.contracts": contract_versions(input_contract, output),
        "sluice.code": arguments.code,
        **primary_key.key_summary(output.key, output.unique_within),
        **carried_kept_rows(head_before.summary),
    }


@dataclass(frozen=True)
class Publication:
    """One run's commit.

    Attributes:
        table: the published one.
        quarantine: the table of rows set aside; None where this run has none.
        head_before: what readers saw when the run began.
        skips: versions that runs are to leave alone once this is published.
        tombstones: what becomes of deleted keys; None where nothing does.
    """

    aws: Clients
    arguments: JobArguments
    table: Table
    quarantine: Table | None
    head_before: Head
    skips: Sequence[Skip] = ()
    tombstones: NewTombstones | None = None

    def publish(self, updated: Ledger, branch: str = "") -> None:
        """Let readers see a branch, the run's own where none is named, with the ledger as it then is; both are gone then."""
        branch, staged = branch or self.arguments.branch, self.arguments.branch
        if self.tombstones:
            updated = replace(updated, tombstones=self.tombstones.stage(staged, self.arguments.run_id))
        ledger.write_ledger(self.aws.s3, self.arguments.ledger_uri, updated)
        if self.skips:
            # Before the commit: held and skipped is harmless, neither held nor skipped would be read again.
            skip_list.add_skips(self.aws.s3, self.arguments.location, self.skips)
        if self.quarantine:
            staged_on = read_head(self.aws.glue, self.aws.s3, self.quarantine.name, staged).parent
            self.quarantine.publish(staged, staged_on)
        try:
            self.table.publish(branch, self.head_before.snapshot, [staged] if staged != branch else [])
        except Exception:
            # An answer can be lost after the commit was made: what readers see decides.
            if self.current_head.summary.get("sluice.run-id") != self.arguments.run_id:
                raise
        if self.tombstones:
            with suppress(Exception):  # the next run does it: the ledger says what counts
                self.tombstones.settle(updated.tombstones, staged)

    def record(
        self,
        verdict: Verdict,
        rows_staged: int,
        resolution: ConflictResolution,
        counts: DifferenceCounts | None,
        read: str,
    ) -> None:
        """Write into the verdict what was published; `counts` are of a snapshot, `read` says from what."""
        verdict.rows_published = rows_staged - resolution.rows_removed - verdict.rows_expired
        if counts:
            verdict.rows_published -= counts.unchanged
            verdict.rows_unchanged, verdict.rows_gone, verdict.rows_kept = counts.unchanged, counts.gone, counts.kept
        verdict.snapshot_after = self.current_head.snapshot
        quarantined_note = f", {verdict.rows_quarantined} set aside" if verdict.rows_quarantined else ""
        replaced = resolution.rows_replaced
        deleted_note = f", {count_noun(resolution.rows_deleted, 'key')} deleted" if resolution.rows_deleted else ""
        replaced_note = f", {replaced} older than a row with the same key" if replaced else ""
        replaced_note += _difference_words(counts) if counts else ""
        late_note = f", {resolution.rows_late} late, so that they change nothing" if resolution.rows_late else ""
        rows = count_noun(verdict.rows_published, "row")
        expired_note = self._expired_note(verdict.rows_expired)
        notes = f"{deleted_note}{quarantined_note}{replaced_note}{late_note}{expired_note}"
        verdict.message = f"{self.arguments.dataset}: {rows} published from {read}{notes}{not_evaluated_note(verdict)}"

    def _expired_note(self, rows_expired: int) -> str:
        kept = KeptRows.from_summary(self.head_before.summary)
        return f", {rows_expired} left out that are older than {kept.first_day}" if kept and rows_expired else ""

    @property
    def current_head(self) -> Head:
        """What readers see now."""
        return read_head(self.aws.glue, self.aws.s3, self.arguments.table)


def publish_ledger(
    spark: SparkSession, aws: Clients, arguments: JobArguments, head_before: Head, updated: Ledger
) -> None:
    """Let the ledger move and no row: a commit without rows, which says of them what the head before it says.

    Raises:
        Superseded: another run published meanwhile.
    """
    table = Table(spark, arguments.table, arguments.location)
    summary = {
        PUBLISHED: str(head_before.published),
        **own_properties(head_before.summary),
        ledger.POINTER: arguments.ledger_uri,
        "sluice.run-id": arguments.run_id,
        "sluice.kind": arguments.kind,
    }
    try:
        table.stage_rows(spark.table(table.name).where("false"), arguments.branch, arguments.run_id, summary)
        BranchGuard(aws, arguments, head_before.snapshot).follow_write()
        Publication(aws, arguments, table, None, head_before).publish(updated)
    except BaseException:
        drop_branches((table,), arguments.branch)
        raise


def _difference_words(counts: DifferenceCounts) -> str:
    """Say what else a copy did to the table."""
    stays = "stays" if counts.kept == 1 else "stay"
    kept_note = (
        f", {counts.kept:,} that the copy lacks {stays}, since rows were set aside whose key nobody can tell"
        if counts.kept
        else ""
    )
    return f", {counts.unchanged:,} unchanged, {counts.gone:,} gone{kept_note}"


def drop_branches(tables: Sequence[Table], branch: str) -> None:
    """Drop a run's branch of each table, as far as that goes."""
    for table in tables:
        with suppress(Exception):  # what stays behind no reader sees; the run's own error is the one to tell
            table.drop_branch(branch)
