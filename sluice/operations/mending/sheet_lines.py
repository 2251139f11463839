"""A sheet as somebody gives it back: a header and lines of cells, whatever kind of file it came in."""

from dataclasses import dataclass
from enum import Enum, auto, unique
from pathlib import Path

from sluice.cli.errors import WrongUse
from sluice.operations.mending.row_sheet import ROW


@unique
class CellKind(Enum):
    """What a cell holds.

    Members:
        TEXT: a text that is stored as one.
        UNTYPED: a text that a spreadsheet may have read as something else before it wrote it, as in a CSV.
        TYPED: a number, a date or a flag.
        FORMULA: a formula.
        ERROR: what a spreadsheet shows where it could not compute.
    """

    TEXT = auto()
    UNTYPED = auto()
    TYPED = auto()
    FORMULA = auto()
    ERROR = auto()


@dataclass(frozen=True)
class SheetCell:
    """A cell: its address, such as D7, and its text, "" where it is empty."""

    address: str
    text: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True)
class SheetLine:
    """A line: its number in the sheet, from 1, and its cells from column A on."""

    number: int
    cells: list[SheetCell]

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell.text for cell in self.cells)


@dataclass(frozen=True)
class SheetLines:
    """The header's texts, and the lines below it that hold anything."""

    header: list[str]
    lines: list[SheetLine]

    @classmethod
    def from_lines(cls, file: Path, lines: list[SheetLine]) -> "SheetLines":
        """Return lines with the first that holds anything as their header.

        Raises:
            WrongUse: there is no header, or it lacks `row`.
        """
        filled = [line for line in lines if not line.is_empty]
        header = [cell.text for cell in filled[0].cells] if filled else []
        if ROW not in header:
            raise WrongUse(f"{file}: the first line has no column {ROW!r}; keep the header as it was written")
        while not header[-1]:
            header.pop()
        return cls(header, filled[1:])
