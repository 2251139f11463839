"""The way of one file, top to bottom: extract, check, transform, stage, check, publish."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.contract.loading import contract_versions
from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.datasets import transform_of
from etl.errors import ContractKept, RowsLost, SluiceError, StillBroken
from etl.gate import checks, key_conflicts, primary_key, quarantine_routing
from etl.gate.broken_rows import TRACED_COLUMNS, with_raw_line
from etl.gate.gated_plan import GatedPlan
from etl.gate.key_conflicts import ConflictResolution, StagedRows
from etl.gate.lines_aside import lines_aside, summarize_lines, warning_results
from etl.gate.onepass.metric_requests import MetricValues
from etl.gate.onepass.staged_metrics import StagedMetrics
from etl.gate.quarantine_routing import QuarantineSummary
from etl.gate.references import ResolvedReferences
from etl.gate.row_evidence import OriginLookup
from etl.gate.row_numbers import RowNumbers
from etl.gate.staging import Staging
from etl.gate.structure import StructureRules, transform_result
from etl.gate.transform_faults import FaultSearch, TransformFaults, failure_results, tracing_transform
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.current_snapshot import Head, read_head
from etl.iceberg.table import Table
from etl.ledger import ledger, orphan_cleanup
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.results.contract_failures import not_evaluated_note, record_and_raise
from etl.results.rule_result import RuleResult, describe_results
from etl.results.rule_state import COMPUTED, OBSERVED
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.sources.derived_source import Derived
from etl.sources.line_faults import LineFaults
from etl.sources.new_objects import Arrival
from etl.sources.preflight import FilePreflight
from etl.sources.replay import Replay
from etl.storage.clients import Clients
from etl.transform_errors import guard_transform, raising_transform_failed
from etl.wording import count_noun

Source = Arrival | Replay | Derived


@dataclass
class GateRun:
    """One passage through the gate: of the unread objects of a dataset, or of rows that were set aside.

    `arguments`, `aws` and `verdict` are the run's, `input` and `output` its contracts, `references` what the
    output's rows point to.
    `key_holders` are the objects that the table holds keys of these rows from, where that is asked: they are isolated.
    """

    arguments: JobArguments
    aws: Clients
    verdict: Verdict
    input: Contract
    output: Contract
    references: ResolvedReferences
    source: Source
    head_before: Head
    ledger: Ledger
    has_quarantined: bool = field(init=False, default=False)
    rows_staged: int = field(init=False, default=0)
    key_holders: frozenset[str] = field(init=False, default=frozenset())
    branch_guard: BranchGuard = field(init=False)
    origin_lookup: OriginLookup | None = field(init=False, default=None)
    staged_rows: StagedRows | None = field(init=False, default=None)

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
        # To read and plan takes seconds of one processor, and so does the catalog's start.
        with ThreadPoolExecutor(2) as executor:
            declared = executor.submit(table.evolve_to_contract, self.output)
            with (
                tracing_transform(self._record_and_raise, partial(failure_results, self.arguments.dataset)),
                self._diagnosing_reads(preflights),
            ):
                lines = staging.gated_plan.line_faults.set_aside(
                    self.source.read_rows(spark, preflights, staging.gated_plan.precompute.line_regex)
                )
            planned_rows = executor.submit(staging.gated_plan.observe_rows, lines, preflights)
            row_numbers = RowNumbers(
                self.source, self.aws.s3, self.arguments.raw, staging.gated_plan, lines, preflights
            )
            self.origin_lookup = OriginLookup(row_numbers)
            declared.result()
            self.verdict.remains += orphan_cleanup.remove_orphans(
                self.aws, self.arguments, table, quarantine, self.ledger
            )
        try:
            with self._tracing_faults(lines, preflights, staging):
                staging.stage_observed(planned_rows.result)
                self._judge_source(lines, preflights, staging)
                if staging.marked is None:
                    staging.stage_unobserved(lines)
                quarantined = self._stage_quarantine(lines, preflights, quarantine, staging)
            self._record_and_raise([transform_result(self.arguments.dataset)])
            resolution = self._audit(staging, quarantined)
            if self.arguments.trial:
                raise ContractKept(f"{self.arguments.dataset}: a trial, nothing was published")
            self._publish(table, quarantine, resolution)
        except quarantine_routing.WarningsUnjudged as error:
            self._drop_branches(table, quarantine)
            self._record_and_raise(error.results)
            raise
        except BaseException:
            self._drop_branches(table, quarantine)
            raise

    @contextmanager
    def _diagnosing_reads(self, preflights: list[FilePreflight]) -> Iterator[None]:
        """Where reading fails, name the objects that it must have failed for."""
        try:
            yield
        except SluiceError:
            raise
        except Exception:
            self.source.diagnose_read_failure(preflights)
            raise

    def _tracing_faults(
        self, lines: DataFrame, preflights: list[FilePreflight], staging: Staging
    ) -> AbstractContextManager[None]:
        source, plain = self.source, staging.gated_plan.precompute.line_regex
        reread = partial(source.reread_rows, lines.sparkSession, plain=plain)
        search = FaultSearch(staging.gated_plan, lines, preflights, reread, isinstance(source, Derived))
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
        gated_plan = GatedPlan(self._rule_parameters, transform, *contracts, self.references)
        return Staging(
            self.arguments, table, self.branch_guard, gated_plan, self.source.corrected, self._snapshot_summary
        )

    def _judge_source(self, lines: DataFrame, preflights: list[FilePreflight], staging: Staging) -> None:
        """Judge structure and the input contract; what the pass that wrote did not prove, in passes of their own."""
        observations, rows, rules = (
            staging.observations,
            staging.gated_plan.isolated_rows(lines),
            staging.gated_plan.judged_rules[Stage.INPUT],
        )
        structure = observations and observations.observed_rows.structure.results_if_held(
            observations.line_values, preflights
        )
        with self._diagnosing_reads(preflights):
            if observations and structure:
                self.verdict.rows_read = observations.rows
                content = checks.judge_frame(rows, self.input, rules, self._rule_parameters, observations.input_values)
            else:
                structure_rules = StructureRules(self.source.contract, self.output)
                self.verdict.rows_read, structure = structure_rules.compute_results(lines, preflights)
                content = checks.check_frame(rows, self.input, rules, self._rule_parameters)
        self._record_and_raise([*structure, *content])

    def _stage_quarantine(
        self, lines: DataFrame, preflights: list[FilePreflight], quarantine: Quarantine, staging: Staging
    ) -> QuarantineSummary:
        """Stage what broke a warning beside the table, rows and lines in a pass of their own each, where there are any."""
        self.rows_staged = staging.rows
        # The source is read once more for each, and not for each look at them.
        rows_aside, rows = self._rows_aside(lines, staging)
        lines_aside, raw_lines = self._lines_aside(lines, preflights, staging)
        frames = [frame for frame in (rows, raw_lines) if frame is not None]
        if frames:
            self.has_quarantined = True
            quarantine.stage_rows(frames, self.arguments.branch, self.arguments.run_id)
        for frame in frames:
            frame.unpersist()
        return rows_aside | lines_aside

    def _rows_aside(self, lines: DataFrame, staging: Staging) -> tuple[QuarantineSummary, DataFrame | None]:
        """Return the rows that broke a warning of a suite, kept in memory or on disk; None where there are none."""
        marked, observations = staging.marked, staging.observations
        if marked is None or not marked.rules:
            has_warnings = any(map(quarantine_routing.warning_rules, (self.input, self.output)))
            return QuarantineSummary(way=COMPUTED if has_warnings else OBSERVED), None
        if observations and not observations.rows_quarantined:
            return QuarantineSummary(way=OBSERVED), None
        rows = staging.gated_plan.gated_rows(with_raw_line(lines), TRACED_COLUMNS).quarantined_rows.persist()
        summary = QuarantineSummary.from_frame(rows, (self.input, self.output), staging.gated_plan.parameters)
        if self.origin_lookup:
            self.origin_lookup.remember_quarantined(rows, summary)
        return summary, summary.release_if_empty(rows)

    def _lines_aside(
        self, lines: DataFrame, preflights: list[FilePreflight], staging: Staging
    ) -> tuple[QuarantineSummary, DataFrame | None]:
        """Return the lines that broke a warning on structure, kept in memory or on disk; None where there are none."""
        faults, observations = staging.gated_plan.line_faults, staging.observations
        if not faults.warnings or (observations and not observations.lines_aside):
            return QuarantineSummary(way=OBSERVED), None
        aside = lines_aside(with_raw_line(lines), faults.contract, preflights).persist()
        summary = summarize_lines(aside, faults, self.input.masking)
        if self.origin_lookup:
            self.origin_lookup.remember_lines(aside, faults, summary)
        return summary, summary.release_if_empty(aside)

    def _audit(self, staging: Staging, quarantined: QuarantineSummary) -> ConflictResolution:
        """Judge what was written, read back: keys against the whole table, every other rule on this run's rows."""
        self._reconcile_counts(quarantined)
        self._record_and_raise(self._warning_results(quarantined))
        self.staged_rows = staged = self._rows_read_back(staging)
        resolution = self._resolve_conflicts(staged)
        values = staging.observations.output_values if staging.observations and not resolution.rows_replaced else None
        results = self._judge_staged(
            staging.staged_metrics(staged.rows), staging.gated_plan.judged_rules[Stage.OUTPUT], values
        )
        if self.head_before.snapshot is not None and not self.output.on_conflict.replaces_rows:
            results = [self._judge_earlier_keys(staged, result) for result in results]
        self._record_and_raise(
            [*results, *self._key_results(staged, staging), *self.source.reconcile_sums(staged.rows)]
        )
        return resolution

    def _key_results(self, staged: StagedRows, staging: Staging) -> list[RuleResult]:
        """Return whether every part of the key is there, where there is one."""
        return [self._key_result(staged, staging)] if self.output.has_key else []

    def _key_result(self, staged: StagedRows, staging: Staging) -> RuleResult:
        """Return whether every part of the key is there; of all rows of the table, where their head names no such key."""
        if not primary_key.is_proven(self.head_before, self.output.key):
            return primary_key.check_table(self.arguments.dataset, staged, self.output.masking)
        if staging.observations and not staging.observations.has_null_keys:
            return primary_key.observed_result(self.arguments.dataset)
        return primary_key.check_run(self.arguments.dataset, staged, self.output.masking)

    def _judge_staged(self, metrics: StagedMetrics, rules: list[Rule], values: MetricValues | None) -> list[RuleResult]:
        """Judge the rows of the run by the output's rules; `values` were observed of these very rows."""
        if values is None:
            return checks.check_frame(metrics.rows, self.output, rules, self._rule_parameters)
        metric_values = {**values.values, **metrics.answer_questions(values.questions)}
        return checks.judge_frame(metrics.rows, self.output, rules, self._rule_parameters, metric_values)

    def _rows_read_back(self, staging: Staging) -> StagedRows:
        return StagedRows(staging.table, self.arguments.branch, self.arguments.run_id, self.output.key)

    def _judge_earlier_keys(self, staged: StagedRows, result: RuleResult) -> RuleResult:
        """Hold the run's keys against those that the table has already."""
        if not any(self.output.is_key_rule(rule) for rule in self.output.rules if rule.rule == result.rule):
            return result
        key_result = key_conflicts.judge_earlier_keys(staged, result, self.output.masking)
        if not key_result.held and self.input.on_poison.publishes_others:
            self.key_holders |= key_conflicts.key_holders(staged)
        return key_result

    def _resolve_conflicts(self, staged: StagedRows) -> ConflictResolution:
        """Where the newer object's row wins, let it."""
        if not self.output.on_conflict.replaces_rows:
            return ConflictResolution()
        resolution = key_conflicts.resolve_conflicts(staged, self._put_times, self._snapshot_summary)
        if resolution.replaced_objects:
            self.branch_guard.follow_write()
        self.verdict.rows_replaced = resolution.rows_replaced
        return resolution

    def _put_times(self, objects: Iterable[str]) -> dict[str, str]:
        """Return when objects were put: those that the table holds, and over them those of this run."""
        put_times = {key: held.put for key, held in self.ledger.held.select_held(objects).items()}
        return put_times | {raw_object.key: raw_object.modified for raw_object in self.source.unread}

    def _warning_results(self, quarantined: QuarantineSummary) -> list[RuleResult]:
        """Return what the warnings say: a replay may leave rows aside, but not all of them.

        Raises:
            StillBroken: no row of a replay is better than it was.
        """
        contracts = (self.input, self.output)
        faults = LineFaults(self.source.contract, self.output)
        results = warning_results(faults, quarantined)
        results += [result for contract in contracts for result in quarantined.warning_results(contract)]
        if not self.arguments.replay:
            return [
                *results,
                *(
                    quarantined.share_result(contract, self.verdict.rows_read)
                    for contract in contracts
                    if quarantine_routing.warning_rules(contract) or contract.structure.warnings
                ),
            ]
        if not self.rows_staged:
            broken = describe_results([result for result in results if result.broken])
            verdict = self.arguments.verdicts.uri(self.arguments.verdict_key)
            raise StillBroken(
                f"{self.arguments.dataset}: verdict {verdict}: every row of the replay is set aside as before: {broken}"
                f"{not_evaluated_note(self.verdict)}"
            )
        return results

    def _reconcile_counts(self, quarantined: QuarantineSummary) -> None:
        """Hold the rows that were staged and set aside against those that were read.

        Raises:
            ObjectChanged: they differ, since the pass over the rows set aside read another version of an object.
            RowsLost: they differ; the transform drops or doubles rows.
        """
        self.verdict.rows_quarantined = sum(quarantined.combinations.values())
        if self.rows_staged + self.verdict.rows_quarantined != self.verdict.rows_read:
            self.source.assert_unchanged()
            were = "was" if self.verdict.rows_read == 1 else "were"
            raise RowsLost(
                f"{self.arguments.dataset}: {count_noun(self.verdict.rows_read, 'row')} {were} read, "
                f"{self.rows_staged} staged and "
                f"{self.verdict.rows_quarantined} set aside; "
                f"a transform keeps one row per row: mend etl/datasets/{self.output.transform_module}.py"
            )

    def _publish(self, table: Table, quarantine: Quarantine, resolution: ConflictResolution) -> None:
        self.source.assert_unchanged()
        ledger.write_ledger(
            self.aws.s3,
            self.arguments.ledger_uri,
            self.source.updated_ledger(self.ledger, self.has_quarantined).record_replacements(
                resolution.replaced_objects
            ),
        )
        if self.has_quarantined:
            staged_on = read_head(self.aws.glue, self.aws.s3, quarantine.table.name, self.arguments.branch).parent
            quarantine.table.publish(self.arguments.branch, staged_on)
        try:
            table.publish(self.arguments.branch, self.head_before.snapshot)
        except Exception:
            # An answer can be lost after the commit was made: what readers see decides.
            if self._current_head.summary.get("sluice.run-id") != self.arguments.run_id:
                raise
        self.verdict.rows_published = self.rows_staged - resolution.rows_replaced
        self.verdict.snapshot_after = self._current_head.snapshot
        quarantined_note = f", {self.verdict.rows_quarantined} set aside" if self.verdict.rows_quarantined else ""
        replaced_note = (
            f", {resolution.rows_replaced} older than a row with the same key" if resolution.rows_replaced else ""
        )
        rows = count_noun(self.verdict.rows_published, "row")
        summary = f"{self.arguments.dataset}: {rows} published from {self.source.read_summary}{quarantined_note}{replaced_note}"
        self.verdict.message = f"{summary}{not_evaluated_note(self.verdict)}"

    def _drop_branches(self, table: Table, quarantine: Quarantine) -> None:
        self.verdict.rows_quarantined = 0
        for branch_table in (table, quarantine.table) if self.has_quarantined else (table,):
            with suppress(Exception):  # what stays behind no reader sees; the run's own error is the one to tell
                branch_table.drop_branch(self.arguments.branch)

    @property
    def _current_head(self) -> Head:
        return read_head(self.aws.glue, self.aws.s3, self.arguments.table)

    @property
    def _snapshot_summary(self) -> dict[str, str]:
        return {
            ledger.POINTER: self.arguments.ledger_uri,
            "sluice.run-id": self.arguments.run_id,
            "sluice.kind": self.arguments.kind,
            "sluice.contracts": contract_versions(self.input, self.output),
            "sluice.code": self.arguments.code,
            **primary_key.key_summary(self.output.key),
        }

    @property
    def _rule_parameters(self) -> dict[str, Any]:
        return dict(self.arguments.rule_parameters)

    def _record_and_raise(self, results: list[RuleResult]) -> None:
        placed = self.origin_lookup.with_origins(results, self.staged_rows) if self.origin_lookup else results
        record_and_raise(self.verdict, placed, self.arguments.verdicts.uri(self.arguments.verdict_key))
