"""Whether the first record of a CSV is its header, or a row like those below."""

import re
from collections.abc import Sequence

from sluice.contracts.profile.column_inference import infer_reading
from sluice.contracts.profile.column_reading import ColumnReading, ReadingHints
from sluice.contracts.profile.null_markers import is_marker
from sluice.contracts.profile.number_text import is_sequence
from sluice.contracts.profile.plain_values import looks_typed
from sluice.contracts.profile.text_shape import common_shape, known_shape

Fields = Sequence[str | None]
COMPARED_ROWS = 500
YEAR = re.compile(r"(1[89]|20)[0-9]{2}")
MANY = 0.5  # share of text cells from which on a first record that comes again is a row
WORDS = re.compile(r"[^\W\d_]{2,}")


def is_header(first: Fields, rows: Sequence[Fields], delimiter: str) -> bool:
    """Say whether the first record is names: not where each would be a value of its own column's type."""
    rows = rows[:COMPARED_ROWS]
    if not rows:
        return True
    columns = [[value for row in rows if (value := row[index])] for index in range(len(first))]
    hints = ReadingHints(delimiter=delimiter)
    readings = [infer_reading("", [*dict.fromkeys(column)], hints) for column in columns]
    typed = [index for index, reading in enumerate(readings) if _is_typed(reading)]
    cells = [first[index] for index in typed if first[index] is not None]
    if _are_years(cells, [columns[index] for index in typed]):
        return True
    if typed:
        like_values = [_is_value(first[index], readings[index], columns[index], hints) for index in typed]
        return not (all(like_values) and cells)
    return not _is_text_row(first, columns)


def _is_typed(reading: ColumnReading) -> bool:
    return not reading.declared.is_text or bool(reading.doubts)


def _is_value(cell: str | None, reading: ColumnReading, column: Sequence[str], hints: ReadingHints) -> bool:
    """Say whether a cell could stand in a typed column: it is of its type too, or null."""
    if cell is None or is_marker(cell):
        return True
    again = infer_reading("", [*dict.fromkeys([*column, cell])], hints)
    return (
        (again.declared.family is reading.declared.family and looks_typed(cell))
        if not reading.declared.is_text
        else looks_typed(cell)
    )


def _are_years(cells: Sequence[str | None], columns: Sequence[Sequence[str]]) -> bool:
    """Say whether cells are years or numbers above columns of other numbers, as in a table that is pivoted."""
    names = [cell for cell in cells if cell]
    if len(names) < 3 or not is_sequence(names[-3:]):
        return False
    return (
        not all(name in column for name, column in zip(names, columns, strict=False))
        and all(map(YEAR.fullmatch, names[-3:]))
        and not any(YEAR.fullmatch(column[0]) for column in columns[-3:] if column)
    )


def _is_text_row(first: Fields, columns: Sequence[Sequence[str]]) -> bool:
    """Say whether a record of texts is a row: its cells stand in their columns again, or have the shape of a code there."""
    pairs = [(cell, column) for cell, column in zip(first, columns, strict=True) if cell and column]
    if not pairs:
        return False
    if len({*filter(None, first)}) < len([*filter(None, first)]):
        return True  # a name is no other's
    if any(_is_sign(cell) and all(map(_is_sign, column)) for cell, column in pairs):
        return True  # a name has letters or digits
    again = sum(cell in column for cell, column in pairs)
    shaped = sum(_has_shape(cell, column) for cell, column in pairs)
    return bool(shaped) or again > MANY * len(pairs)


def _is_sign(text: str) -> bool:
    return not any(map(str.isalnum, text))


def _has_shape(cell: str, column: Sequence[str]) -> bool:
    values = [*dict.fromkeys(column)]
    shape = known_shape(values) or common_shape(values)
    return shape is not None and bool(re.search("[0-9@]", cell)) and re.search(shape, cell) is not None
