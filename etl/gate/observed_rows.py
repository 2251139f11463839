"""What the pass that writes observed of a source's lines and of the rows that it staged."""

from dataclasses import dataclass
from typing import Any

from etl.contract.stage import Stage
from etl.gate.history_metrics import HistoryMetrics, Metrics
from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.metric_requests import MetricRequests, MetricValues
from etl.gate.onepass.observations import FrameObserver, ObservedValues
from etl.gate.quarantine_routing import MarkedRows
from etl.gate.structure import StructureRules
from etl.gate.tolerant_warnings import TolerantWarnings
from etl.sources.operations import ChangeKind

KEPT, KEYLESS, UNSURE, ALL_ROWS = "kept", "keyless", "unsure", "all rows"


@dataclass(frozen=True)
class ObservedRows:
    """Rows whose tallies tell, once they are written, what the rules need; `output_requests` None where only a look tells.

    `history_metrics` is what the histories of input and output name. `tolerances` are warnings that are taken to hold.
    """

    marked: MarkedRows
    structure: StructureRules
    fallback: FallbackPass
    row_observer: FrameObserver
    input_requests: MetricRequests
    output_requests: MetricRequests | None
    history_metrics: tuple[HistoryMetrics, HistoryMetrics]
    tolerances: tuple[TolerantWarnings, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Whether only what is observed tells that the right rows are set aside."""
        return bool(self.tolerances or self.marked.unsure)

    def read_observations(self) -> "Observations":
        """Return what was observed, once the rows are written.

        Raises:
            Unobserved: there is nothing to read.
        """
        line_values, row_values = (
            self.fallback.with_fallback(self.fallback.line_observer.read_values()),
            self.row_observer.read_values(),
        )
        return Observations(
            self,
            line_values,
            row_values,
            self.structure.count_rows(line_values),
            row_values.values.get(KEPT, row_values.rows),
            self.structure.count_aside(line_values),
            *(self.structure.count_changes(line_values, kind) for kind in (ChangeKind.UPDATE, ChangeKind.DELETE)),
        )


@dataclass(frozen=True)
class Observations:
    """What was observed: `rows` were read, `rows_kept` staged, `lines_aside` set aside for a warning on structure.

    Of a load of changes `updates` and `deletes` are of the rows that were read, whatever warnings they break.
    """

    observed_rows: ObservedRows
    line_values: ObservedValues
    row_values: ObservedValues
    rows: int
    rows_kept: int
    lines_aside: int = 0
    updates: int = 0
    deletes: int = 0

    def matches_staged(self, staged: int) -> bool:
        """Say whether the counts are those of the snapshot: rows are tallied twice where Spark runs a stage again."""
        return self.rows_kept == staged and self.row_values.rows == self.sound_rows

    @property
    def sound_rows(self) -> int:
        """How many rows were read that are not set aside for a warning on structure."""
        return self.rows - self.lines_aside

    @property
    def judged_rows(self) -> int:
        """How many of these rules judge: all but deletes."""
        return self.sound_rows - self.deletes

    @property
    def rows_quarantined(self) -> int:
        """How many rows broke a warning of a suite."""
        return self.row_values.rows - self.rows_kept - self.deletes

    @property
    def has_unsure(self) -> bool:
        """Whether a row may break a warning that only a function in Python tells: such rows are left out of what was staged."""
        return self.row_values.marks.get(UNSURE, False)

    @property
    def broken_tolerances(self) -> list[str] | None:
        """The ids of the tolerant warnings that do not hold; None where what was observed does not tell."""
        broken: list[str] = []
        for tolerance in self.observed_rows.tolerances:
            if tolerance.contract.stage is Stage.INPUT:
                rules = tolerance.broken_rules(self.line_values, self.judged_rows)
            else:
                rules = tolerance.broken_rules(self.row_values, self.row_values.rows - self.deletes)
            if rules is None:
                return None
            broken += rules
        return broken

    @property
    def has_null_keys(self) -> bool:
        """Whether a row that was staged lacks a part of its key."""
        return self.row_values.marks[KEYLESS]

    @property
    def input_values(self) -> MetricValues:
        """The values of the input's metrics, true where no line was broken."""
        return self.observed_rows.input_requests.read_values(self.line_values, Stage.INPUT, self.judged_rows)

    @property
    def input_count_values(self) -> dict[Any, Any]:
        """The same for rules on how many rows there are: deletes are among them."""
        values = self.observed_rows.input_requests.read_values(self.line_values, Stage.INPUT, self.sound_rows)
        return dict(values.values)

    @property
    def output_values(self) -> MetricValues | None:
        """The values of the output's metrics; None where nothing was observed for it."""
        requests = self.observed_rows.output_requests
        return requests and requests.read_values(self.row_values, Stage.OUTPUT, self.rows_kept)

    def output_count_values(self, rows: int) -> dict[Any, Any] | None:
        """The same for rules on how many rows there are, where more came than are published."""
        requests = self.observed_rows.output_requests
        return requests and dict(requests.read_values(self.row_values, Stage.OUTPUT, rows).values)

    @property
    def input_metrics(self) -> Metrics:
        """What the input's history names of the rows that were read, as far as the pass counted it."""
        return self.observed_rows.history_metrics[0].observed_metrics(self.line_values, self.judged_rows)

    @property
    def output_metrics(self) -> Metrics:
        """The same of the output's history, of the rows that were staged."""
        return self.observed_rows.history_metrics[1].observed_metrics(self.row_values, self.rows_kept)
