"""What was read, judged: structure and the input contract, by what the pass that wrote saw, else in passes of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.contract.vocabulary import ROW_COUNT_TYPES
from etl.gate import checks
from etl.gate.history_metrics import ROW_COUNT, Metrics
from etl.gate.observed_rows import Observations
from etl.gate.source_lines import SourceLines
from etl.gate.staging import Staging
from etl.gate.structure import LineCounts, StructureRules
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import is_about_objects
from etl.sources.preflight import FilePreflight


@dataclass(frozen=True)
class SourceAudit:
    """The judgement of a source's lines.

    Attributes:
        source_contract: what they were read by.
        input, output: the run's contracts.
        parameters: values for `$PARAMETER`.
    """

    source_contract: Contract
    input: Contract
    output: Contract
    parameters: Mapping[str, Any]

    def judge_lines(
        self, lines: SourceLines, preflights: Sequence[FilePreflight], staging: Staging
    ) -> tuple[int, list[RuleResult]]:
        """Return the number of data rows, and the results of the rules of structure and of the input."""
        looks, observations = list(preflights), staging.observations
        structure = observations and observations.observed_rows.structure.results_if_held(
            observations.line_values, looks
        )
        if observations and structure:
            counts = LineCounts(observations.rows, observations.lines_aside, observations.deletes)
        else:
            observations = None
            counts, structure = StructureRules(self.source_contract, self.output).compute_results(lines.proven, looks)
        return counts.rows, [
            *(result.judging(len(looks) if is_about_objects(result) else counts.rows) for result in structure),
            *self._judge_content(lines, staging, observations, counts),
        ]

    def _judge_content(
        self, lines: SourceLines, staging: Staging, observations: Observations | None, counts: LineCounts
    ) -> list[RuleResult]:
        """Return the results of the input's rules, by what was observed of the lines where that is there.

        Of a load of changes rules on how many rows there are count deletes too; others judge none of these.
        """
        plan, parameters = staging.gated_plan, dict(self.parameters)
        rules, rows = plan.judged_rules[Stage.INPUT], counts.rows - counts.aside
        counting = [rule.rule for rule in rules if plan.operations and rule.type in ROW_COUNT_TYPES]
        results: dict[str, RuleResult] = {}
        for is_counting in (True, False) if counting else (False,):
            part = [rule for rule in rules if (rule.rule in counting) == is_counting]
            rows_of = plan.counted_rows if is_counting else plan.isolated_rows
            if observations:
                reread = partial(_unproven_rows, rows_of, lines)
                values = (
                    observations.input_count_values if is_counting else observations.input_values.with_counts(reread)
                )
                judged = checks.judge_frame(
                    rows_of(lines.proven), *(self.input, part, parameters, values), reread=reread
                )
            else:
                judged = checks.check_frame(rows_of(lines.unproven), self.input, part, parameters)
            judged_rows = rows if is_counting else rows - counts.deletes
            results |= {result.rule: result.judging(judged_rows) for result in judged}
        return [results[rule.rule] for rule in rules]

    def count_metrics(self, lines: SourceLines, staging: Staging, rows_read: int) -> Metrics:
        """Return what the input's history names of the rows, by what the pass that wrote saw, else by one of its own."""
        history, _ = staging.gated_plan.history_metrics
        rows = staging.gated_plan.isolated_rows(lines.proven)
        if observations := staging.observations:
            metrics = history.computed_metrics(rows, observations.judged_rows, observations.input_metrics)
            return {**metrics, ROW_COUNT: observations.sound_rows}
        if staging.gated_plan.operations:
            return {
                **history.computed_metrics(rows, None, {}),
                ROW_COUNT: staging.gated_plan.counted_rows(lines.proven).count(),
            }
        # Lines that go aside for a warning on structure were read, and are no rows.
        return history.computed_metrics(rows, None if self.source_contract.structure.warnings else rows_read, {})


def _unproven_rows(rows_of: Callable[[DataFrame], DataFrame], lines: SourceLines) -> DataFrame:
    """Return the rows of lines that prove nothing; these are planned where a rule broke alone."""
    return rows_of(lines.unproven)
