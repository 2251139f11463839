"""Which texts about a dataset's values may be shown: the one place that decides, by the text and not by the rule's column.

A row whose fields are shifted has an e-mail under `country`; a line, an engine's message and a file's first line may hold
anything. So where a suite marks a column, a text stays open only if no person's value can look like it. Decision record
0015 says what is left open, and why.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, assert_never

from etl.contract.column_paths import root_of
from etl.contract.json_values import is_object
from etl.contract.sample_values import MASK, format_samples
from etl.contract.source_format import SourceFormat
from etl.contract.types import ColumnType, Family
from etl.wording import join_names

MIN_PHONE_DIGITS = 7  # digits of the shortest telephone number that a person has (ITU-T E.164 allows up to 15)
NUMBER = re.compile(r"[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?")
DAY = re.compile(r"[+-]?\d{4,5}-\d\d-\d\d(?:[T ][\d:.+Z-]*)?")
WORD = re.compile(r"[^\W_][\w-]{0,19}")
TRUTHS = ("", "true", "false", "null")
SPARK_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]{3,})\]")  # of Spark's errors: a name of Spark's own, never a value
EXCEPTION_CLASS = re.compile(
    r"\b(?:java|javax|scala|org|net|com|software|pyspark|py4j|great_expectations)(?:\.\w+)+(?:Exception|Error)\b"
)
HIDDEN_NOTE = "; what it says may quote a person and is not shown"
MAX_NAMES_SHOWN = 10  # of an engine's in a message


class MarkedColumn(Protocol):
    """A declared column."""

    @property
    def name(self) -> str:
        """The column's name."""
        ...

    @property
    def type(self) -> ColumnType:
        """Its type in the contract."""
        ...

    @property
    def pii(self) -> bool:
        """Whether its values are about a person."""
        ...


@dataclass(frozen=True)
class Masking:
    """What is personal in a dataset, by both of its suites.

    Attributes:
        columns: those that either suite marks `pii`.
        families: what the values of marked columns are.
        by_place: whether a value is a column's by its place in the line alone, as in CSV: then a shift moves it.
        hides_lines: whether a line may hold what no suite declares, and so nobody knows what it says.
    """

    columns: frozenset[str] = frozenset()
    families: frozenset[Family] = frozenset()
    by_place: bool = True
    hides_lines: bool = False

    @classmethod
    def from_columns(
        cls, columns: Iterable[MarkedColumn], source_format: SourceFormat, hides_lines: bool = False
    ) -> "Masking":
        """Return what columns say, of one suite or of both, of rows that come in a format."""
        marked = [column for column in columns if column.pii]
        families = frozenset(column.type.family for column in marked)
        return cls(frozenset(column.name for column in marked), families, source_format.is_positional, hides_lines)

    @property
    def applies(self) -> bool:
        """Whether any column is about a person."""
        return bool(self.columns)

    def __or__(self, other: "Masking") -> "Masking":
        """Return what either of two says."""
        by_place = self.by_place or other.by_place
        hides_lines = self.hides_lines or other.hides_lines
        return Masking(self.columns | other.columns, self.families | other.families, by_place, hides_lines)

    def mask_samples(self, values: Iterable[Any], columns: Sequence[str] = ()) -> tuple[str | None, ...]:
        """Return values as a rule's samples: few, distinct and short; `columns` are the rule's, in their order."""
        return format_samples([value if self.may_show(value, columns) else MASK for value in values])

    def may_show(self, value: Any, columns: Sequence[str] = ()) -> bool:
        """Say whether a value of these columns may be shown: one value, a tuple of theirs, or a mapping by column."""
        columns = [root_of(column) for column in columns]
        if value is not None and not _is_sequence(value) and self.columns.intersection(columns):
            return False
        return all(self._is_open(column, part) for column, part in _values_with_columns(value, columns))

    def mask_key(self, values: Sequence[Any], columns: Sequence[str]) -> str:
        """Return a row's key in words, part by part."""
        parts = [
            value if self.may_show(value, [column]) else MASK for column, value in zip(columns, values, strict=True)
        ]
        return ", ".join("null" if part is None else str(part) for part in parts)

    def mask_lines(self, values: Iterable[Any]) -> tuple[str | None, ...]:
        """Return whole lines, or whatever may hold every column, as samples."""
        return format_samples(list(values), masked=self.applies or self.hides_lines)

    def mask_error(self, message: str, kind: str = "") -> str:
        """Return what an engine said; of a dataset with persons, its classes and conditions alone.

        Args:
            message: the engine's message, which may quote a value.
            kind: the exception's class, for a message that is empty or must not be shown.
        """
        if not self.applies:
            return message.strip() or kind or "the engine gave no reason"
        if message.endswith(HIDDEN_NOTE):
            return message
        names = [*([kind] if kind else []), *SPARK_CONDITION.findall(message), *EXCEPTION_CLASS.findall(message)]
        visible = join_names([*dict.fromkeys(names)], MAX_NAMES_SHOWN) or "an error"
        return f"{visible}{HIDDEN_NOTE}"

    def mask_exception(self, error: BaseException) -> str:
        """Return what an exception says, as `error` has it."""
        return self.mask_error(str(error), type(error).__name__)

    def undeclared_names(self, fields: Iterable[str], declared: Sequence[str]) -> list[str]:
        """Return the names that a file has and no suite declares; none where they may be the values of a row."""
        fields, known = [*fields], {*declared}
        missing = known.difference(fields)
        if self.applies or 2 * len(missing) > len(declared):
            return []
        return [field for field in fields if field not in known]

    def _is_open(self, column: str, value: Any) -> bool:
        if not self.applies or value is None:
            return True
        return column not in self.columns and self._cannot_be_personal(str(value))

    def _cannot_be_personal(self, text: str) -> bool:
        if text.lower() in TRUTHS:
            return True
        if any(_is_written_as(text, family) for family in self.families):
            return False
        if NUMBER.fullmatch(text):
            return _count_digits(text) < MIN_PHONE_DIGITS
        if self.by_place:
            return False
        if DAY.fullmatch(text):
            return True
        return bool(WORD.fullmatch(text)) and _count_digits(text) < MIN_PHONE_DIGITS


MASK_EVERYTHING = Masking(frozenset("*"))
"""Where no contract says what is personal: whatever may hold a value is masked."""


def _values_with_columns(value: Any, columns: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield each value with its column; "" where that is not known."""
    if is_object(value):
        yield from value.items()
    elif _is_sequence(value):
        names = columns if len(columns) == len(value) else [*columns[:1]] * len(value)
        yield from zip(names or [""] * len(value), value, strict=True)
    else:
        yield (columns[0] if columns else ""), value


def _is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Say whether a value has one part for each of several columns: a list, a tuple or a row of Spark."""
    return isinstance(value, (list, tuple))


def _is_written_as(text: str, family: Family) -> bool:
    """Say whether a text looks like a value of a family that few texts look like."""
    match family:
        case Family.NUMBER:
            return bool(NUMBER.fullmatch(text))
        case Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            return bool(DAY.fullmatch(text))
        case Family.TEXT | Family.BOOLEAN | Family.BINARY | Family.NESTED:
            return False
        case _:
            assert_never(family)


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)
