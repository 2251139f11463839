"""Rows on a branch of the published table, written once, with what that pass showed of them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from etl.errors import SluiceError
from etl.gate.gated_plan import GatedPlan
from etl.gate.observed_rows import Observations, ObservedRows
from etl.gate.onepass.staged_metrics import StagedMetrics
from etl.gate.quarantine_routing import MarkedRows
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.manifests import added_files
from etl.iceberg.table import Table
from etl.runtime.arguments import JobArguments
from etl.sources.provenance import PROVENANCE
from etl.transform_errors import describe_error

if TYPE_CHECKING:
    from etl.gate.onepass.data_files import Files

logger = logging.getLogger(__name__)


@dataclass
class Staging:
    """What one run stages.

    Attributes:
        corrected: objects whose earlier rows these replace.
        summary: what the snapshot says.
        marked: the rows, with the warnings they break; None before they are staged.
        rows: how many were staged, by the snapshot.
        snapshot: which one that is; None before they are staged, and where none was.
        observations: what was observed of them; None where nothing was, or the counts are not the snapshot's.
        initial_snapshot: the snapshot that the first write is made on.
    """

    arguments: JobArguments
    table: Table
    branch_guard: BranchGuard
    gated_plan: GatedPlan
    corrected: Sequence[str]
    summary: Mapping[str, str]
    marked: MarkedRows | None = field(default=None, init=False)
    rows: int = field(default=0, init=False)
    snapshot: str | None = field(default=None, init=False)
    observations: Observations | None = field(default=None, init=False)
    initial_snapshot: str | None = field(init=False)

    def __post_init__(self) -> None:
        """Keep what the first write is made on."""
        self.initial_snapshot = self.branch_guard.snapshot

    def stage_observed(self, planned: Callable[[], ObservedRows]) -> None:
        """Stage the rows that break no warning, observed as `planned` says; where that fails, `marked` stays None.

        So it does where a row may break a warning, and only a function in Python could tell, and where a warning with
        `mostly` does not hold.

        Raises:
            Superseded: they are not staged on what this run began from.
        """
        observed_rows = None
        try:
            observed_rows = planned()
            self._append_rows(observed_rows.marked)
            outcome = observed_rows.read_observations()
        except SluiceError:
            raise
        except Exception as error:  # the source may be at fault, which its own passes tell, or this way is
            # Not what it says: that may be a value of a row.
            logger.warning("rules are judged in passes of their own: %s", describe_error(error, personal=True))
            outcome = None
        if outcome and outcome.matches_staged(self.rows):
            self.observations = outcome
        if observed_rows and observed_rows.is_provisional and not self._is_settled(outcome):
            self.marked = self.observations = None

    def _is_settled(self, outcome: Observations | None) -> bool:
        """Say whether what was observed tells that the right rows were set aside; keep which warnings with `mostly` failed."""
        if outcome is None:
            return False
        broken = outcome.broken_tolerances if self.observations else None
        if broken is not None:
            self.gated_plan.settle_warnings(broken)
        if outcome.has_unsure:
            logger.info("a warning is judged by Python for each row: some rows are not proven to keep it")
        if broken:
            logger.info("rows are staged again, without those that break %s", ", ".join(broken))
        return not (broken or outcome.has_unsure) and (broken is not None or not outcome.observed_rows.tolerances)

    def stage_unobserved(self, lines: DataFrame) -> None:
        """Stage the rows where nothing is staged, unobserved."""
        self.table.drop_branch(self.arguments.branch)  # a commit whose answer was lost may have made it
        self.branch_guard.snapshot = self.initial_snapshot
        self._append_rows(self.gated_plan.gated_rows(lines))

    def staged_metrics(self, rows: DataFrame) -> StagedMetrics:
        """Return what was staged; `rows` are that, read back by Spark."""
        return StagedMetrics(self.rows, rows, lambda: self.data_files, self.gated_plan.output.masking)

    @cached_property
    def data_files(self) -> "Files":
        """The files that were written, by the manifests.

        Raises:
            ImportError: there is no PyArrow.
        """
        from etl.gate.onepass.data_files import Files  # noqa: PLC0415  # PyArrow may be missing, as written.py says

        data_files = added_files(self.table.spark, self.table.name, self.snapshot) if self.snapshot else []
        return Files(data_files, self.branch_guard.aws.s3, self.rows)

    def _append_rows(self, marked: MarkedRows) -> None:
        if self.corrected:
            self.table.delete_objects(self.arguments.branch, self.corrected)
            self.branch_guard.follow_write()
        columns = (*self.gated_plan.output.names, *PROVENANCE)
        self.table.stage_rows(
            marked.kept_rows.select(*columns), self.arguments.branch, self.arguments.run_id, self.summary
        )
        self.marked = marked
        head = self.branch_guard.follow_write()
        if head.summary.get("sluice.run-id") == self.arguments.run_id:
            self.rows, self.snapshot = int(head.summary.get("added-records", 0)), head.snapshot
        else:
            self.rows, self.snapshot = 0, None
