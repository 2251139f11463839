"""What was read, judged: structure and the input contract, by what the pass that wrote saw, else in passes of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.gate import checks
from etl.gate.history_metrics import Metrics
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
        self, lines: DataFrame, preflights: Sequence[FilePreflight], staging: Staging
    ) -> tuple[int, list[RuleResult]]:
        """Return the number of data rows, and the results of the rules of structure and of the input."""
        looks, parameters = list(preflights), dict(self.parameters)
        observations, rows = staging.observations, staging.gated_plan.isolated_rows(lines)
        rules = staging.gated_plan.judged_rules[Stage.INPUT]
        structure = observations and observations.observed_rows.structure.results_if_held(
            observations.line_values, looks
        )
        if observations and structure:
            content = checks.judge_frame(rows, self.input, rules, parameters, observations.input_values)
            counts = LineCounts(observations.rows, observations.lines_aside)
        else:
            counts, structure = StructureRules(self.source_contract, self.output).compute_results(lines, looks)
            content = checks.check_frame(rows, self.input, rules, parameters)
        return counts.rows, [
            *(result.judging(len(looks) if is_about_objects(result) else counts.rows) for result in structure),
            *(result.judging(counts.rows - counts.aside) for result in content),
        ]

    def count_metrics(self, lines: DataFrame, staging: Staging, rows_read: int) -> Metrics:
        """Return what the input's history names of the rows, by what the pass that wrote saw, else by one of its own."""
        history, _ = staging.gated_plan.history_metrics
        rows = staging.gated_plan.isolated_rows(lines)
        if observations := staging.observations:
            return history.computed_metrics(rows, observations.sound_rows, observations.input_metrics)
        # Lines that go aside for a warning on structure were read, and are no rows.
        return history.computed_metrics(rows, None if self.source_contract.structure.warnings else rows_read, {})
