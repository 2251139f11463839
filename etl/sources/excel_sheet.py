"""The sheet of an Excel workbook that a contract means: its cells as they are stored, row by row (ECMA-376).

openpyxl parses the XML. What a cell means is told here: it takes a formula that nobody has computed for an empty cell, and the
29th of February 1900, which never was, for the 28th.
"""

import io
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, cast

from etl.contract.structure_rules import StructureRule
from etl.sources.json_records import MAX_HELD_BYTES, BrokenRecords, describe_size

WORKBOOK = "xl/workbook.xml"
STRICT, TRANSITIONAL = b'"http://purl.oclc.org/ooxml/', b'"http://schemas.openxmlformats.org/'
NAMES_BY_STRICT = {
    STRICT + b"spreadsheetml/main": TRANSITIONAL + b"spreadsheetml/2006/main",
    STRICT + b"officeDocument/": TRANSITIONAL + b"officeDocument/2006/",
    STRICT + b"drawingml/": TRANSITIONAL + b"drawingml/2006/",
}
"""Namespaces by those of Strict Open XML (ISO/IEC 29500-1 against 29500-4), as attributes begin."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MAX_NAMES_SHOWN = 5
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What a format shows as it stands, and its colours and conditions."""
ZEROS = re.compile(r"0[-0 /]*0")
"""A format that shows zeros before a number, such as those of postal codes: 00000."""
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Cell(NamedTuple):
    """A cell: its place, what kind its value has, and the value.

    Attributes:
        address: such as B7.
        kind: s for a text, n for a number, d for the serial number of a day, c for one of a day with its time, t for one of a
            duration, b for true or false, i for a date or time that is stored as itself, e for an error.
        value: None where it is empty.
        digits: how many digits a number shows at least, 0 where its format says nothing of that.
    """

    address: str
    kind: str
    value: Any
    digits: int = 0


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows.

    Attributes:
        rows: of each that has a value its number, from 1, and its cells from column A on; behind them of each range of merged
            cells the number of its last row, negative, and its address.
        is_of_1904: whether days count from 1904.
    """

    rows: Iterator[tuple[int, list[Cell]]]
    is_of_1904: bool


def open_sheet(stream: BinaryIO, name: str) -> Sheet:
    """Open the sheet of a name, or the only one that is shown where it is "".

    Raises:
        BrokenRecords: it is no workbook, too large, or has no such sheet.
    """
    from openpyxl.utils.datetime import MAC_EPOCH  # noqa: PLC0415  the same

    workbook = _load_workbook(stream)
    worksheet = _choose_sheet(workbook, name)
    return Sheet(_iterate_rows(worksheet), workbook.epoch == MAC_EPOCH)


def sheet_part(stream: BinaryIO, name: str) -> str:
    """Return the name of the workbook's part that has the sheet which `open_sheet` opens.

    Raises:
        BrokenRecords: as `open_sheet` says.
    """
    return _choose_sheet(_load_workbook(stream), name)._worksheet_path.removeprefix("/")


def _load_workbook(stream: BinaryIO) -> Any:
    content = stream.read(MAX_HELD_BYTES + 1)
    _require_workbook(content)
    import openpyxl  # noqa: PLC0415  tenths of a second, and only this format takes it

    try:
        return openpyxl.load_workbook(io.BytesIO(_as_transitional(content)), read_only=True, data_only=True)
    except Exception as error:  # what broken XML raises is of many types
        raise BrokenRecords(StructureRule.FORMAT, f"its workbook is broken: {type(error).__name__}") from None


def _require_workbook(content: bytes) -> None:
    if content.startswith(OLE):
        why = "protected by a password; save it without" if ENCRYPTED in content else "a legacy .xls; save it as .xlsx"
        raise BrokenRecords(StructureRule.FORMAT, f"no .xlsx workbook but {why}")
    if len(content) > MAX_HELD_BYTES:
        raise BrokenRecords(StructureRule.SIZE, describe_size())
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BrokenRecords(StructureRule.FORMAT, "no .xlsx workbook, or one that is cut off") from None
    if sum(entry.file_size for entry in entries) > MAX_HELD_BYTES:
        raise BrokenRecords(StructureRule.SIZE, describe_size())
    names = {entry.filename.removeprefix("/") for entry in entries}
    if WORKBOOK not in names:
        other = ".xlsb" if "xl/workbook.bin" in names else ".ods" if "content.xml" in names else "zip"
        raise BrokenRecords(StructureRule.FORMAT, f"no .xlsx workbook but a {other}")


def _as_transitional(content: bytes) -> bytes:
    """Return a workbook that is saved as Strict Open XML under the names that openpyxl knows; others as they are."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = next(name for name in archive.namelist() if name.removeprefix("/") == WORKBOOK)
        if STRICT not in archive.read(name):
            return content
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as renamed:
            for entry in archive.infolist():
                part = archive.read(entry)
                for strict, transitional in NAMES_BY_STRICT.items():
                    part = part.replace(strict, transitional)
                renamed.writestr(entry, part)
    return sink.getvalue()


def shown_sheets(stream: BinaryIO) -> list[str]:
    """Return the names of the sheets that a workbook shows.

    Raises:
        BrokenRecords: it is no workbook, or too large.
    """
    workbook = _load_workbook(stream)
    return [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible"]


def _choose_sheet(workbook: Any, name: str) -> Any:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if name:
        if name not in sheets:
            raise BrokenRecords(StructureRule.FORMAT, f"it has no sheet {name!r}, but {_join(sheets)}")
        return sheets[name]
    shown = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
    if len(shown) != 1:
        why = f'it has {len(shown)} sheets ({_join(shown or sheets)}); write which one is data as "sheet"'
        raise BrokenRecords(StructureRule.FORMAT, why)
    return sheets[shown[0]]


def _join(names: Any) -> str:
    shown = [repr(name) for name in names]
    return ", ".join([*shown[:MAX_NAMES_SHOWN], *(["..."] if len(shown) > MAX_NAMES_SHOWN else [])])


def _iterate_rows(worksheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  as above
    from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415  the reader behind its read-only mode

    class StoredCells(WorkSheetParser):
        """Cells as they are stored: a formula without a value is an error, where openpyxl has nothing."""

        def parse_cell(self, element: Any) -> dict[str, Any]:
            cell = super().parse_cell(element)
            is_formula = element.find(f"{{{element.tag[1:].partition('}')[0]}}}f") is not None
            if is_formula and cell["value"] is None and cell["data_type"] != "s":
                cell["data_type"], cell["value"] = "e", "a formula without its value"
            return cell

    styles = _Styles(worksheet.parent)
    try:
        with worksheet._get_source() as source:
            parser = StoredCells(source, worksheet._shared_strings, data_only=True)
            last = 0
            for number, entries in cast(Any, parser).parse():
                by_place = {entry["column"]: entry for entry in entries if entry["value"] not in (None, "")}
                if by_place:
                    last = number
                    yield (
                        number,
                        [
                            _cell_of(by_place.get(place), f"{get_column_letter(place)}{number}", styles)
                            for place in range(1, max(by_place) + 1)
                        ],
                    )
            merged = cast(Any, parser).merged_cells
    except BrokenRecords:
        raise
    except Exception as error:  # what broken XML raises is of many types
        raise BrokenRecords(StructureRule.FORMAT, f"its sheet is broken: {type(error).__name__}") from None
    ranges = [cells.ref for cells in merged.mergeCell] if merged else []
    for first, end, coordinates in sorted(_rows_of(cells) for cells in ranges):
        if first <= last:
            yield -end, [Cell(coordinates, "m", None)]


def _rows_of(coordinates: str) -> tuple[int, int, str]:
    from openpyxl.utils import range_boundaries  # noqa: PLC0415  as above

    _, first, _, end = range_boundaries(coordinates)
    return int(first or 1), int(end or MAX_HELD_BYTES), coordinates


def _cell_of(entry: dict[str, Any] | None, address: str, styles: "_Styles") -> Cell:
    if entry is None:
        return Cell(address, "s", None)
    value, kind = entry["value"], entry["data_type"]
    if kind == "n":
        kind, digits = styles[entry["style_id"]]
        if isinstance(value, float) and not math.isfinite(value):
            return Cell(address, "e", str(value))
        return Cell(address, kind, value, digits)
    if kind == "d":
        kind = "i"
    elif kind in ("s", "inlineStr"):
        return Cell(address, "s", ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(value)))
    return Cell(address, kind, value)


class _Styles(dict[int, tuple[str, int]]):
    """By style what a cell's number is, as `Cell.kind` and `Cell.digits` say; each is looked at once."""

    def __init__(self, book: Any) -> None:
        super().__init__()
        self._book = book

    def __missing__(self, style: int) -> tuple[str, int]:
        shown = QUOTED.sub("", self._format_of(style))
        if style in self._book._timedelta_formats:
            kind, digits = "t", 0
        elif style in self._book._date_formats:
            kind, digits = "c" if "h" in shown.lower() else "d", 0
        else:
            kind, digits = "n", shown.count("0") if ZEROS.fullmatch(shown) else 0
        self[style] = kind, digits
        return self[style]

    def _format_of(self, style: int) -> str:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE  # noqa: PLC0415  as above

        number = self._book._cell_styles[style].numFmtId
        is_own = number >= BUILTIN_FORMATS_MAX_SIZE
        return (
            self._book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE] if is_own else BUILTIN_FORMATS.get(number, "")
        )
