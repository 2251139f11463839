"""From a source's lines to the rows that are staged: judged as text, typed, transformed, judged again, in one pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.table_names import LINE, ORDINAL
from etl.gate import checks, primary_key
from etl.gate.onepass.fallback_pass import Doubt
from etl.gate.onepass.line_precompute import Beside, carried, patterns
from etl.gate.onepass.metric_queries import Question, Unique
from etl.gate.onepass.metric_requests import Ask, Values
from etl.gate.onepass.observations import Seen, Tally, apart
from etl.gate.onepass.unchanged_columns import handed_on, unchanged
from etl.gate.quarantine_routing import Marked, is_partly, marking, warnings
from etl.gate.references import Known
from etl.gate.structure import Structure, row, sound
from etl.ledger.quarantine_table import source_of
from etl.sources.casting import typed
from etl.sources.preflight import Look
from etl.sources.provenance import PLACE, PROVENANCE, provenance

INPUT, OUTPUT, KEPT, KEYLESS = "input", "output", "kept", "keyless"


@dataclass(frozen=True)
class Crossing:
    """The way through both contracts.

    Attributes:
        parameters: values for `$PARAMETER`.
        transform: the dataset's.
        read: the contract that the lines were read by.
        input, output: the contracts that rows are judged by.
        known: what the output's rows point to.
        marking: the warning rules that set rows aside, by stage, once they are known.
    """

    parameters: dict[str, Any]
    transform: Callable[[DataFrame], DataFrame]
    read: Contract
    input: Contract
    output: Contract
    known: Known
    marking: dict[str, list[Rule]] = field(default_factory=dict, init=False)

    @cached_property
    def beside(self) -> Beside:
        """What stands beside the lines while they cross."""
        return Beside.of(self.read, self.output, self._handed)

    @cached_property
    def _handed(self) -> frozenset[str]:
        """The columns that the transform hands on as they were read, of those that the output wants to match something."""
        asked = {name for name, _ in patterns(self.output)} & self._untyped if self.read.format == "csv" else set[str]()
        types = {column.name: column.type for column in self.output.columns if column.name in self.input.names}
        return handed_on(self.transform, types) & asked if asked else frozenset()

    @property
    def judged(self) -> dict[str, list[Rule]]:
        """The rules to judge by, of either contract; warnings mark rows instead, all but a key's."""
        own, published = self.input, self.output
        return {
            INPUT: [rule for rule in own.rules if rule.severity != "warning"],
            OUTPUT: [rule for rule in published.rules if rule.severity != "warning" or published.is_key_rule(rule)],
        }

    def rows(self, lines: DataFrame, origin: Sequence[str] = PROVENANCE) -> DataFrame:
        """Return what `sound` does, for passes of their own."""
        return self.sound(apart(lines), origin)

    def sound(self, lines: DataFrame, origin: Sequence[str] = PROVENANCE) -> DataFrame:
        """Return the lines that are rows, with their source as JSON text, and `origin`, what tells where they are from."""
        line = F.expr(source_of(self.read)).alias(LINE)
        own = carried(lines.columns)
        return lines.where(sound()).select(*self.input.names, *own, line, ORDINAL, *origin)

    def crossed(self, lines: DataFrame, origin: Sequence[str] = PROVENANCE) -> Marked:
        """Return typed and derived rows, each with its source, `origin` and the warning rules that it breaks."""
        taken = self._taken(self.beside.on(apart(lines)), origin)
        return self._made(taken, self.transform(taken.frame))

    def typed_rows(self, lines: DataFrame) -> DataFrame:
        """Return what the transform gets."""
        return self._taken(self.beside.on(apart(lines)), PROVENANCE).frame

    def derived_rows(self, lines: DataFrame) -> DataFrame:
        """Return what the transform makes of the lines, cast to the table's types as writing does."""
        types = {column.name: column.type for column in self.output.columns}
        derived = self.transform(self.typed_rows(lines))
        return derived.select(*(F.col(f"`{name}`").cast(declared).alias(name) for name, declared in types.items()))

    def _taken(self, lines: DataFrame, origin: Sequence[str]) -> Marked:
        """Return typed rows, marked by the input's warnings."""
        given = self._marked(Marked(self.sound(lines, origin)), self.input)
        types = {column.name: column.type for column in self.output.columns}
        shared = [self._typed(one, types[one.name]).alias(one.name) for one in self.input.columns if one.name in types]
        return given.over(given.frame.select(*shared, LINE, ORDINAL, *given.words, *origin))

    def _made(self, taken: Marked, derived: DataFrame) -> Marked:
        """Return the derived rows, marked by the output's warnings too."""
        return self._marked(taken.over(self.known.joined(derived)), self.output)

    def _typed(self, column: ColumnSpec, declared: str) -> Column:
        return (
            self.beside.value(column.name)
            if column.name in self.beside.types
            else typed(column.name, declared, column.type)
        )

    def _marked(self, rows: Marked, contract: Contract) -> Marked:
        if contract.stage not in self.marking:
            self.marking[contract.stage] = marking(rows.frame, contract, self.parameters)
        return rows.mark(contract, self.marking[contract.stage], self.parameters)

    def observed(self, lines: DataFrame, looks: list[Look]) -> "Watched":
        """Return what `crossed` does, with all that the rules need observed beside."""
        given = checks.ask(self.sound(lines), self.input, self.judged[INPUT], self.parameters)
        structure, reading, writing = Structure(self.read, self.output), Tally(), Tally()
        watched = self.beside.on(lines)
        doubt = Doubt(watched, reading, row())
        structure.add(doubt, self.beside, lines, looks)
        doubt.mark(sound(), given.add(reading, INPUT, sound(), self.beside.proves))
        if any(is_partly(rule) for one in (self.input, self.output) for rule in warnings(one)):
            self.crossed(lines)  # finds what is marking; an observed frame tells its first action only
        late = provenance(looks) if PLACE in lines.columns else None
        taken = self._taken(reading.on(watched), (PLACE,) if late else PROVENANCE)
        derived = self.transform(taken.frame)
        marked = self._made(taken, derived)
        own = marked.frame.select(*self.output.names)
        published = checks.ask(own, self.output, self.judged[OUTPUT], self.parameters) if self._is_typed(own) else None
        same = unchanged(taken.frame, derived) if given.asked or self._handed else frozenset[str]()
        untyped = same & self._untyped
        kept = marked.is_kept if marked.rules else None
        writing.mark(kept, {KEYLESS: primary_key.is_null(self.output.key)})
        if published:

            def proven(column: str, pattern: str) -> bool:
                return doubt.is_apart and column in untyped and self.beside.proves(column, pattern)

            doubt.mark(sound(), published.add(writing, OUTPUT, kept, proven))
        if marked.rules:
            writing.counts[KEPT] = marked.is_kept
        own_rows = writing.on(marked.frame).withColumns(late or {})
        return Watched(marked.over(own_rows), structure, doubt, writing, given, published, same, untyped)

    @property
    def _untyped(self) -> set[str]:
        """The columns that keep their type."""
        types = {column.name: column.type for column in self.output.columns}
        return {column.name for column in self.input.columns if types.get(column.name) == column.type}

    def _is_typed(self, own: DataFrame) -> bool:
        """Say whether the rows have the table's types already, so that writing casts nothing that was judged before."""
        found = {one.name: one.dataType.simpleString() for one in own.schema.fields}
        return found == {column.name: column.type for column in self.output.columns}


@dataclass(frozen=True)
class Watched:
    """Rows whose tallies tell, once they are written, what the rules need; `published` None where only a look tells.

    `same` are columns that are written as they were read, or typed; `untyped` those of them that keep their type.
    """

    marked: Marked
    structure: Structure
    doubt: Doubt
    writing: Tally
    given: Ask
    published: Ask | None
    same: frozenset[str] = frozenset()
    untyped: frozenset[str] = frozenset()

    def told(self) -> "Told":
        """Return what was observed, once the rows are written.

        Raises:
            Unobserved: there is nothing to read.
        """
        reading, writing = self.doubt.settled(self.doubt.reading.read()), self.writing.read()
        return Told(self, reading, writing, self.structure.rows(reading), writing.values.get(KEPT, writing.rows))


@dataclass(frozen=True)
class Told:
    """What was observed: `rows` were read, `kept` staged."""

    watched: Watched
    reading: Seen
    writing: Seen
    rows: int
    kept: int

    def agrees(self, staged: int) -> bool:
        """Say whether the counts are those of the snapshot: rows are tallied twice where Spark runs a stage again."""
        return self.kept == staged and self.writing.rows == self.rows

    @property
    def aside(self) -> int:
        """How many rows broke a warning."""
        return self.writing.rows - self.kept

    @property
    def keyless(self) -> bool:
        """Whether a row that was staged lacks a part of its key."""
        return self.writing.marks[KEYLESS]

    @property
    def input_values(self) -> dict[Any, Any]:
        """The values of the input's metrics, true where no line was broken."""
        return dict(self.watched.given.values(self.reading, INPUT, self.rows).found)

    @property
    def input_asked(self) -> dict[Any, Question]:
        """What is asked of the input that the rows that were written tell.

        Where all values differ typed, all differ as text; of what else is asked, their text is the answer.
        """
        if self.aside:
            return {}
        same, untyped = self.watched.same, self.watched.untyped
        asked = self.watched.given.asked.items()
        return {
            key: one for key, one in asked if (same if isinstance(one, Unique) else untyped).issuperset(one.columns)
        }

    @property
    def output_values(self) -> Values | None:
        """The values of the output's metrics; None where nothing was observed for it."""
        published = self.watched.published
        seen = replace(self.writing, marks={**self.reading.marks, **self.writing.marks})
        return published and published.values(seen, OUTPUT, self.kept)
