"""A CSV as a spreadsheet saves it: commas, semicolons or tabs, in UTF-8 or in UTF-16 with its mark."""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from sluice.cli.errors import WrongUse
from sluice.operations.mending.row_sheet import ROW
from sluice.operations.mending.sheet_lines import CellKind, SheetCell, SheetLine, SheetLines

DELIMITERS = ",;\t"
DELIMITER_LINE = "sep="
"""What some write as the first line, for Excel."""
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_csv(file: Path) -> SheetLines:
    """Return the lines of a CSV.

    Raises:
        WrongUse: it cannot be read, is in another encoding, has no `row` in its header, or a quote that does not end.
    """
    text = _decode(file)
    first, _, rest = text.partition("\n")
    if first.lower().startswith(DELIMITER_LINE):
        text = rest
    return SheetLines.from_lines(file, list(_iterate_lines(file, text, _find_delimiter(text))))


def _decode(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise WrongUse(
            f"{file} cannot be read: {fault.strerror}; write one with `quarantine RUN --rows FILE`"
        ) from fault
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError as fault:
        number = content.count(b"\n", 0, fault.start) + 1
        raise WrongUse(f"{file}, line {number}: it is not in UTF-8; save it as `CSV UTF-8`, or as .xlsx") from fault
    if "\0" in text:
        raise WrongUse(f"{file}: it is no CSV in UTF-8; save it as `CSV UTF-8`, or as .xlsx")
    return text


def _find_delimiter(text: str) -> str:
    """Return the delimiter by which most names of the header stand apart, `row` among them."""

    def count_names(delimiter: str) -> int:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return len(header) if ROW in header else 0

    return max(DELIMITERS, key=count_names)


def _iterate_lines(file: Path, text: str, delimiter: str) -> Iterator[SheetLine]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, texts in enumerate(records, 1):
            cells = [
                SheetCell(f"{column_letters(place)}{number}", cell, CellKind.UNTYPED)
                for place, cell in enumerate(texts, 1)
            ]
            yield SheetLine(number, cells)
    except csv.Error as fault:
        raise WrongUse(f"{file}, line {number + 1}: it is no line of a CSV: {fault}; mend its quotes") from fault


def column_letters(place: int) -> str:
    """Return what a spreadsheet calls a column: A to Z, then AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
