"""Which texts about a dataset's values may be shown: the one place that decides, by the text and not by the rule's column.

A row whose fields are shifted has an e-mail under `country`; a line, an engine's message and a file's first line may hold
anything. So where a suite marks a column, a text stays open only if no person's value can look like it. Decision record
0015 says what is left open, and why.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from etl.contract.sample_values import LONGEST_SAMPLE, MASK, shown
from etl.wording import counted, listed, shortened

NUMBERS, DATES = "numbers", "dates"
FAMILIES = {"date": DATES, "timestamp": DATES, "timestamp_ntz": DATES, "string": "", "boolean": "", "binary": ""}
PHONE = 7  # digits of the shortest telephone number that a person has (ITU-T E.164 allows up to 15)
NUMBER = re.compile(r"[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?")
DAY = re.compile(r"[+-]?\d{4,5}-\d\d-\d\d(?:[T ][\d:.+Z-]*)?")
WORD = re.compile(r"[^\W_][\w-]{0,19}")
TRUTHS = ("", "true", "false", "null")
CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]{3,})\]")  # of Spark's errors: a name of Spark's own, never a value
CLASS = re.compile(
    r"\b(?:java|javax|scala|org|net|com|software|pyspark|py4j|great_expectations)(?:\.\w+)+(?:Exception|Error)\b"
)
HIDDEN = "; what it says may quote a person and is not shown"
MOST_NAMES = 10  # of columns in a message


class Column(Protocol):
    """A declared column."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def pii(self) -> bool: ...


@dataclass(frozen=True)
class Masking:
    """What is personal in a dataset, by both of its suites.

    Attributes:
        columns: those that either suite marks `pii`.
        families: the kinds of values, numbers or dates, that a marked column is declared with.
        by_place: whether a value is a column's by its place in the line alone, as in CSV: then a shift moves it.
    """

    columns: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    by_place: bool = True

    @classmethod
    def of(cls, columns: Iterable[Column], form: str) -> "Masking":
        """Return what columns say, of one suite or of both, of rows that come in a format."""
        marked = [column for column in columns if column.pii]
        families = {FAMILIES.get(column.type, NUMBERS) for column in marked} - {""}
        return cls(frozenset(column.name for column in marked), frozenset(families), form == "csv")

    @property
    def applies(self) -> bool:
        """Whether any column is about a person."""
        return bool(self.columns)

    def __or__(self, other: "Masking") -> "Masking":
        """Return what either of two says."""
        by_place = self.by_place or other.by_place
        return Masking(self.columns | other.columns, self.families | other.families, by_place)

    def samples(self, values: Iterable[Any], columns: Sequence[str] = ()) -> tuple[str | None, ...]:
        """Return values as a rule's samples: few, distinct and short; `columns` are the rule's, in their order."""
        return shown([value if self.may_show(value, columns) else MASK for value in values])

    def may_show(self, value: Any, columns: Sequence[str] = ()) -> bool:
        """Say whether a value of these columns may be shown: one value, a tuple of theirs, or a mapping by column."""
        if value is not None and not isinstance(value, (list, tuple)) and self.columns.intersection(columns):
            return False
        return all(self._is_open(column, part) for column, part in _parts(value, columns))

    def key(self, values: Sequence[Any], columns: Sequence[str]) -> str:
        """Return a row's key in words, part by part."""
        parts = [
            value if self.may_show(value, [column]) else MASK for column, value in zip(columns, values, strict=True)
        ]
        return ", ".join("null" if part is None else str(part) for part in parts)

    def lines(self, values: Iterable[Any]) -> tuple[str | None, ...]:
        """Return whole lines, or whatever may hold every column, as samples."""
        return shown(list(values), masked=self.applies)

    def error(self, words: str, kind: str = "") -> str:
        """Return what an engine said; of a dataset with persons, its classes and conditions alone.

        Args:
            words: the engine's message, which may quote a value.
            kind: the exception's class, for a message that is empty or must not be shown.
        """
        if not self.applies:
            return words.strip() or kind or "the engine gave no reason"
        if words.endswith(HIDDEN):
            return words
        names = [*([kind] if kind else []), *CONDITION.findall(words), *CLASS.findall(words)]
        visible = listed([*dict.fromkeys(names)], MOST_NAMES) or "an error"
        return f"{visible}{HIDDEN}"

    def exception(self, error: BaseException) -> str:
        """Return what an exception says, as `error` has it."""
        return self.error(str(error), type(error).__name__)

    def header(self, fields: Sequence[str], declared: Sequence[str]) -> str:
        """Return what is wrong with a header; what stands there is named only where it is a header and of no person."""
        missing = [name for name in declared if name not in fields]
        surplus = self.surplus(fields, declared)
        twice = [name for name in declared if fields.count(name) > 1]
        faults = [
            *([f"missing {_named(missing)}"] if missing else []),
            *([f"twice {_named(twice)}"] if twice else []),
        ]
        if surplus:
            faults.append(f"not declared {_named(surplus)}")
        elif set(fields) - set(declared):
            faults.append(f"{counted(len(fields), 'field')} where {len(declared)} are declared")
        return "; ".join(faults) or f"the declared names in another order: {_named(fields)}"

    def surplus(self, fields: Iterable[str], declared: Sequence[str]) -> list[str]:
        """Return the names that a file has and no suite declares; none where they may be the values of a row."""
        fields = [*fields]
        missing = [name for name in declared if name not in fields]
        if self.applies or 2 * len(missing) > len(declared):
            return []
        return [field for field in fields if field not in declared]

    def _is_open(self, column: str, value: Any) -> bool:
        if not self.applies or value is None:
            return True
        return column not in self.columns and self._cannot_be_personal(str(value))

    def _cannot_be_personal(self, text: str) -> bool:
        if text.lower() in TRUTHS:
            return True
        if NUMBER.fullmatch(text):
            return NUMBERS not in self.families and _digits(text) < PHONE
        if self.by_place:
            return False
        if DAY.fullmatch(text):
            return DATES not in self.families
        return bool(WORD.fullmatch(text)) and _digits(text) < PHONE


UNKNOWN = Masking(frozenset("*"))
"""Where no contract says what is personal: whatever may hold a value is masked."""


def _parts(value: Any, columns: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield each value with its column; "" where that is not known."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, (list, tuple)):
        names = columns if len(columns) == len(value) else [*columns[:1]] * len(value)
        yield from zip(names or [""] * len(value), value, strict=True)
    else:
        yield (columns[0] if columns else ""), value


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _named(names: Sequence[str]) -> str:
    return listed([repr(shortened(name, LONGEST_SAMPLE)) for name in names], MOST_NAMES)
