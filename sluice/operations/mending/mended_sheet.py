"""A sheet that somebody mended, held against the rows that it shows: each line's row, and each fault."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etl.contract.sample_values import MASK
from etl.wording import shorten_text
from sluice.operations.mending.cell_text import plain_text
from sluice.operations.mending.mended_cells import OWN, CellReader, is_unchanged
from sluice.operations.mending.mended_file import MendedFile, unknown_column
from sluice.operations.mending.row_sheet import ABOUT, RAW, ROW, column_of_header
from sluice.operations.mending.sheet_lines import CellKind, SheetCell, SheetLine, SheetLines
from sluice.operations.mending.shown_rows import Rewritten, ShownRows
from sluice.operations.mending.spreadsheet_changes import is_rewritten

LONGEST_VALUE = 60


def read_mended_sheet(
    file: Path, sheet: SheetLines, shown: ShownRows, guard: re.Pattern[str], rewritten: Rewritten | None
) -> MendedFile:
    """Return the rows of a sheet as they are meant."""
    return _SheetCheck(file, sheet, shown, CellReader(guard, rewritten)).check()


class _SheetCheck:
    """One pass over a sheet; `mended` is what it has found."""

    def __init__(self, file: Path, sheet: SheetLines, shown: ShownRows, reader: CellReader) -> None:
        self.file, self.sheet, self.shown, self.reader = file, sheet, shown, reader
        self.names = [column_of_header(text, reader.guard) for text in sheet.header]
        self.row_place = sheet.header.index(ROW)
        self.mended = MendedFile()
        self.line_numbers: dict[str, int] = {}

    def check(self) -> MendedFile:
        self.mended.faults += (f"{self.file}, header: {fault}" for fault in self._header_faults())
        columns = self._column_names()
        self.mended.absent_columns = [name for name in self.shown.all_columns() if name not in columns]
        if not self.mended.faults:  # each line would have the same fault again
            for line in self.sheet.lines:
                self._check_line(line)
        return self.mended

    def _column_names(self) -> list[str]:
        return [name for name, text in zip(self.names, self.sheet.header, strict=True) if text not in ABOUT]

    def _header_faults(self) -> Iterator[str]:
        columns = self._column_names()
        shown_columns = self.shown.all_columns()
        for text in dict.fromkeys(self.sheet.header):
            if text and self.sheet.header.count(text) > 1:
                yield f"{text!r} stands twice; keep one"
        for name in columns:
            if name and name not in shown_columns:
                yield f"{unknown_column(name, shown_columns)}; leave columns of your own out"

    def _check_line(self, line: SheetLine) -> None:
        row = line.cells[self.row_place].text if len(line.cells) > self.row_place else ""
        if fault := self._row_fault(row, line):
            self._add_fault(line, fault)
            return
        self.line_numbers[row] = line.number
        changes: dict[str, Any] = {}
        for place, cell in enumerate(line.cells):
            self._check_cell(line, cell, place, row, changes)
        self._check_absent_cells(line, row)
        self.mended.sources[row] = self._mended_source(row, changes)

    def _row_fault(self, row: str, line: SheetLine) -> str:
        if not row:
            return "it has no `row`, and rows cannot be added here; put new ones in a file of their own"
        if row not in self.shown.sources:
            return f"{row!r} is no row of this run; keep `row` as it was written"
        if row in self.line_numbers:
            return f"row {row} stands twice, first in line {self.line_numbers[row]}; keep one"
        return ""

    def _check_cell(self, line: SheetLine, cell: SheetCell, place: int, row: str, changes: dict[str, Any]) -> None:
        """Add what a cell changes to `changes`, or its fault to what was found."""
        header = self.sheet.header[place] if place < len(self.names) else ""
        if header in ABOUT:
            if header == RAW and self._has_new_raw(cell, row):
                fault = "it is only shown; write what it means in the row's columns"
                self._add_fault(line, f"{cell.address}, raw: {fault}")
            return
        if not header:
            if cell.text:
                self._add_fault(line, f"{cell.address} stands under no name; remove it")
            return
        name = self.names[place]
        source = self.shown.source_of(row)
        if cell.text and name not in self.shown.columns and name not in source:
            self._add_fault(line, f"{cell.address}: {unknown_column(name, self.shown.columns, source)}")
        elif cell.text == MASK and not isinstance(self.shown.sources[row], dict):
            self._add_fault(line, f"{cell.address}, {name}: {MASK} is the row's own value, and this line has none")
        else:
            self._read_cell(line, cell, name, source.get(name), changes)

    def _read_cell(self, line: SheetLine, cell: SheetCell, name: str, before: Any, changes: dict[str, Any]) -> None:
        meaning = self.reader.read_cell(cell, before, is_nested=name in self.shown.nested)
        if meaning.fault:
            self.mended.has_rewritten |= meaning.is_rewritten
            values = f" ({self._quote(name, before)} came back as {self._quote(name, cell.text)})"
            self._add_fault(line, f"{cell.address}, {name}: {meaning.fault}{values if meaning.is_rewritten else ''}")
        elif meaning.value is not OWN:
            changes[name] = meaning.value
        else:
            self.mended.kept += meaning.is_rewritten

    def _has_new_raw(self, cell: SheetCell, row: str) -> bool:
        raw = self.shown.raw_of(row)
        if is_unchanged(cell.text, raw):
            return False
        # Nobody reads it, so it does not matter what a spreadsheet made of it.
        return cell.kind is CellKind.TEXT or raw is None or not is_rewritten(raw, cell.text)

    def _check_absent_cells(self, line: SheetLine, row: str) -> None:
        """Refuse a line that ends before a value: some spreadsheets leave out empty cells at its end, and no others."""
        source = self.shown.source_of(row)
        places = range(len(line.cells), len(self.names))
        names = [self.names[place] for place in places if self.sheet.header[place] not in ABOUT]
        if absent := [name for name in names if source.get(name) is not None]:
            self._add_fault(line, f"it ends before {', '.join(absent)}; it must have as many cells as the header")

    def _mended_source(self, row: str, changes: dict[str, Any]) -> Any:
        source = self.shown.sources[row]
        if not changes:
            return source
        return {**(source if isinstance(source, dict) else dict.fromkeys(self.shown.columns)), **changes}

    def _add_fault(self, line: SheetLine, fault: str) -> None:
        self.mended.faults.append(f"{self.file}, line {line.number}: {fault}")

    def _quote(self, name: str, value: Any) -> str:
        shown = value if self.shown.masking.may_show(value, [name]) else MASK
        return repr(shorten_text(plain_text(shown), LONGEST_VALUE))
