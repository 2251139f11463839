"""What the gate would say of each of many rows, as its own reader reads them from a file: two passes, and no run."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Reference, Rule
from etl.contract.table_names import LINE, OBJECT
from etl.gate.onepass.row_conditions import violation_columns
from etl.gate.structure import StructureRules, is_sound_row
from etl.sources import readers
from etl.sources.casting import OUT_OF_RANGE, cast_to_declared, columns_beside_texts
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import HEADER, PROVENANCE
from sluice.contracts.prove.frames import RULES, Row, add_broken_rules, judges_rows
from sluice.contracts.prove.lake import ALL_ROWS, Lake
from sluice.contracts.prove.nested_values import is_nested
from sluice.contracts.prove.raw_files import file_line, row_folders
from sluice.contracts.prove.raw_texts import RawText

RAW = "_raw_rules"
NO_VALUE = object()  # whatever text a reader shows of what is no value
MOST_READS = 40  # of one list of rows, where the transform fails on some of them


def as_collected(value: Any) -> Any:
    """Return a value as one that equals what Spark hands to Python of it, whose times have no offset, and whose NaN."""
    match value:
        case RawText():
            return NO_VALUE
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        case bytes() | bytearray():
            return bytes(value)
        case float():
            return f"{value:.6g}"  # what a float and a double of one number have in common
        case _ if is_nested(value):
            return tuple(map(as_collected, value))
        case _:
            return value


@dataclass(frozen=True)
class RowReading:
    """A row as the gate reads it: ids of the rules that the raw row breaks, and that the published one does.

    `row` is the published row; None where the raw one goes no further, or the transform fails on it.
    """

    raw_broken: frozenset[str]
    published_broken: frozenset[str] = frozenset()
    row: Row | None = None

    @property
    def all_broken(self) -> frozenset[str]:
        """What is broken at either stage."""
        return self.raw_broken | self.published_broken


@dataclass(frozen=True)
class RowReader:
    """Reads rows in a lake's format.

    Attributes:
        lake: whose raw file they are.
        parameters: values for `$PARAMETER`.
        reference_keys: the keys that each reference finds.
    """

    lake: Lake
    parameters: dict[str, Any]
    reference_keys: Mapping[Reference, list[Any]]

    @property
    def input_contract(self) -> Contract:
        """The input's contract."""
        return self.lake.contracts[0]

    @property
    def output_contract(self) -> Contract:
        """The output's contract."""
        return self.lake.contracts[1]

    def read_rows(self, rows: list[Row]) -> list[RowReading]:
        """Return what becomes of each row, each of which a file can hold."""
        reads_left = [MOST_READS]
        return self._read_part(rows, reads_left)

    def _read_part(self, rows: list[Row], reads_left: list[int]) -> list[RowReading]:
        """Read them as one file; where the transform fails, each half by itself, as long as reads are left."""
        if not rows:
            return []
        reads_left[0] -= 1
        with self.lake.preflight_rows(rows) as looks:
            frame = readers.read_objects(
                self.lake.spark, self.lake.raw, looks, self.input_contract, LineRegex(), self.lake.streams
            ).where(~F.col(HEADER))
            marked = (
                self._mark_raw_rows(frame)
                .select(*self.input_contract.names, *self._beyond, self._line_in_folders(), *PROVENANCE, RAW)
                .localCheckpoint()
            )
        places, raw = self._row_places(rows, marked)
        try:
            transformed = [
                (row, index) for row in self._transform_rows(marked).collect() for index in places[row[LINE]]
            ]
        except Exception:  # a transform may raise anything
            half = len(rows) // 2
            if half and reads_left[0] > 0:
                return [*self._read_part(rows[:half], reads_left), *self._read_part(rows[half:], reads_left)]
            transformed = []
        readings = {
            index: RowReading(raw[index], frozenset(row[RULES]), self._published_row(row)) for row, index in transformed
        }
        return [readings.get(index, RowReading(raw.get(index, frozenset()))) for index in range(len(rows))]

    def _line_in_folders(self) -> Column:
        """Return a row's line, behind its object's key where columns come from its folders."""
        line = F.concat_ws("\n", OBJECT, LINE) if self.input_contract.folder_columns else F.col(LINE)
        return line.alias(LINE)

    def _published_row(self, row: Any) -> Row:
        return {name: row[name] for name in self.output_contract.names}

    def _row_places(self, rows: list[Row], marked: DataFrame) -> tuple[dict[str, list[int]], dict[int, frozenset[str]]]:
        """Return the places of rows by their line, and what each breaks as it came; rows that are alike share a line."""
        is_text = self.input_contract.format.is_text
        names, by_content = self.input_contract.names, defaultdict[Any, list[int]](list)
        for index, row in enumerate(rows):
            content = self._line_of(row) if is_text else tuple(as_collected(row[name]) for name in names)
            by_content[content].append(index)
        places, raw = defaultdict[str, list[int]](list), dict[int, frozenset[str]]()
        for row in marked.select(*names, *self._beyond, LINE, RAW).collect():
            content = row[LINE] if is_text else tuple(self._value_or_text(row, name) for name in names)
            places[row[LINE]] = by_content[content]
            raw |= dict.fromkeys(places[row[LINE]], frozenset(row[RAW]))
        return places, raw

    @property
    def _beyond(self) -> list[str]:
        """The columns with the text of what is no value."""
        return [f"{OUT_OF_RANGE}{name}" for name in columns_beside_texts(self.input_contract)]

    def _value_or_text(self, row: Any, name: str) -> Any:
        """Return a collected value, or NO_VALUE where its text is none."""
        text = row[f"{OUT_OF_RANGE}{name}"] if f"{OUT_OF_RANGE}{name}" in self._beyond else None
        return as_collected(row[name]) if text is None else NO_VALUE

    def _line_of(self, row: Row) -> str | None:
        """Return a row's line as `_line_in_folders` has it."""
        line, folders = file_line(row, self.input_contract), row_folders(row, self.input_contract)
        if line is None or folders is None or not self.input_contract.folder_columns:
            return line
        return f"{self.lake.raw.prefix}{folders}{ALL_ROWS}{self.input_contract.format.endings[0]}\n{line}"

    def _mark_raw_rows(self, frame: DataFrame) -> DataFrame:
        """Add the ids of the rules about a raw row that it breaks."""
        structure = StructureRules(self.input_contract, self.output_contract)
        frame = structure.faults.set_aside(frame)
        marks = {f"{structure.dataset}.structure.{name}": mark for name, (_, mark) in structure.gate_marks.items()}
        rules = [rule for rule in self.input_contract.rules if judges_rows(rule)]
        broken = violation_columns(frame, rules, self.parameters)
        marks |= {rule: is_sound_row() & mark for rule, mark in broken.items()}
        return add_broken_rules(frame, marks).withColumnRenamed(RULES, RAW)

    def _transform_rows(self, marked: DataFrame) -> DataFrame:
        """Return the rows that go further as they would be published, with the rules that they break."""
        further = [rule.rule for rule in self.input_contract.rules if not stops_row(rule)]
        sound = marked.where(F.size(F.array_except(RAW, F.array(*map(F.lit, further)).cast("array<string>"))) == 0)
        types = {column.name: column.type for column in self.output_contract.columns}
        raw_types = {column.name: column.type for column in self.input_contract.columns}
        shared = [
            cast_to_declared(name, types[name], raw_types[name]).alias(name) for name in raw_types if name in types
        ]
        transformed = self.lake.transform(sound.select(*shared, LINE, *PROVENANCE))
        return self.mark_published_rows(transformed).select(
            *(f"`{name}`" for name in self.output_contract.names), LINE, RULES
        )

    def mark_published_rows(self, transformed: DataFrame) -> DataFrame:
        """Add the ids of the output's rules that each transformed row breaks."""
        helpers = {
            reference.name: F.when(F.col(f"`{reference.column}`").isin(keys), F.col(f"`{reference.column}`"))
            for reference, keys in self.reference_keys.items()
        }
        frame = transformed.withColumns(helpers) if helpers else transformed
        rules = [rule for rule in self.output_contract.rules if judges_rows(rule)]
        return add_broken_rules(frame, violation_columns(frame, rules, self.parameters))


def is_partly(rule: Rule) -> bool:
    """Say whether a rule on rows holds though some rows break it."""
    return rule.kwargs.get("mostly", 1) < 1


def stops_row(rule: Rule) -> bool:
    """Say whether a row that breaks a rule goes no further by itself: the run fails for it, or it is set aside."""
    return rule.severity.is_enforced and not is_partly(rule)
