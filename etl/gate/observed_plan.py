"""The pass that writes, observed: what it looks for in the lines of a source and in the rows that are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from pyspark.sql import DataFrame

from etl.contract.stage import Stage
from etl.gate import checks, primary_key
from etl.gate.gated_plan import GatedPlan
from etl.gate.observed_rows import ALL_ROWS, KEPT, KEYLESS, UNSURE, ObservedRows
from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.metric_requests import MetricRequests
from etl.gate.onepass.observations import FrameObserver
from etl.gate.onepass.row_by_row import is_row_by_row
from etl.gate.quarantine_routing import MarkedRows
from etl.gate.structure import StructureRules, is_data_row
from etl.gate.tolerant_warnings import TolerantWarnings, are_countable, tolerant_rules
from etl.sources.compiled_parts import codegen_barrier, may_compile_together
from etl.sources.operations import is_delete
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import PLACE, PROVENANCE, provenance_columns


@dataclass
class ObservedPlan:
    """The way of a source's lines through both contracts, with all that the rules need observed beside.

    Where warnings have `mostly`, they are taken to hold; what is observed tells whether they do.

    Attributes:
        plan: the way.
        lines: what it is taken by.
        preflights: what the objects showed that they are from.
    """

    plan: GatedPlan
    lines: DataFrame
    preflights: list[FilePreflight]
    line_observer: FrameObserver = field(default_factory=lambda: FrameObserver("_of_line_"), init=False)
    row_observer: FrameObserver = field(default_factory=FrameObserver, init=False)
    tolerances: list[TolerantWarnings] = field(default_factory=list[TolerantWarnings], init=False)

    def observe(self) -> ObservedRows:
        """Return the rows that `GatedPlan.gated_rows` returns, with what is observed of them once they are written."""
        plan = self.plan
        if not are_countable([*tolerant_rules(plan.input), *tolerant_rules(plan.output)]):
            plan.gated_rows(self.lines)  # finds what is marking; an observed frame tells its first action only
        input_requests = self._look_at_lines()
        late = provenance_columns(self.preflights) if PLACE in self.lines.columns else None
        origin = (PLACE,) if late else PROVENANCE
        carried = self._carry_observed(origin)
        marked = carried or self._carry_nothing(self.line_observer.attach_to(self._precomputed), origin)
        output_requests = self._look_at_rows(marked)
        observed_frame = self.row_observer.attach_to(marked.frame, self.line_observer if carried else None)
        return ObservedRows(
            marked.with_frame(observed_frame.withColumns(late or {})),
            self._structure,
            self._fallback,
            self.row_observer,
            input_requests,
            output_requests,
            plan.history_metrics,
            tuple(self.tolerances),
        )

    @cached_property
    def _precomputed(self) -> DataFrame:
        return self.plan.precompute.add_columns(self.lines)

    @cached_property
    def _structure(self) -> StructureRules:
        return StructureRules(self.plan.source_contract, self.plan.output)

    @cached_property
    def _fallback(self) -> FallbackPass:
        return FallbackPass(self._precomputed, self.line_observer, is_data_row())

    def _look_at_lines(self) -> MetricRequests:
        """Have looked for what the rules of structure and of the input need; return what the latter ask."""
        plan, structure = self.plan, self._structure
        structure.add_marks(self._fallback, plan.precompute, self.lines, self.preflights)
        rows = plan.sound_rows(self.lines)
        requests = checks.request_metrics(rows, plan.input, plan.judged_rules[Stage.INPUT], plan.parameters)
        self._look_for(requests)
        input_history, _ = plan.history_metrics
        input_history.add_to(self.line_observer, structure.is_judged_row)
        if plan.is_open(plan.input):
            rows_of = partial(plan.isolated_rows, self.lines)
            tolerance = TolerantWarnings.requested(rows, rows_of, plan.input, plan.parameters, Stage.INPUT)
            self._look_for(tolerance.requests)
            self.tolerances.append(tolerance)
        return requests

    def _look_for(self, requests: MetricRequests) -> None:
        is_judged, proves = self._structure.is_judged_row, self.plan.precompute.proves_pattern
        self._fallback.add_marks(is_judged, requests.add_to(self.line_observer, Stage.INPUT, is_judged, proves))

    def _look_at_rows(self, marked: MarkedRows) -> MetricRequests | None:
        """Have looked for what the rules of the output need, and which rows are set aside; return what the former ask.

        None where only a look at what was written tells.
        """
        plan, output, observer = self.plan, self.plan.output, self.row_observer
        output_rows = marked.frame.select(*output.names)
        requests = (
            checks.request_metrics(output_rows, output, plan.judged_rules[Stage.OUTPUT], plan.parameters)
            if self._is_typed(output_rows)
            else None
        )
        is_kept = marked.is_kept if marked.rules or plan.operations else None
        observer.add_marks(is_kept, {KEYLESS: primary_key.is_null(output.key)})
        if (is_unsure := marked.is_unsure) is not None:
            observer.add_marks(None, {UNSURE: is_unsure})
        if requests:
            requests.add_to(observer, Stage.OUTPUT, is_kept)
            _, output_history = plan.history_metrics
            output_history.add_to(observer, is_kept)
        if plan.is_open(output):
            stage = Stage.OUTPUT if is_kept is None else ALL_ROWS
            tolerance = TolerantWarnings.requested(marked.frame, self._unobserved_rows, output, plan.parameters, stage)
            tolerance.requests.add_to(observer, stage, ~is_delete() if plan.operations else None)
            self.tolerances.append(tolerance)
        if is_kept is not None:
            observer.counts[KEPT] = is_kept
        return requests

    def _unobserved_rows(self) -> DataFrame:
        """Return the rows that the output's warnings judge, for a pass of their own."""
        lines = self.plan.precompute.add_columns(codegen_barrier(self.lines))
        rows = self._carry_nothing(lines, PROVENANCE).frame
        return rows.where(~is_delete()) if self.plan.operations else rows

    def _carry_nothing(self, lines: DataFrame, origin: Sequence[str]) -> MarkedRows:
        return self._gate_lines(lines, origin)[1]

    def _gate_lines(self, lines: DataFrame, origin: Sequence[str]) -> tuple[DataFrame, MarkedRows]:
        """Return what the transform got of the lines, and the rows that it made, marked by both contracts' warnings."""
        typed_rows = self.plan.typed_and_marked(lines, origin, proving=True)
        derived = self.plan.transform(typed_rows.frame)
        return typed_rows.frame, self.plan.derived_and_marked(typed_rows, derived, proving=True)

    def _carry_observed(self, origin: Sequence[str]) -> MarkedRows | None:
        """Return what is made of the lines, with what is looked for in them beside, so that one tally is of both.

        None where a line may not come to be a row, or what is looked for is not of each line alone.
        """
        plan, observer = self.plan, self.line_observer
        contract = plan.source_contract
        if not contract.format.is_columnar or contract.structure.warnings or observer.aggregates:
            return None
        carrying = observer.add_columns(self._precomputed)
        if not may_compile_together(len(plan.input.names), len(observer.keys) + len(plan.output.rules)):
            carrying = codegen_barrier(carrying)
        typed_frame, marked = self._gate_lines(carrying, (*origin, *observer.columns))
        return marked if is_row_by_row(marked.frame, typed_frame) else None

    def _is_typed(self, rows: DataFrame) -> bool:
        """Say whether the rows have the table's types already, so that writing casts nothing that was judged before."""
        actual_types = {schema_field.name: schema_field.dataType.simpleString() for schema_field in rows.schema.fields}
        return actual_types == {column.name: column.type for column in self.plan.output.columns}
