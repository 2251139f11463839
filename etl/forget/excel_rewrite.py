"""A sheet of a workbook without some of its rows: these are cut out of its XML, and texts that only they had are emptied.

The rows behind them keep their numbers. A workbook with parts that may repeat a row, such as a pivot table's, is refused.
"""

import io
import re
import zipfile
from collections.abc import Set

from etl.sources.excel_sheet import sheet_part

SHARED_TEXTS = "xl/sharedStrings.xml"
REPEATING_PARTS = re.compile(r"xl/(pivotCache|comments|threadedComments|drawings|queryTables|externalLinks|charts)")
"""Parts of a workbook that may have a cell's value too."""
ROW = re.compile(
    rb"<(?P<prefix>(?:\w+:)?)row\b(?P<attributes>[^>]*?)(?:/>|>(?P<cells>.*?)</(?P=prefix)row>)", re.DOTALL
)
NUMBER = re.compile(rb'\br="(\d+)"')
SHARED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\bt="s"[^>]*?>\s*<(?:\w+:)?v>(\d+)</', re.DOTALL)
TEXT = re.compile(rb"<(?P<prefix>(?:\w+:)?)si\b[^>]*?(?:/>|>.*?</(?P=prefix)si>)", re.DOTALL)
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


def rewrite_excel(data: bytes, sheet: str, first_row: int, numbers: Set[int]) -> tuple[bytes, int, int]:
    """Return a workbook without the rows of some numbers, how many went, and how many stay below the header.

    Raises:
        ValueError: a row has no number, or the workbook has parts that may repeat one.
    """
    part = sheet_part(io.BytesIO(data), sheet)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(entry, archive.read(entry)) for entry in archive.infolist()]
    if any(REPEATING_PARTS.match(entry.filename) for entry, _ in parts):
        raise ValueError("it has parts that may repeat a row: pivot tables, comments, charts or links")
    contents = {entry.filename.removeprefix("/"): body for entry, body in parts}
    before = contents[part]
    contents[part], removed, remaining = _without_rows(before, first_row, numbers)
    if SHARED_TEXTS in contents:
        kept = {text for name, body in contents.items() if SHEET.fullmatch(name) for text in SHARED.findall(body)}
        emptied = {*SHARED.findall(before)} - kept
        contents[SHARED_TEXTS] = _without_texts(contents[SHARED_TEXTS], {int(text) for text in emptied})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry, _ in parts:
            archive.writestr(entry, contents[entry.filename.removeprefix("/")], entry.compress_type)
    return target.getvalue(), removed, remaining


def _without_rows(xml: bytes, first_row: int, numbers: Set[int]) -> tuple[bytes, int, int]:
    removed = remaining = 0

    def cut(row: re.Match[bytes]) -> bytes:
        nonlocal removed, remaining
        number = NUMBER.search(row["attributes"])
        if number is None:
            raise ValueError("its rows have no numbers")
        if int(number[1]) in numbers:
            removed += 1
            return b""
        remaining += int(number[1]) > first_row and bool(row["cells"])
        return row[0]

    return ROW.sub(cut, xml), removed, remaining


def _without_texts(xml: bytes, places: Set[int]) -> bytes:
    """Return the shared texts with some of them empty: cells name them by their place, so none may go."""
    position = -1

    def empty(text: re.Match[bytes]) -> bytes:
        nonlocal position
        position += 1
        prefix = text["prefix"]
        return b"<%ssi><%st/></%ssi>" % (prefix, prefix, prefix) if position in places else text[0]

    return TEXT.sub(empty, xml)
