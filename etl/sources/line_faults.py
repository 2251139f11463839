"""Where one line breaks a rule of structure: it is no row, holds no text, or a value is none of its column's type.

Where `meta.structure` makes such a rule a warning, the line is marked to go aside, and is no row for anything that follows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import LINE
from etl.contract.types import ColumnType
from etl.sources import json_reader
from etl.sources.casting import OUT_OF_RANGE, cast_to_declared, columns_beside_texts, is_lost_in_cast, lacks_form
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.nested_json import texts_within
from etl.sources.operations import ChangeKind, Operations
from etl.sources.provenance import BROKEN, HEADER, PLAIN
from etl.sources.text_lines import TEXT

ASIDE = "_aside_structure"
"""The ids of the warnings on structure that a line breaks, an array of text; null where it breaks none."""


@dataclass(frozen=True)
class LineFaults:
    """The rules of structure that a line of an input breaks by itself; `output` declares the types of texts.

    Its columns are of a frame as a reader returns it.
    """

    contract: Contract
    output: Contract

    @cached_property
    def texts(self) -> list[str]:
        """The columns of text."""
        return [column.name for column in self.contract.columns if column.type.is_text]

    @cached_property
    def forms(self) -> dict[str, tuple[ColumnType, str]]:
        """The type and the form of each text that is published with a type."""
        types = {column.name: column.type for column in self.output.columns}
        forms = {name: (types[name], types[name].plain_form) for name in self.texts if name in types}
        return {name: (declared, form) for name, (declared, form) in forms.items() if form}

    @cached_property
    def operations(self) -> Operations | None:
        """What tells the operation of a line; None where the load is no changes."""
        return Operations.from_output(self.output)

    @cached_property
    def is_delete(self) -> Column | None:
        """Where a line is a delete, which no rule of a suite judges; None where the load is no changes."""
        return self.operations and self.operations.is_kind(ChangeKind.DELETE)

    def _judged(self, marks: dict[str, Column]) -> dict[str, Column]:
        """Return the marks of columns without those of a delete that it does not need."""
        operations = self.operations
        return {name: operations.spares_deletes(name, mark) for name, mark in marks.items()} if operations else marks

    @cached_property
    def unknown_operation(self) -> dict[str, Column]:
        """Where the word of a line's operation is none of the load's, by its column; nothing where the load is no changes."""
        return {self.operations.column: self.operations.is_unknown} if self.operations else {}

    @cached_property
    def beyond(self) -> dict[str, Column]:
        """Where the reader found no value of a column's type."""
        names = columns_beside_texts(self.contract)
        return self._judged({name: F.col(f"{OUT_OF_RANGE}{name}").isNotNull() for name in names})

    @cached_property
    def lines(self) -> dict[StructureRule, Column]:
        """Where a line is no row, and where it holds what is no text."""
        return line_marks(self.contract, self.texts)

    @cached_property
    def lost(self) -> dict[str, Column]:
        """Where a text is lost in its cast."""
        return self.lost_values({name: cast_to_declared(name, declared) for name, (declared, _) in self.forms.items()})

    def lost_values(self, typed: Mapping[str, Column]) -> dict[str, Column]:
        """Return the same by the texts' typed values."""
        return self._judged(
            {name: is_lost_in_cast(name, declared, typed[name]) for name, (declared, _) in self.forms.items()}
        )

    @cached_property
    def unformed(self) -> dict[str, Column]:
        """Where a text has not the plain form of its type."""
        return self._judged({name: lacks_form(name, form) for name, (_, form) in self.forms.items()})

    @property
    def unformed_in_lines(self) -> dict[str, Column]:
        """The same of the texts that a line holds: that one is plain says nothing of the object's key."""
        in_keys = {column.name for column in self.contract.folder_columns}
        return {name: mark for name, mark in self.unformed.items() if name not in in_keys}

    @property
    def unformed_in_keys(self) -> dict[str, Column]:
        """The same of the texts that an object's key holds."""
        return {name: mark for name, mark in self.unformed.items() if name not in self.unformed_in_lines}

    @cached_property
    def casts(self) -> dict[str, Column]:
        """Where a line that is a row has no value of a column's type."""
        casts = {name: self.unformed[name] | self.lost[name] for name in self.forms} | self.beyond
        return casts | self.unknown_operation

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """The rules whose lines go aside, as `row` or `cast.quantity`, in a verdict's order."""
        levels = self.contract.structure
        if not levels.warnings:  # no column is made for what nobody declared: each is a call of the JVM
            return ()
        rules = (*self.lines, *(f"{StructureRule.CAST}.{name}" for name in self.casts))
        return tuple(rule for rule in rules if levels.severity_of(rule).quarantines_rows)

    def shown_column(self, rule: str) -> str:
        """Return the column that a sample of a rule shows."""
        _, _, name = rule.partition(".")
        return f"{OUT_OF_RANGE}{name}" if name in self.beyond else name or LINE

    def id_of(self, rule: str) -> str:
        """Return the id of a rule in a verdict."""
        kind, _, name = rule.partition(".")
        return StructureRule(kind).id_of(self.contract.dataset, name)

    def set_aside(self, lines: DataFrame) -> DataFrame:
        """Return the lines, those that break a warning as `_broken` and with the warnings' ids under ASIDE.

        Lines that have ASIDE stay as they are, and so do all where no rule on lines is a warning.
        """
        if not self.contract.structure.warnings or ASIDE in lines.columns:
            return lines
        marks = dict(self._warning_marks())
        ids = F.array(*(F.when(mark, F.lit(self.id_of(rule))) for rule, mark in marks.items()))
        is_aside = self._breaks_any(PLAIN in lines.columns)
        rules = F.when(~F.col(HEADER) & is_aside, F.array_compact(ids)).cast("array<string>")
        return lines.withColumn(ASIDE, rules).withColumn(BROKEN, F.col(BROKEN) | F.col(ASIDE).isNotNull())

    def _warning_marks(self) -> Iterator[tuple[str, Column]]:
        """Yield each warning with where a line breaks it."""
        for rule in self.warnings:
            kind, _, name = rule.partition(".")
            yield rule, self._is_row & self.casts[name] if name else self._line_mark(StructureRule(kind))

    def _line_mark(self, rule: StructureRule) -> Column:
        """Return where a line breaks a rule: of one that is no row, the critical rule on rows tells."""
        is_critical = StructureRule.ROW not in self.warnings
        return self.lines[rule] & ~self.lines[StructureRule.ROW] if is_critical else self.lines[rule]

    @property
    def _is_row(self) -> Column:
        return ~F.col(BROKEN)

    def _breaks_any(self, has_plain: bool) -> Column:
        """Return where a line breaks a warning; of one that is proven plain, only what its casts lose is looked at."""
        levels, casts = self.contract.structure, list[Column]()
        looks = [self._line_mark(rule) for rule in self.lines if levels.severity_of(rule).quarantines_rows]
        if levels.severity_of(StructureRule.CAST).quarantines_rows:
            looks += [self._is_row & mark for mark in self.unformed_in_lines.values()]
            further = (*self.lost.values(), *self.unformed_in_keys.values(), *self.beyond.values())
            casts = [self._is_row & mark for mark in (*further, *self.unknown_operation.values())]
        in_doubt = any_of(looks)
        return (~F.col(PLAIN) & in_doubt if has_plain else in_doubt) | any_of(casts)


def any_of(marks: Sequence[Column]) -> Column:
    """Return where one of the marks is true: as a tree that is no deeper than it must be, for there may be hundreds."""
    if len(marks) > 1:
        middle = len(marks) // 2
        return any_of(marks[:middle]) | any_of(marks[middle:])
    return F.coalesce(marks[0], F.lit(False)) if marks else F.lit(False)


def line_marks(contract: Contract, text: list[str]) -> dict[StructureRule, Column]:
    """Return where a line is no row, and where it holds what is no text; `text` are the columns of text."""
    # Apart, or half a character at one value's end would be whole with the next one's first bytes.
    nested = [column for column in contract.columns if column.type.is_nested]
    within = [value for column in nested for value in texts_within(F.col(f"`{column.name}`"), column.type)]
    values = F.concat_ws("\n", *text, *within)
    match contract.format:
        case SourceFormat.CSV:
            text_pattern = CsvSyntax.from_dialect(contract.dialect).text
            return {StructureRule.ROW: F.col(BROKEN), StructureRule.TEXT: ~F.col(LINE).rlike(text_pattern)}
        case SourceFormat.JSONL:  # a line holds its values in escapes
            halved = F.col(BROKEN) & json_reader.is_halved()
            strange = ~values.rlike(TEXT) | halved
            return {StructureRule.ROW: F.col(BROKEN) & ~halved, StructureRule.TEXT: strange}
        case SourceFormat.PARQUET | SourceFormat.ORC | SourceFormat.AVRO | SourceFormat.EXCEL | SourceFormat.TABLES:
            return {StructureRule.ROW: F.col(BROKEN), StructureRule.TEXT: ~values.rlike(TEXT)}
        case _:
            assert_never(contract.format)
