"""What a cell of a mended sheet means, beside the value that the row came with."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, assert_never

from etl.contract.sample_values import MASK
from sluice.operations.mending.cell_text import (
    EMPTY_TEXT,
    TYPED_GUARD,
    UNTYPED_GUARD,
    cell_text,
    is_same_text,
    plain_text,
    text_of_cell,
    unguarded_text,
)
from sluice.operations.mending.json_values import parse_json
from sluice.operations.mending.sheet_lines import CellKind, SheetCell
from sluice.operations.mending.shown_rows import Rewritten
from sluice.operations.mending.spreadsheet_changes import is_error, is_rewritten


class Own(Enum):
    """In place of a value: the row's own."""

    VALUE = "own"


OWN: Final = Own.VALUE


@dataclass(frozen=True)
class CellMeaning:
    """What a cell says.

    Attributes:
        value: the value that is meant, OWN where it is the row's own.
        fault: why it is refused, "" where it is not.
        is_rewritten: whether a spreadsheet wrote it anew by itself.
    """

    value: Any = OWN
    fault: str = ""
    is_rewritten: bool = False


@dataclass(frozen=True)
class CellReader:
    """How cells of a kind of file are read; `guard` is what has an apostrophe before it there."""

    guard: re.Pattern[str]
    rewritten: Rewritten | None

    def read_cell(self, cell: SheetCell, before: Any, *, is_nested: bool) -> CellMeaning:
        """Return what a cell means where the row came with the value `before`."""
        is_value = _is_value(cell.text, before, is_nested=is_nested)
        if fault := _kind_fault(cell, is_value):
            return CellMeaning(fault=fault)
        if is_value:
            return CellMeaning()
        if cell.kind is not CellKind.TEXT and self._was_rewritten(cell.text, before):
            return self._judge_rewritten(cell)
        if cell.kind is CellKind.TYPED and self.rewritten is not Rewritten.TAKE:
            return CellMeaning(
                fault="it is a number, a date or a flag, and not the text that was typed; format the cell as text, and "
                "write it again"
            )
        return self._parse_cell(cell.text, is_nested or isinstance(before, dict | list))

    def _was_rewritten(self, text: str, before: Any) -> bool:
        return isinstance(before, str | bool) and is_rewritten(plain_text(before), unguarded_text(text, self.guard))

    def _judge_rewritten(self, cell: SheetCell) -> CellMeaning:
        match self.rewritten:
            case Rewritten.KEEP:
                return CellMeaning(is_rewritten=True)
            case Rewritten.TAKE:
                return CellMeaning(text_of_cell(cell.text, self.guard), is_rewritten=True)
            case None:
                return CellMeaning(fault="a spreadsheet may have rewritten it by itself", is_rewritten=True)
            case _:
                assert_never(self.rewritten)

    def _parse_cell(self, text: str, is_nested: bool) -> CellMeaning:
        value = text_of_cell(text, self.guard)
        if not is_nested or not value:
            return CellMeaning(value)
        try:
            return CellMeaning(parse_json(value))
        except ValueError as fault:
            return CellMeaning(fault=f"it is no JSON: {fault}; the column holds lists or objects")


def is_unchanged(text: str, before: str | None) -> bool:
    """Say whether the text of a cell is a text's own, however it was written."""
    return _is_value(text, before, is_nested=False)


def _is_value(text: str, before: Any, *, is_nested: bool) -> bool:
    if text == MASK:
        return True
    # A CSV that was saved as a workbook keeps its apostrophes.
    if any(is_same_text(text, cell_text(before, guard)) for guard in (TYPED_GUARD, UNTYPED_GUARD)):
        return True
    if text in ("", EMPTY_TEXT):
        return False
    if is_same_text(text, plain_text(before)):
        return True
    return (is_nested or isinstance(before, dict | list)) and _is_same_json(text, before)


def _is_same_json(text: str, before: Any) -> bool:
    try:
        return before is not None and parse_json(text) == before
    except ValueError:
        return False


def _kind_fault(cell: SheetCell, is_value: bool) -> str:
    """Return why a cell that holds a formula or an error is refused, "" of others; a text that looks so may be the row's."""
    match cell.kind:
        case CellKind.FORMULA:
            return "it holds a formula; write the value as text"
        case CellKind.ERROR:
            return f"it holds the error {cell.text}; write the value as text"
        case CellKind.UNTYPED if not is_value and cell.text.lstrip().startswith("="):
            return "it begins with =, as a formula does; write an apostrophe before it where the text is meant"
        case CellKind.UNTYPED if not is_value and is_error(cell.text):
            return "it is what a spreadsheet shows for an error; write the value"
        case _:
            return ""
