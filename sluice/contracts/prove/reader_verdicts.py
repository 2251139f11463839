"""What the gate would say of each of many rows, as its own reader reads them from a file: two passes, and no run."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Reference, Rule
from etl.contract.table_names import LINE
from etl.gate.onepass.row_conditions import breaks
from etl.gate.structure import Structure
from etl.sources import readers
from etl.sources.casting import typed
from etl.sources.line_regex import Plain
from etl.sources.provenance import HEADER, PROVENANCE
from sluice.contracts.prove.frames import RULES, Row, judges_rows, with_marks
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.raw_files import line_of

RAW = "_raw_rules"
MOST_READS = 40  # of one list of rows, where the transform fails on some of them


@dataclass(frozen=True)
class Read:
    """A row as the gate reads it: ids of the rules that the raw row breaks, and that the published one does.

    `row` is the published row; None where the raw one goes no further, or the transform fails on it.
    """

    raw: frozenset[str]
    published: frozenset[str] = frozenset()
    row: Row | None = None

    @property
    def all(self) -> frozenset[str]:
        """What is broken at either stage."""
        return self.raw | self.published


@dataclass(frozen=True)
class Reader:
    """Reads rows in a lake's format.

    Attributes:
        lake: whose raw file they are.
        parameters: values for `$PARAMETER`.
        known: the keys that each reference finds.
    """

    lake: Lake
    parameters: dict[str, Any]
    known: Mapping[Reference, list[Any]]

    @property
    def given(self) -> Contract:
        """The input's contract."""
        return self.lake.contracts[0]

    @property
    def published(self) -> Contract:
        """The output's contract."""
        return self.lake.contracts[1]

    def read(self, rows: list[Row]) -> list[Read]:
        """Return what becomes of each row, each of which a file can hold."""
        reads = [MOST_READS]
        return self._read(rows, reads)

    def _read(self, rows: list[Row], left: list[int]) -> list[Read]:
        """Read them as one file; where the transform fails, each half by itself, as long as reads are left."""
        if not rows:
            return []
        left[0] -= 1
        with self.lake.looked_at(rows) as looks:
            frame = readers.read(self.lake.spark, self.lake.raw, looks, self.given, Plain()).where(~F.col(HEADER))
            marked = self._marked(frame).select(*self.given.names, LINE, *PROVENANCE, RAW).localCheckpoint()
        places, raw = self._places(rows, marked)
        try:
            transformed = [(row, at) for row in self._transformed(marked).collect() for at in places[row[LINE]]]
        except Exception:  # a transform may raise anything
            half = len(rows) // 2
            if half and left[0] > 0:
                return [*self._read(rows[:half], left), *self._read(rows[half:], left)]
            transformed = []
        reads = {at: Read(raw[at], frozenset(row[RULES]), self._published_row(row)) for row, at in transformed}
        return [reads.get(at, Read(raw.get(at, frozenset()))) for at in range(len(rows))]

    def _published_row(self, row: Any) -> Row:
        return {name: row[name] for name in self.published.names}

    def _places(self, rows: list[Row], marked: DataFrame) -> tuple[dict[str, list[int]], dict[int, frozenset[str]]]:
        """Return the places of rows by their line, and what each breaks as it came; rows that are alike share a line."""
        is_text = self.given.format in ("csv", "jsonl")
        names, by_content = self.given.names, defaultdict[Any, list[int]](list)
        for at, row in enumerate(rows):
            by_content[line_of(row, self.given) if is_text else tuple(row[name] for name in names)].append(at)
        places, raw = defaultdict[str, list[int]](list), dict[int, frozenset[str]]()
        for row in marked.select(*names, LINE, RAW).collect():
            places[row[LINE]] = by_content[row[LINE] if is_text else tuple(row[name] for name in names)]
            raw |= dict.fromkeys(places[row[LINE]], frozenset(row[RAW]))
        return places, raw

    def _marked(self, frame: DataFrame) -> DataFrame:
        """Add the ids of the rules about a raw row that it breaks."""
        structure = Structure(self.given, self.published)
        marks = {f"{self.given.dataset}.structure.{what}": mark for what, (_, mark) in structure.marks.items()}
        rules = [rule for rule in self.given.rules if judges_rows(rule)]
        return with_marks(frame, {**marks, **breaks(frame, rules, self.parameters)}).withColumnRenamed(RULES, RAW)

    def _transformed(self, marked: DataFrame) -> DataFrame:
        """Return the rows that go further as they would be published, with the rules that they break."""
        further = [rule.rule for rule in self.given.rules if not stops(rule)]
        sound = marked.where(F.size(F.array_except(RAW, F.array(*map(F.lit, further)).cast("array<string>"))) == 0)
        types = {column.name: column.type for column in self.published.columns}
        raw_types = {column.name: column.type for column in self.given.columns}
        shared = [typed(name, types[name], raw_types[name]).alias(name) for name in raw_types if name in types]
        transformed = self.lake.transform(sound.select(*shared, LINE, *PROVENANCE))
        return self.judged(transformed).select(*(f"`{name}`" for name in self.published.names), LINE, RULES)

    def judged(self, transformed: DataFrame) -> DataFrame:
        """Add the ids of the output's rules that each transformed row breaks."""
        helpers = {
            reference.name: F.when(F.col(f"`{reference.column}`").isin(keys), F.col(f"`{reference.column}`"))
            for reference, keys in self.known.items()
        }
        frame = transformed.withColumns(helpers) if helpers else transformed
        rules = [rule for rule in self.published.rules if judges_rows(rule)]
        return with_marks(frame, breaks(frame, rules, self.parameters))


def is_partly(rule: Rule) -> bool:
    """Say whether a rule on rows holds though some rows break it."""
    return rule.kwargs.get("mostly", 1) < 1


def stops(rule: Rule) -> bool:
    """Say whether a row that breaks a rule goes no further by itself: the run fails for it, or it is set aside."""
    return rule.severity != "info" and not is_partly(rule)
