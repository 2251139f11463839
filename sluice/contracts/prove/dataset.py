"""Both contracts of a dataset with what stands between them: typing, the transform, and the rules on structure."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame

from etl.contract.model import Rule
from etl.gate.structure import Structure
from etl.sources.casting import BEYOND, typed
from etl.sources.provenance import PROVENANCE
from sluice.contracts.prove.frames import Bench, Row, as_read, marked


@dataclass(frozen=True)
class Dataset:
    """Both contracts of a dataset on their benches, and its transform."""

    given: Bench
    published: Bench
    transform: Callable[[DataFrame], DataFrame]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of both."""
        return self.given.contract.rules + self.published.contract.rules

    def shared(self, rows: DataFrame) -> DataFrame:
        """Type the columns that both contracts declare, as the pipeline does before the transform."""
        types = {column.name: column.type for column in self.published.contract.columns}
        given = {column.name: column.type for column in self.given.contract.columns}
        kept = [typed(name, types[name], given[name]).alias(name) for name in given if name in types]
        return rows.select(*kept, *PROVENANCE)

    def structure(self) -> dict[str, tuple[str, Column]]:
        """Return the rules about casts and text by id: the column each is about, and where a row breaks it."""
        found = Structure(self.given.contract, self.published.contract).marks
        dataset = self.given.contract.dataset
        # A frame of Python's own values holds no date that is beyond them.
        made = {what: mark for what, mark in found.items() if what != "row" and not mark[0].startswith(BEYOND)}
        return {f"{dataset}.structure.{what}": mark for what, mark in made.items()}

    def input_marks(self, rows: list[Row]) -> dict[int, frozenset[str]]:
        """Return what each raw row breaks: row rules of the input, and structure."""
        frame = as_read(self.given.frame(rows), self.given.contract)
        structure = {rule: mark for rule, (_, mark) in self.structure().items()}
        return marked(frame, {**structure, **self.given.conditions})
