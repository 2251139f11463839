"""The way of one file, top to bottom: extract, check, transform, stage, check, publish."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.contract.loads import LoadKind
from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.datasets import transform_of
from etl.errors import ContractKept
from etl.gate import expired_rows, quarantine_routing
from etl.gate.gated_plan import GatedPlan
from etl.gate.key_conflicts import ConflictResolution, StagedRows
from etl.gate.load_resolution import LoadedDay, difference_of, resolver_of
from etl.gate.object_rows import count_object_rows
from etl.gate.observed_plan import ObservedPlan
from etl.gate.observed_rows import ObservedRows
from etl.gate.quarantine_outcome import QuarantineOutcome
from etl.gate.quarantine_routing import QuarantineSummary
from etl.gate.references import ResolvedReferences
from etl.gate.row_evidence import OriginLookup
from etl.gate.row_numbers import RowNumbers
from etl.gate.rows_aside import RowsAside
from etl.gate.run_changes import RunChanges
from etl.gate.snapshot_difference import KeysAside, SnapshotDifference, keys_aside
from etl.gate.source_audit import SourceAudit
from etl.gate.source_lines import SourceLines
from etl.gate.staged_audit import StagedAudit
from etl.gate.staging import Staging
from etl.gate.structure import transform_result
from etl.gate.transform_faults import FaultSearch, TransformFaults, failure_results, tracing_transform
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.current_snapshot import Head
from etl.iceberg.table import Table
from etl.ledger import orphan_cleanup
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.tombstones import changes_table
from etl.publication import Publication, drop_branches, snapshot_summary
from etl.results.contract_failures import record_and_raise
from etl.results.rule_result import RuleResult
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.sources.derived_source import Derived
from etl.sources.line_regex import LineRegex
from etl.sources.new_objects import Arrival
from etl.sources.preflight import FilePreflight
from etl.sources.read_failures import diagnosing_reads
from etl.sources.replay import Replay
from etl.storage.clients import Clients
from etl.transform_errors import guard_transform, raising_transform_failed

Source = Arrival | Replay | Derived


@dataclass
class GateRun:
    """One passage through the gate: of the unread objects of a dataset, or of rows that were set aside.

    `arguments`, `aws` and `verdict` are the run's, `input` and `output` its contracts, `parameters` values for
    `$PARAMETER`, `references` what the output's rows point to. `key_holders` are the objects that the table holds keys of
    these rows from, where that is asked: they are isolated.
    """

    arguments: JobArguments
    aws: Clients
    verdict: Verdict
    input: Contract
    output: Contract
    parameters: Mapping[str, Any]
    references: ResolvedReferences
    source: Source
    head_before: Head
    ledger: Ledger
    has_quarantined: bool = field(init=False, default=False)
    rows_staged: int = field(init=False, default=0)
    object_rows: Mapping[str, int] = field(init=False, default_factory=dict[str, int])
    key_holders: frozenset[str] = field(init=False, default=frozenset())
    branch_guard: BranchGuard = field(init=False)
    origin_lookup: OriginLookup | None = field(init=False, default=None)
    staged_rows: StagedRows | None = field(init=False, default=None)
    aside: KeysAside = field(init=False, default=KeysAside())
    difference: SnapshotDifference | None = field(init=False, default=None)
    changes: RunChanges | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Start from what readers saw when the ledger was read."""
        self.branch_guard = BranchGuard(self.aws, self.arguments, self.head_before.snapshot)

    def run(self, start_spark: Callable[[], SparkSession]) -> None:
        """Take the source's rows through.

        Raises:
            ContractBroken: a critical rule did not hold; nothing was published.
            RuleInError: a rule could not be judged; nothing was published.
            ObjectChanged: a raw object changed while it was read; nothing was published.
            StillBroken: no row of a replay is better than it was; nothing was published.
            MigrationNeeded: the table is not what the contract declares; nothing was changed.
            Superseded: another run published meanwhile; nothing of this one was.
            ContractKept: the rows were only on trial.
        """
        preflights = list(self.source.preflights)
        spark = start_spark()
        table = Table(spark, self.arguments.table, self.arguments.location)
        quarantine = Quarantine.for_table(table)
        with tracing_transform(self._record_and_raise, partial(failure_results, self.arguments.dataset)):
            staging = self._plan_staging(table)
        lines, planned_rows = self._read_lines(spark, preflights, quarantine, staging)
        try:
            with self._tracing_faults(lines, preflights, staging):
                staging.stage_observed(planned_rows)
                self._judge_source(lines, preflights, staging)
                if staging.marked is None:
                    staging.stage_unobserved(lines.proven)
                quarantined = self._stage_quarantine(lines, preflights, quarantine, staging)
                with diagnosing_reads(self.source, preflights):
                    self.changes = RunChanges.read(lines, staging, self.ledger)
            self._record_and_raise([transform_result(self.arguments.dataset).judging(self.verdict.rows_read)])
            resolution = self._audit(staging, quarantined)
            if self.arguments.trial:
                raise ContractKept(f"{self.arguments.dataset}: a trial, nothing was published")
            self._leave_out_expired()
            self._publish(table, quarantine, resolution)
        except quarantine_routing.WarningsUnjudged as error:
            self._drop_branches(table, quarantine)
            self._record_and_raise(error.results)
            raise
        except BaseException:
            self._drop_branches(table, quarantine)
            raise

    def _read_lines(
        self, spark: SparkSession, preflights: list[FilePreflight], quarantine: Quarantine, staging: Staging
    ) -> tuple[SourceLines, Callable[[], ObservedRows]]:
        """Read the source, while the table becomes what the contract declares; return its lines, and the plan that writes."""
        table, plan = staging.table, staging.gated_plan
        # To read and plan takes seconds of one processor, and so does the catalog's start.
        with ThreadPoolExecutor(2) as executor:
            declared = executor.submit(table.evolve_to_contract, self.output)
            with (
                tracing_transform(self._record_and_raise, partial(failure_results, self.arguments.dataset)),
                diagnosing_reads(self.source, preflights),
            ):
                read_rows = self.source.read_rows(spark, preflights, plan.precompute.line_regex)
                proven_lines = plan.line_faults.set_aside(read_rows)
            lines = SourceLines(proven_lines, partial(self._reread_lines, spark, preflights, plan))
            planned_rows = executor.submit(ObservedPlan(plan, proven_lines, preflights).observe)
            row_numbers = RowNumbers(self.source, self.aws.s3, self.arguments.raw, plan, lines, preflights)
            self.origin_lookup = OriginLookup(row_numbers)
            declared.result()
            tombstones = changes_table(table) if plan.operations else None
            self.verdict.remains += orphan_cleanup.remove_orphans(
                self.aws, self.arguments, table, quarantine, self.ledger, tombstones
            )
        return lines, planned_rows.result

    def _reread_lines(self, spark: SparkSession, preflights: list[FilePreflight], plan: GatedPlan) -> DataFrame:
        """Read the source for one more pass, which proves nothing of its lines."""
        with diagnosing_reads(self.source, preflights):
            return plan.line_faults.set_aside(self.source.reread_rows(spark, preflights, LineRegex()))

    def _tracing_faults(
        self, lines: SourceLines, preflights: list[FilePreflight], staging: Staging
    ) -> AbstractContextManager[None]:
        source, plain = self.source, staging.gated_plan.precompute.line_regex
        reread = partial(source.reread_rows, lines.proven.sparkSession, plain=plain)
        search = FaultSearch(staging.gated_plan, lines.proven, preflights, reread, isinstance(source, Derived))
        faults = TransformFaults(self.arguments.dataset, self._is_personal, search, source.row_of)
        return tracing_transform(self._record_and_raise, faults.results_for)

    @property
    def _is_personal(self) -> bool:
        return bool(self.input.pii | self.output.pii)

    def _plan_staging(self, table: Table) -> Staging:
        contracts = (self.source.contract, self.input, self.output)
        with raising_transform_failed(self._is_personal):
            dataset_transform = transform_of(self.output.transform_module)
        transform = guard_transform(dataset_transform, self.output.names, self._is_personal)
        gated_plan = GatedPlan(dict(self.parameters), transform, *contracts, self.references)
        return Staging(
            self.arguments, table, self.branch_guard, gated_plan, self.source.corrected, self._snapshot_summary
        )

    def _judge_source(self, lines: SourceLines, preflights: list[FilePreflight], staging: Staging) -> None:
        """Judge structure and the input contract."""
        audit = SourceAudit(self.source.contract, self.input, self.output, self.parameters)
        with diagnosing_reads(self.source, preflights):
            self.verdict.rows_read, results = audit.judge_lines(lines, preflights, staging)
            if staging.observations or not any(result.stops_run for result in results):
                self.verdict.metrics[Stage.INPUT] = audit.count_metrics(lines, staging, self.verdict.rows_read)
        self._record_and_raise(results)

    def _stage_quarantine(
        self, lines: SourceLines, preflights: list[FilePreflight], quarantine: Quarantine, staging: Staging
    ) -> QuarantineSummary:
        """Stage what broke a warning beside the table."""
        self.rows_staged = staging.rows
        rows_aside = RowsAside(self.input, self.output, staging, self.origin_lookup)
        summary, frames = rows_aside.select_frames(lines, preflights)
        if frames:
            self.has_quarantined = True
            quarantine.stage_rows(frames, self.arguments.branch, self.arguments.run_id)
        if self.source.expects_rows:
            staged_rows = partial(staging.table.staged_rows, self.arguments.branch, self.arguments.run_id)
            self.object_rows = count_object_rows(
                self.source.unread, self.verdict.rows_read, lambda: [staged_rows(), *frames]
            )
        if self.output.loading.kind is LoadKind.SNAPSHOT:
            self.aside = keys_aside(frames, self.output)
        for frame in frames:
            frame.unpersist()
        return summary

    def _audit(self, staging: Staging, quarantined: QuarantineSummary) -> ConflictResolution:
        """Judge what was written, read back: keys against the whole table, every other rule on this run's rows."""
        outcome = QuarantineOutcome(
            *(self.arguments, self.verdict, self.source.contract, self.input, self.output),
            rows_staged=self.rows_staged,
            quarantined=quarantined,
            deletes=self.changes.deletes if self.changes else 0,
        )
        outcome.reconcile_counts(self.source.assert_unchanged)
        self._record_and_raise([*outcome.results(), *self.source.judge_rows(self.object_rows)])
        self.staged_rows = StagedRows(
            *(staging.table, self.arguments.branch, self.arguments.run_id, self.output.key, self.output.unique_within),
            files=lambda: staging.data_files,
            masking=self.output.masking,
        )
        resolution = self._resolve_conflicts(staged := self.staged_rows)
        audit = StagedAudit(
            *(self.arguments.dataset, self.input, self.output, self.parameters, self.head_before, self.changes)
        )
        results = audit.judge_rows(staging, staged, resolution)
        self.key_holders |= audit.key_holders
        self.verdict.metrics[Stage.OUTPUT] = audit.metrics
        # What an operator withdraws may be most of the table.
        gone = self.difference.judge_gone() if self.difference and not self.source.leaving_objects else []
        self._record_and_raise([*results, *gone, *self.source.reconcile_sums(staged.rows)])
        return resolution

    def _resolve_conflicts(self, staged: StagedRows) -> ConflictResolution:
        """Let what was staged take the place of what it replaces, as the output's load says."""
        day = LoadedDay(
            *(staged, self.output, self._put_times, self._snapshot_summary),
            *(self.rows_staged, self.head_before, self.aside, not self.arguments.replay),
            *(self.source.corrected, self.changes),
            leaving_objects=self.source.leaving_objects,
        )
        self.difference = difference_of(day)
        resolution = resolver_of(self.output.loading.kind)(day)
        if resolution.branch_written:
            self.branch_guard.follow_write()
        resolution.record_in(self.verdict)
        self._record_and_raise([*resolution.results])
        return resolution

    def _leave_out_expired(self) -> None:
        """Take out what is older than the rows that the table keeps; the difference of a copy has none of it."""
        if self.difference:
            self.verdict.rows_expired = self.difference.rows_expired
        elif self.staged_rows:
            self.verdict.rows_expired = expired_rows.remove_expired(
                self.staged_rows, self.output, self.head_before, self._snapshot_summary
            )
            if self.verdict.rows_expired:
                self.branch_guard.follow_write()

    def _put_times(self, objects: Iterable[str]) -> dict[str, str]:
        """Return when objects were put: those that the table holds, and over them those of this run."""
        put_times = {key: held.put for key, held in self.ledger.held.select_held(objects).items()}
        return put_times | {raw_object.key: raw_object.modified for raw_object in self.source.unread}

    def _publish(self, table: Table, quarantine: Quarantine, resolution: ConflictResolution) -> None:
        if difference := self.difference:
            branch = difference.branch
            difference.write(BranchGuard(self.aws, self.arguments, self.head_before.snapshot, branch))
            self._record_and_raise(difference.judge_key())
        self.source.assert_unchanged()
        aside = quarantine.table if self.has_quarantined else None
        publication = Publication(
            *(self.aws, self.arguments, table, aside, self.head_before, self.source.skips, resolution.tombstones)
        )
        ledger = self.source.updated_ledger(self.ledger, self.has_quarantined)
        publication.publish(
            ledger.record_replacements(resolution.replaced_objects), difference.branch if difference else ""
        )
        counts = difference and difference.counts
        publication.record(self.verdict, self.rows_staged, resolution, counts, self.source.read_summary)

    def _drop_branches(self, table: Table, quarantine: Quarantine) -> None:
        self.verdict.rows_quarantined = self.verdict.rows_expired = 0
        tables = [table, *([quarantine.table] if self.has_quarantined else [])]
        drop_branches([*tables, *([self.changes.tombstones.table] if self.changes else [])], self.arguments.branch)
        if self.difference:
            drop_branches((table,), self.difference.branch)

    @property
    def _snapshot_summary(self) -> dict[str, str]:
        return snapshot_summary(self.arguments, self.input, self.output, self.head_before)

    def _record_and_raise(self, results: list[RuleResult]) -> None:
        placed = self.origin_lookup.with_origins(results, self.staged_rows) if self.origin_lookup else results
        record_and_raise(self.verdict, placed, self.arguments.verdicts.uri(self.arguments.verdict_key))
