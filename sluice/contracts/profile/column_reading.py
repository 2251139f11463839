"""How the texts of a column are read: its type, the options of the contract that it takes, and what is doubtful of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from etl.contract.types import ColumnType

Options = dict[str, Any]


@dataclass(frozen=True)
class ReadingHints:
    """What other columns of the same file show, and how the file is written.

    Attributes:
        decimal: the decimal character of those numbers that can have only one, "" where none tells.
        day_first: whether days written with numbers alone start with the day, None where none tells.
        delimiter: between two fields, "" in JSON.
        markers: texts that stand for null in a typed column of the file.
        has_options: whether a contract may say how texts of this format are read; of Parquet's it may not.
    """

    decimal: str = ""
    day_first: bool | None = None
    delimiter: str = ""
    markers: frozenset[str] = frozenset()
    has_options: bool = True

    def allows(self, *options: str) -> bool:
        """Say whether a column of an input may have the options."""
        return not options or self.has_options


@dataclass(frozen=True)
class ColumnReading:
    """How a column is read.

    Attributes:
        declared: the type that its values have.
        options: what the input's column says beside its type, by the contract's keys.
        doubts: what a person has to decide, without the column's name.
        value_of: makes a value that compares with others of a text; None where none is compared.
        decides: the hint that this column gives to others, by the name of the hint.
    """

    declared: ColumnType
    options: Options = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    value_of: Callable[[str], Any] | None = field(default=None, compare=False)
    decides: dict[str, Any] = field(default_factory=dict)

    def with_doubt(self, doubt: str) -> "ColumnReading":
        """Return the reading with one more doubt."""
        return replace(self, doubts=(*self.doubts, doubt))
