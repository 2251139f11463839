"""From a source's lines to the rows that are staged: judged as text, typed, transformed, judged again, in one pass."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.stage import Stage
from etl.contract.table_names import LINE, ORDINAL
from etl.contract.types import ColumnType
from etl.gate import checks, primary_key
from etl.gate.history_metrics import HistoryMetrics
from etl.gate.observed_rows import ALL_ROWS, KEPT, KEYLESS, UNSURE, ObservedRows
from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.line_precompute import LinePrecompute, typed_column_names
from etl.gate.onepass.observations import FrameObserver
from etl.gate.onepass.row_by_row import is_row_by_row
from etl.gate.quarantine_routing import MarkedRows
from etl.gate.references import ResolvedReferences
from etl.gate.structure import StructureRules, is_data_row, is_sound_row
from etl.gate.tolerant_warnings import TolerantWarnings, are_countable, compute_broken, marking_rules, tolerant_rules
from etl.ledger.quarantine_table import source_expression
from etl.sources.casting import cast_to_declared
from etl.sources.compiled_parts import codegen_barrier, may_compile_together
from etl.sources.line_faults import LineFaults
from etl.sources.operations import CHANGE, Operations, is_delete
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import PLACE, PROVENANCE, provenance_columns


@dataclass(frozen=True)
class GatedPlan:
    """The way through both contracts.

    Attributes:
        parameters: values for `$PARAMETER`.
        transform: the dataset's.
        source_contract: the contract that the lines were read by.
        input, output: the contracts that rows are judged by.
        references: what the output's rows point to.
        stage_warnings: the warning rules that set rows aside, by stage, once they are known.
    """

    parameters: dict[str, Any]
    transform: Callable[[DataFrame], DataFrame]
    source_contract: Contract
    input: Contract
    output: Contract
    references: ResolvedReferences
    stage_warnings: dict[str, list[Rule]] = field(default_factory=dict, init=False)

    @cached_property
    def precompute(self) -> LinePrecompute:
        """What stands beside the lines while they cross."""
        return LinePrecompute.for_contracts(self.source_contract, self.output)

    @cached_property
    def line_faults(self) -> LineFaults:
        """The rules of structure that a line breaks by itself."""
        return LineFaults(self.source_contract, self.output)

    @cached_property
    def operations(self) -> Operations | None:
        """What tells what a row does, of a load of changes; None of others, whose rows are all there from now on."""
        return self.line_faults.operations

    def change_rows(self, lines: DataFrame) -> DataFrame:
        """Return the changes that break no warning: key and order as published, CHANGE and PROVENANCE."""
        marked, types = self.gated_rows(lines), {column.name: column.type for column in self.output.columns}
        names = dict.fromkeys((*self.output.key, *self.output.loading.order))
        columns = (F.col(f"`{name}`").cast(types[name]).alias(name) for name in names)
        return marked.frame.where(marked.is_sound).select(*columns, CHANGE, *PROVENANCE)

    @property
    def judged_rules(self) -> dict[str, list[Rule]]:
        """The rules to judge by, of either contract; warnings mark rows instead, all but a key's."""
        input_contract, output_contract = self.input, self.output
        return {
            Stage.INPUT: [rule for rule in input_contract.rules if not rule.severity.quarantines_rows],
            Stage.OUTPUT: [
                rule
                for rule in output_contract.rules
                if not rule.severity.quarantines_rows or output_contract.is_key_rule(rule)
            ],
        }

    @property
    def history_metrics(self) -> tuple[HistoryMetrics, HistoryMetrics]:
        """What the histories of input and output name."""
        return HistoryMetrics.from_contract(self.input), HistoryMetrics.from_contract(self.output)

    def isolated_rows(self, lines: DataFrame, origin: Sequence[str] = PROVENANCE) -> DataFrame:
        """Return the lines that are rows that rules judge, for passes of their own."""
        rows = self.sound_rows(codegen_barrier(lines), origin)
        return rows.where(~is_delete()) if self.operations else rows

    def counted_rows(self, lines: DataFrame) -> DataFrame:
        """Return the lines that are rows, for rules on how many there are: deletes are among them."""
        return self.sound_rows(codegen_barrier(lines))

    def sound_rows(self, lines: DataFrame, origin: Sequence[str] = PROVENANCE) -> DataFrame:
        """Return the lines that are rows, with their source as JSON text, and `origin`, what tells where they are from."""
        line = F.expr(source_expression(self.source_contract)).alias(LINE)
        typed_names = typed_column_names(lines.columns)
        lines = self.line_faults.set_aside(lines)
        changes = [self.operations.kind] if self.operations else []
        return lines.where(is_sound_row()).select(*self.input.names, *typed_names, line, ORDINAL, *changes, *origin)

    def gated_rows(self, lines: DataFrame, origin: Sequence[str] = PROVENANCE) -> MarkedRows:
        """Return typed and derived rows, each with its source, `origin` and the warning rules that it breaks."""
        marked = self._typed_and_marked(self.precompute.add_columns(codegen_barrier(lines)), origin)
        return self._derived_and_marked(marked, self.transform(marked.frame))

    def typed_rows(self, lines: DataFrame) -> DataFrame:
        """Return what the transform gets."""
        return self._typed_and_marked(self.precompute.add_columns(codegen_barrier(lines)), PROVENANCE).frame

    def derived_rows(self, lines: DataFrame) -> DataFrame:
        """Return what the transform makes of the lines, cast to the table's types as writing does."""
        types = {column.name: column.type for column in self.output.columns}
        derived = self.transform(self.typed_rows(lines))
        return derived.select(*(F.col(f"`{name}`").cast(declared).alias(name) for name, declared in types.items()))

    def _typed_and_marked(self, lines: DataFrame, origin: Sequence[str], *, proving: bool = False) -> MarkedRows:
        """Return typed rows, marked by the input's warnings."""
        marked = self._mark_warnings(MarkedRows(self.sound_rows(lines, origin)), self.input, proving=proving)
        types = {column.name: column.type for column in self.output.columns}
        shared = [
            self._typed_column(column, types[column.name]).alias(column.name)
            for column in self.input.columns
            if column.name in types
        ]
        changes = [CHANGE] if self.operations else []
        return marked.with_frame(marked.frame.select(*shared, LINE, ORDINAL, *changes, *marked.mask_columns, *origin))

    def _derived_and_marked(self, marked: MarkedRows, derived: DataFrame, *, proving: bool = False) -> MarkedRows:
        """Return the derived rows, marked by the output's warnings too."""
        joined = marked.with_frame(self.references.join_columns(derived))
        return self._mark_warnings(joined, self.output, proving=proving)

    def _typed_column(self, column: ColumnSpec, declared: ColumnType) -> Column:
        return (
            self.precompute.typed_value(column.name)
            if column.name in self.precompute.types
            else cast_to_declared(column.name, declared, column.type)
        )

    def _mark_warnings(self, rows: MarkedRows, contract: Contract, *, proving: bool) -> MarkedRows:
        warnings = self.stage_warnings.get(contract.stage)
        if warnings is None and proving:
            warnings = marking_rules(contract, ())
        elif warnings is None:
            broken = compute_broken(rows.frame, contract, self.parameters)
            warnings = self.stage_warnings[contract.stage] = marking_rules(contract, broken)
        return rows.mark_warnings(contract, warnings, self.parameters, proving=proving)

    def settle_warnings(self, broken: Collection[str]) -> None:
        """Take it that of the tolerant warnings these do not hold, by id, and all others do."""
        for contract in (self.input, self.output):
            self.stage_warnings[contract.stage] = marking_rules(contract, broken)

    def observe_rows(self, lines: DataFrame, preflights: list[FilePreflight]) -> ObservedRows:
        """Return what `gated_rows` does, with all that the rules need observed beside.

        Where warnings are tolerant, they are taken to hold; what is observed tells whether they do.
        """
        input_requests = checks.request_metrics(
            self.sound_rows(lines), self.input, self.judged_rules[Stage.INPUT], self.parameters
        )
        structure = StructureRules(self.source_contract, self.output)
        line_observer, row_observer = FrameObserver("_of_line_"), FrameObserver()
        precomputed = self.precompute.add_columns(lines)
        fallback = FallbackPass(precomputed, line_observer, is_data_row())
        structure.add_marks(fallback, self.precompute, lines, preflights)
        fallback.add_marks(
            structure.is_judged_row,
            input_requests.add_to(line_observer, Stage.INPUT, structure.is_judged_row, self.precompute.proves_pattern),
        )
        input_history, output_history = self.history_metrics
        input_history.add_to(line_observer, structure.is_judged_row)
        if not are_countable([*tolerant_rules(self.input), *tolerant_rules(self.output)]):
            self.gated_rows(lines)  # finds what is marking; an observed frame tells its first action only
        tolerances = []
        if self._is_open(self.input):
            tolerance = TolerantWarnings.requested(
                self.sound_rows(lines), partial(self.isolated_rows, lines), self.input, self.parameters, Stage.INPUT
            )
            fallback.add_marks(
                structure.is_judged_row,
                tolerance.requests.add_to(
                    line_observer, Stage.INPUT, structure.is_judged_row, self.precompute.proves_pattern
                ),
            )
            tolerances.append(tolerance)
        late = provenance_columns(preflights) if PLACE in lines.columns else None
        origin = (PLACE,) if late else PROVENANCE
        carried = self._carry_observed(precomputed, line_observer, origin)
        marked = carried or self._carry_nothing(line_observer.attach_to(precomputed), origin)
        output_rows = marked.frame.select(*self.output.names)
        output_requests = (
            checks.request_metrics(output_rows, self.output, self.judged_rules[Stage.OUTPUT], self.parameters)
            if self._is_typed(output_rows)
            else None
        )
        is_kept = marked.is_kept if marked.rules or self.operations else None
        row_observer.add_marks(is_kept, {KEYLESS: primary_key.is_null(self.output.key)})
        if (is_unsure := marked.is_unsure) is not None:
            row_observer.add_marks(None, {UNSURE: is_unsure})
        if output_requests:
            output_requests.add_to(row_observer, Stage.OUTPUT, is_kept)
            output_history.add_to(row_observer, is_kept)
        if self._is_open(self.output):
            stage = Stage.OUTPUT if is_kept is None else ALL_ROWS
            tolerance = TolerantWarnings.requested(
                marked.frame, partial(self._unobserved_rows, lines), self.output, self.parameters, stage
            )
            tolerance.requests.add_to(row_observer, stage, ~is_delete() if self.operations else None)
            tolerances.append(tolerance)
        if is_kept is not None:
            row_observer.counts[KEPT] = is_kept
        observed_frame = row_observer.attach_to(marked.frame, line_observer if carried else None).withColumns(
            late or {}
        )
        return ObservedRows(
            marked.with_frame(observed_frame),
            structure,
            fallback,
            row_observer,
            input_requests,
            output_requests,
            self.history_metrics,
            tuple(tolerances),
        )

    def _unobserved_rows(self, lines: DataFrame) -> DataFrame:
        """Return the rows that the output's warnings judge, for a pass of their own."""
        rows = self._carry_nothing(self.precompute.add_columns(codegen_barrier(lines)), PROVENANCE).frame
        return rows.where(~is_delete()) if self.operations else rows

    def _is_open(self, contract: Contract) -> bool:
        """Say whether it is not known of all warnings of a contract whether they set rows aside."""
        return contract.stage not in self.stage_warnings and bool(tolerant_rules(contract))

    def _carry_nothing(self, lines: DataFrame, origin: Sequence[str]) -> MarkedRows:
        typed_rows = self._typed_and_marked(lines, origin, proving=True)
        return self._derived_and_marked(typed_rows, self.transform(typed_rows.frame), proving=True)

    def _carry_observed(
        self, lines: DataFrame, line_observer: FrameObserver, origin: Sequence[str]
    ) -> MarkedRows | None:
        """Return what is made of the lines, with what is looked for in them beside, so that one tally is of both.

        None where a line may not come to be a row, or what is looked for is not of each line alone.
        """
        if (
            not self.source_contract.format.is_columnar
            or self.source_contract.structure.warnings
            or line_observer.aggregates
        ):
            return None
        carrying = line_observer.add_columns(lines)
        if not may_compile_together(len(self.input.names), len(line_observer.keys) + len(self.output.rules)):
            carrying = codegen_barrier(carrying)
        typed_rows = self._typed_and_marked(carrying, (*origin, *line_observer.columns), proving=True)
        marked = self._derived_and_marked(typed_rows, self.transform(typed_rows.frame), proving=True)
        return marked if is_row_by_row(marked.frame, typed_rows.frame) else None

    def _is_typed(self, rows: DataFrame) -> bool:
        """Say whether the rows have the table's types already, so that writing casts nothing that was judged before."""
        actual_types = {schema_field.name: schema_field.dataType.simpleString() for schema_field in rows.schema.fields}
        return actual_types == {column.name: column.type for column in self.output.columns}
