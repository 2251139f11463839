"""What a run sets aside: rows that broke a warning of a suite, and lines that broke one on structure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from etl.contract.model import Contract
from etl.gate import quarantine_routing
from etl.gate.broken_rows import TRACED_COLUMNS, with_raw_line
from etl.gate.lines_aside import lines_aside, summarize_lines
from etl.gate.quarantine_routing import QuarantineSummary
from etl.gate.row_evidence import OriginLookup
from etl.gate.source_lines import SourceLines
from etl.gate.staging import Staging
from etl.results.rule_state import COMPUTED, OBSERVED
from etl.sources.preflight import FilePreflight


@dataclass(frozen=True)
class RowsAside:
    """What goes to the quarantine, found in a pass of its own for rows and one for lines, where there are any.

    Attributes:
        input, output: the run's contracts.
        staging: what was staged.
        origin_lookup: remembers where they are from.
    """

    input: Contract
    output: Contract
    staging: Staging
    origin_lookup: OriginLookup | None

    def select_frames(
        self, lines: SourceLines, preflights: Sequence[FilePreflight]
    ) -> tuple[QuarantineSummary, list[DataFrame]]:
        """Return what is set aside of a source's lines, in numbers and as frames that are kept in memory or on disk."""
        # The source is read once more for each, and not for each look at them.
        rows_summary, rows = self._select_rows(lines)
        lines_summary, raw_lines = self._select_lines(lines.proven, preflights)
        return rows_summary | lines_summary, [frame for frame in (rows, raw_lines) if frame is not None]

    def _select_rows(self, lines: SourceLines) -> tuple[QuarantineSummary, DataFrame | None]:
        """Return the rows that broke a warning of a suite; None where there are none."""
        marked, observations = self.staging.marked, self.staging.observations
        if marked is None or not marked.rules:
            is_observed = observations or not any(map(quarantine_routing.warning_rules, (self.input, self.output)))
            return QuarantineSummary(way=OBSERVED if is_observed else COMPUTED), None
        if observations and not observations.rows_quarantined:
            return QuarantineSummary(way=OBSERVED), None
        gated_rows = self.staging.gated_plan.gated_rows(with_raw_line(lines.unproven), TRACED_COLUMNS)
        rows = gated_rows.quarantined_rows.persist()
        parameters = self.staging.gated_plan.parameters
        summary = QuarantineSummary.from_frame(rows, (self.input, self.output), parameters)
        if self.origin_lookup:
            self.origin_lookup.remember_quarantined(rows, summary)
        return summary, summary.release_if_empty(rows)

    def _select_lines(
        self, lines: DataFrame, preflights: Sequence[FilePreflight]
    ) -> tuple[QuarantineSummary, DataFrame | None]:
        """Return the lines that broke a warning on structure; None where there are none."""
        faults, observations = self.staging.gated_plan.line_faults, self.staging.observations
        if not faults.warnings or (observations and not observations.lines_aside):
            return QuarantineSummary(way=OBSERVED), None
        aside = lines_aside(with_raw_line(lines), faults.contract, preflights).persist()
        summary = summarize_lines(aside, faults, self.input.masking)
        if self.origin_lookup:
            self.origin_lookup.remember_lines(aside, faults, summary)
        return summary, summary.release_if_empty(aside)
