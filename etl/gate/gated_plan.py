"""From a source's lines to the rows that are staged: judged as text, typed, transformed, judged again, in one pass."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.stage import Stage
from etl.contract.table_names import LINE, ORDINAL
from etl.contract.types import ColumnType
from etl.gate.history_metrics import HistoryMetrics
from etl.gate.onepass.line_precompute import LinePrecompute, typed_column_names
from etl.gate.quarantine_routing import MarkedRows
from etl.gate.references import ResolvedReferences
from etl.gate.structure import is_sound_row
from etl.gate.tolerant_warnings import compute_broken, marking_rules, tolerant_rules
from etl.ledger.quarantine_table import source_expression
from etl.sources.casting import cast_to_declared
from etl.sources.compiled_parts import codegen_barrier
from etl.sources.line_faults import LineFaults
from etl.sources.operations import CHANGE, Operations, is_delete
from etl.sources.provenance import PROVENANCE


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
        marked = self.typed_and_marked(self.precompute.add_columns(codegen_barrier(lines)), origin)
        return self.derived_and_marked(marked, self.transform(marked.frame))

    def typed_rows(self, lines: DataFrame) -> DataFrame:
        """Return what the transform gets."""
        return self.typed_and_marked(self.precompute.add_columns(codegen_barrier(lines)), PROVENANCE).frame

    def derived_rows(self, lines: DataFrame) -> DataFrame:
        """Return what the transform makes of the lines, cast to the table's types as writing does."""
        types = {column.name: column.type for column in self.output.columns}
        derived = self.transform(self.typed_rows(lines))
        return derived.select(*(F.col(f"`{name}`").cast(declared).alias(name) for name, declared in types.items()))

    def typed_and_marked(self, lines: DataFrame, origin: Sequence[str], *, proving: bool = False) -> MarkedRows:
        """Return typed rows, marked by the input's warnings; with `proving` as `MarkedRows.mark_warnings` says.

        Then warnings with `mostly` are taken to hold, as long as nothing is known of them.
        """
        marked = self._mark_warnings(MarkedRows(self.sound_rows(lines, origin)), self.input, proving=proving)
        types = {column.name: column.type for column in self.output.columns}
        shared = [
            self._typed_column(column, types[column.name]).alias(column.name)
            for column in self.input.columns
            if column.name in types
        ]
        changes = [CHANGE] if self.operations else []
        return marked.with_frame(marked.frame.select(*shared, LINE, ORDINAL, *changes, *marked.mask_columns, *origin))

    def derived_and_marked(self, marked: MarkedRows, derived: DataFrame, *, proving: bool = False) -> MarkedRows:
        """Return the derived rows, marked by the output's warnings too; `proving` as above."""
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

    def is_open(self, contract: Contract) -> bool:
        """Say whether it is not known of all warnings of a contract whether they set rows aside."""
        return contract.stage not in self.stage_warnings and bool(tolerant_rules(contract))
