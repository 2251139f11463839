"""What was written, read back and judged: keys against the whole table, every other rule on the rows of the run."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.loads import LoadKind
from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.contract.vocabulary import ROW_COUNT_TYPES
from etl.gate import checks, key_conflicts, primary_key
from etl.gate.history_metrics import ROW_COUNT, Metrics
from etl.gate.key_conflicts import ConflictResolution, StagedRows
from etl.gate.onepass.metric_queries import Question
from etl.gate.onepass.metric_requests import MetricValues
from etl.gate.run_changes import RunChanges
from etl.gate.staging import Staging
from etl.iceberg.current_snapshot import Head
from etl.results.rule_result import RuleResult


@dataclass
class StagedAudit:
    """The judgement of one run's staged rows.

    Attributes:
        dataset: whose they are.
        input, output: the run's contracts.
        parameters: values for `$PARAMETER`.
        head_before: what readers saw when the run began.
        changes: of a load of changes, all that the run read: rules on how many rows there are count these.
        key_holders: the objects that the table holds keys of these rows from, where the input isolates objects.
        metrics: what the output's history names of the rows.
    """

    dataset: str
    input: Contract
    output: Contract
    parameters: Mapping[str, Any]
    head_before: Head
    changes: RunChanges | None = None
    key_holders: frozenset[str] = field(default=frozenset(), init=False)
    metrics: Metrics = field(default_factory=dict[str, int | float | None], init=False)

    def judge_rows(self, staging: Staging, staged: StagedRows, resolution: ConflictResolution) -> list[RuleResult]:
        """Return the results of the output's rules and of its key; `staged` are the rows that others left."""
        observations = staging.observations
        values = observations.output_values if observations and not resolution.rows_removed else None
        rules = staging.gated_plan.judged_rules[Stage.OUTPUT]
        answers = self._count_metrics(staging, staged, resolution, values)
        observed = {**values.with_counts(lambda: staged.rows), **answers} if values else None
        counts_all = self.changes is not None or resolution.rows_removed > 0
        counting = [rule for rule in rules if counts_all and rule.type in ROW_COUNT_TYPES]
        results = self._judge_rules(staged.rows, [rule for rule in rules if rule not in counting], observed)
        if self.head_before.snapshot is not None and not self.output.loading.replaces_rows:
            results = [self._judge_earlier_keys(staged, result) for result in results]
        rows = staging.rows - resolution.rows_removed
        results = [result.judging(rows) for result in results]
        if counting:
            results = [*self._judge_counts(counting, staging, staged), *results]
        if not self.output.has_key or self._key_waits:
            return results
        return [*results, self._key_result(staged, staging, rows)]

    @property
    def _key_waits(self) -> bool:
        """Whether the key can be judged only once it is known which rows of the table stay."""
        is_snapshot = self.output.loading.kind is LoadKind.SNAPSHOT
        return is_snapshot and not primary_key.is_proven(self.head_before, self.output.key)

    def _count_metrics(
        self, staging: Staging, staged: StagedRows, resolution: ConflictResolution, values: MetricValues | None
    ) -> dict[Hashable, Any]:
        """Count what the history names; return what a look at what was written told, for the rules too.

        A column whose values both count is read once.
        """
        _, history = staging.gated_plan.history_metrics
        present, questions = Metrics(), dict[Hashable, Question](values.questions if values else {})
        if staging.observations and not resolution.rows_removed:
            present, questions = staging.observations.output_metrics, {**questions, **history.questions}
        answers = staging.staged_metrics(staged.rows).answer_questions(questions)
        present = {**present, **history.answered_metrics(answers)}
        self.metrics = history.computed_metrics(staged.rows, staging.rows - resolution.rows_removed, present)
        if self.changes:
            self.metrics[ROW_COUNT] = self.changes.number
        return answers

    def _judge_rules(self, rows: DataFrame, rules: list[Rule], values: Mapping[Any, Any] | None) -> list[RuleResult]:
        """Judge the rows by rules; `values` were observed of these very rows."""
        parameters = dict(self.parameters)
        if values is None:
            return checks.check_frame(rows, self.output, rules, parameters)
        return checks.judge_frame(rows, self.output, rules, parameters, values)

    def _judge_counts(self, rules: list[Rule], staging: Staging, staged: StagedRows) -> list[RuleResult]:
        """Judge rules on how many rows there are by all that came: a day of deletes or of older rows is no empty day."""
        parameters, observations = dict(self.parameters), staging.observations
        number = self.changes.number if self.changes else staging.rows
        rows = self.changes.rows if self.changes else staged.table.rows_as_of(str(staging.snapshot), staged.run_id)
        values = observations.output_count_values(number) if observations else None
        if values is None:
            results = checks.check_frame(rows, self.output, rules, parameters)
        else:
            results = checks.judge_frame(rows, self.output, rules, parameters, values)
        return [result.judging(number) for result in results]

    def _judge_earlier_keys(self, staged: StagedRows, result: RuleResult) -> RuleResult:
        """Hold the run's keys against those that the table has already."""
        if not any(self.output.is_key_rule(rule) for rule in self.output.rules if rule.rule == result.rule):
            return result
        key_result = key_conflicts.judge_earlier_keys(staged, result, self.output.masking)
        if not key_result.held and self.input.on_poison.publishes_others:
            self.key_holders |= key_conflicts.key_holders(staged)
        return key_result

    def _key_result(self, staged: StagedRows, staging: Staging, rows: int) -> RuleResult:
        """Return whether every part of the key is there; of all rows of the table, where their head names no such key."""
        if not primary_key.is_proven(self.head_before, self.output.key, self.output.unique_within):
            return primary_key.check_table(self.dataset, staged, self.output.masking)
        if staging.observations and not staging.observations.has_null_keys:
            return primary_key.observed_result(self.dataset).judging(rows)
        return primary_key.check_run(self.dataset, staged, self.output.masking).judging(rows)
