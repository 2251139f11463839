"""A sheet of texts as a workbook of Excel (.xlsx), written and read.

Each cell is a text and is formatted as text, so a spreadsheet takes none for a date, a number or a formula, and leaves what
is typed there as it was typed.
"""

import re
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sluice.cli.errors import WrongUse
from sluice.operations.mending.row_sheet import RowSheet
from sluice.operations.mending.sheet_lines import CellKind, SheetCell, SheetLine, SheetLines

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # of a sheet (Microsoft, Excel specifications and limits)
SHEET = "rows"
TEXT_FORMAT = "@"
WIDEST_COLUMN = 40  # characters
ROWS_MEASURED = 100  # for the width of a column
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook writes a character by its number (ECMA-376, ST_Xstring); openpyxl leaves it as it stands."""


def write_workbook(file: Path, sheet: RowSheet) -> None:
    """Write a sheet to a new file, its header frozen.

    Raises:
        OSError: the file is there already, or cannot be written.
    """
    with file.open("xb") as sink:
        _make_workbook(sheet).save(sink)


def _make_workbook(sheet: RowSheet) -> Any:
    import openpyxl  # noqa: PLC0415  tenths of a second, and only a workbook takes it
    from openpyxl.styles import Font  # noqa: PLC0415  the same
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  the same

    workbook: Any = openpyxl.Workbook(write_only=True)
    page = workbook.create_sheet(SHEET)
    page.freeze_panes = "A2"
    for place, texts in enumerate(zip(sheet.header, *sheet.lines[:ROWS_MEASURED], strict=True), 1):
        page.column_dimensions[get_column_letter(place)].width = min(max(map(len, texts)) + 2, WIDEST_COLUMN)
    page.append([_text_cell(page, text, Font(bold=True)) for text in sheet.header])
    for texts in sheet.lines:
        page.append([_text_cell(page, text) for text in texts])
    return workbook


def _text_cell(page: Any, text: str, font: Any = None) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  as above

    cell = WriteOnlyCell(page)
    cell.number_format = TEXT_FORMAT
    if font:
        cell.font = font
    if text:
        # openpyxl takes a text that begins with = for a formula.
        cell.value, cell.data_type = ESCAPED.sub(r"_x005F\g<0>", text), "s"
    return cell


def read_workbook(file: Path) -> SheetLines:
    """Return the lines of the sheet `rows`, or of the only one; hidden rows and columns are read like others.

    Raises:
        WrongUse: it is no workbook, has no such sheet, or merged cells.
    """
    page = _choose_page(file)
    if merged := ", ".join(sorted(str(area) for area in page.merged_cells.ranges)):
        raise WrongUse(f"{file}: cells are merged: {merged}; split them, so that each row has its own")
    lines = [SheetLine(cells[0].row, [_sheet_cell(cell) for cell in cells]) for cells in page.iter_rows()]
    return SheetLines.from_lines(file, lines)


def _choose_page(file: Path) -> Any:
    import openpyxl  # noqa: PLC0415  as above

    try:
        with file.open("rb") as stream:
            workbook: Any = openpyxl.load_workbook(stream)
    except OSError as fault:
        raise WrongUse(f"{file} cannot be read: {fault.strerror}") from fault
    except Exception as fault:  # what a broken workbook raises is of many types
        raise WrongUse(f"{file} is no workbook that can be read; save it as .xlsx, without a password") from fault
    if SHEET in workbook.sheetnames:
        return workbook[SHEET]
    if len(workbook.worksheets) == 1:
        return workbook.worksheets[0]
    names = ", ".join(workbook.sheetnames) or "none"
    raise WrongUse(f"{file}: it has no sheet {SHEET!r}; give the sheet of the rows this name; there are: {names}")


def _sheet_cell(cell: Any) -> SheetCell:
    match cell.data_type:
        case _ if cell.value is None:
            return SheetCell(cell.coordinate, "")
        case "f":
            return SheetCell(cell.coordinate, str(getattr(cell.value, "text", cell.value)), CellKind.FORMULA)
        case "e":
            return SheetCell(cell.coordinate, str(cell.value), CellKind.ERROR)
        case "n" | "d" | "b":
            return SheetCell(cell.coordinate, _typed_text(cell.value), CellKind.TYPED)
        case _:
            text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(cell.value))
            return SheetCell(cell.coordinate, text, CellKind.TEXT)


def _typed_text(value: Any) -> str:
    """Return a number in digits, a date or time as ISO 8601 has it, and true or false."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        text = f"{Decimal(repr(value)):f}"
        return text.removesuffix(".0")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value)
