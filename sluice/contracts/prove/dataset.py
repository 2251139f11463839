"""Both contracts of a dataset with what stands between them: typing, the transform, and the rules on structure."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame

from etl.contract.model import Rule
from etl.contract.structure_rules import StructureRule
from etl.gate.structure import StructureRules
from etl.sources.casting import OUT_OF_RANGE, cast_to_declared
from etl.sources.line_faults import LineFaults
from etl.sources.provenance import PROVENANCE
from sluice.contracts.prove.frames import ContractBench, Row, add_reader_columns, broken_by_row


@dataclass(frozen=True)
class Dataset:
    """Both contracts of a dataset on their benches, and its transform."""

    input_bench: ContractBench
    output_bench: ContractBench
    transform: Callable[[DataFrame], DataFrame]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of both."""
        return self.input_bench.contract.rules + self.output_bench.contract.rules

    @property
    def _has_text(self) -> bool:
        """Whether a value that arrives may be no text: columns of other types have none."""
        contract = self.input_bench.contract
        return contract.format.is_text or any(column.type.is_text for column in contract.columns)

    def type_shared_columns(self, rows: DataFrame) -> DataFrame:
        """Type the columns that both contracts declare, as the pipeline does before the transform."""
        types = {column.name: column.type for column in self.output_bench.contract.columns}
        raw_types = {column.name: column.type for column in self.input_bench.contract.columns}
        columns = [
            cast_to_declared(name, types[name], raw_types[name]).alias(name) for name in raw_types if name in types
        ]
        return rows.select(*columns, *PROVENANCE)

    def structure_marks(self) -> dict[str, tuple[str, Column]]:
        """Return the rules about casts and text by id: the column each is about, and where a row breaks it."""
        marks = StructureRules(self.input_bench.contract, self.output_bench.contract).marks
        dataset = self.input_bench.contract.dataset
        absent = {StructureRule.ROW} if self._has_text else {StructureRule.ROW, StructureRule.TEXT}
        return {
            f"{dataset}.structure.{name}": (column.removeprefix(OUT_OF_RANGE), mark)
            for name, (column, mark) in marks.items()
            if name not in absent
        }

    @property
    def structure_warnings(self) -> frozenset[str]:
        """The ids of those of them that set lines aside."""
        faults = LineFaults(self.input_bench.contract, self.output_bench.contract)
        return frozenset(map(faults.id_of, faults.warnings))

    def input_marks(self, rows: list[Row]) -> dict[int, frozenset[str]]:
        """Return what each raw row breaks: row rules of the input, and structure."""
        frame = add_reader_columns(self.input_bench.build_frame(rows), self.input_bench.contract)
        structure = {rule: mark for rule, (_, mark) in self.structure_marks().items()}
        return broken_by_row(frame, {**structure, **self.input_bench.conditions})
