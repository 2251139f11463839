"""A sample of an Excel sheet as columns of texts, read as the gate reads cells."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from etl.contract.input_column import InputColumn
from etl.contract.types import ColumnType, TypeKind
from etl.sources.excel_sheet import Cell, open_sheet, shown_sheets
from etl.sources.excel_values import cell_text
from etl.sources.json_records import BrokenRecords
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.sample_content import SampleContent, build_table

PADDED = "column {} shows {} in {}, and the cell holds {}: zeros before a number are read as texts alone"
BEYOND_NAMES = "cells beyond the {} columns that have names left out"
Texts = list[str | None]
TEXT = InputColumn("text", ColumnType(TypeKind.STRING), "")


class _SheetTable(NamedTuple):
    """A header, and the rows below it.

    Attributes:
        first_row: the number of the header's row.
        names: its texts, "" where it has none.
        rows: the texts of each row below it.
        has_more: whether rows have cells beyond the header.
        doubts: what a person has to decide of the cells.
    """

    first_row: int
    names: list[str]
    rows: list[Texts]
    has_more: bool
    doubts: list[str]


def read_excel_sample(path: Path) -> SampleContent:
    """Read the first sheet that is shown and has a header with rows below it.

    Raises:
        WrongUse: it cannot be read, or no row is a header.
    """
    try:
        with path.open("rb") as stream:
            shown = shown_sheets(stream)
            tables = ((name, table) for name in shown if (table := _read_sheet(stream, name)))
            first_table = next(tables, None)
    except BrokenRecords as error:
        raise WrongUse(f"{path} is no excel that the gate could read: {error.why}") from error
    if first_table is None:
        raise WrongUse(f"{path} has no row with a name for each column and rows below it; write its contract by hand")
    name, table = first_table
    width = len(table.names)
    place = "first" if name == shown[0] else "first with a header and rows"
    doubts = [f"the {place} of its sheets is taken: {', '.join(shown)}"] if len(shown) > 1 else []
    return SampleContent(
        build_table(width, ([*texts[:width], *[None] * (width - len(texts))] for texts in table.rows)),
        table.names,
        sheet=name if len(shown) > 1 else "",
        first_row=table.first_row,
        ignores_columns=table.has_more,
        doubts=[*doubts, *([BEYOND_NAMES.format(width)] if table.has_more else []), *table.doubts],
    )


def _read_sheet(stream: BinaryIO, name: str) -> _SheetTable | None:
    """Return what a sheet of this name holds; None where it has no header with rows below it."""
    stream.seek(0)
    sheet = open_sheet(stream, name)
    read = [(number, cells) for number, cells in sheet.rows if number > 0]
    texts = [[_text(cell, sheet.is_of_1904) for cell in cells] for _, cells in read]
    place = _header_place(texts)
    if place is None or place + 1 == len(read):
        return None
    names, below = [text or "" for text in texts[place]], texts[place + 1 :]
    has_more = any(len(cells) > len(names) for cells in below)
    doubts = _padded_doubts(names, [cells for _, cells in read[place + 1 :]])
    return _SheetTable(read[place][0], names, below, has_more, doubts)


def _header_place(rows: Sequence[Texts]) -> int | None:
    """Return which row is the header: as wide as any and with a name for each column, or wide enough for most rows below.

    The first column may have no name, as that of an index has none.
    """
    width = max(map(len, rows), default=0)
    named = [place for place, texts in enumerate(rows) if _are_names(texts)]
    widest = (place for place in named if len(rows[place]) == width)
    holding = (place for place in named if len(rows[place]) > 1 and _holds(rows[place], rows[place + 1 :]))
    return next(itertools.chain(widest, holding), None)


def _are_names(texts: Texts) -> bool:
    return all(texts) or (len(texts) > 1 and all(texts[1:]) and len({*texts}) == len(texts))


def _holds(names: Texts, rows: Sequence[Texts]) -> bool:
    return 2 * sum(len(texts) <= len(names) for texts in rows) > len(rows)


def _padded_doubts(names: list[str], rows: list[list[Cell]]) -> list[str]:
    """Say of which columns a sheet shows zeros before a number that its cells hold without."""
    doubts: list[str] = []
    for place, name in enumerate(names):
        cells = [cells[place] for cells in rows if place < len(cells)]
        shorter = [cell for cell in cells if cell.kind == "n" and len(str(cell.value)) < cell.digits]
        if shorter:
            cell = shorter[0]
            shown = f"{cell.value:0{cell.digits}d}" if isinstance(cell.value, int) else f"{cell.digits} digits"
            doubts.append(PADDED.format(name, shown, cell.address, cell.value))
    return doubts


def _text(cell: Cell, is_of_1904: bool) -> str | None:
    if cell.value is None:
        return None
    return cell_text(cell, TEXT, is_of_1904)
