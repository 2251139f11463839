"""A sample of an Excel sheet as columns of texts, read as the gate reads cells."""

from collections.abc import Sequence
from pathlib import Path

from etl.contract.input_column import InputColumn
from etl.contract.types import ColumnType, TypeKind
from etl.sources.excel_sheet import Cell, open_sheet, shown_sheets
from etl.sources.excel_values import cell_text
from etl.sources.json_records import BrokenRecords
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.sample_content import SampleContent, build_table

PADDED = "column {} shows {} in {}, and the cell holds {}: zeros before a number are read as texts alone"
TEXT = InputColumn("text", ColumnType(TypeKind.STRING), "")


def read_excel_sample(path: Path) -> SampleContent:
    """Read the first sheet that is shown; its header is the first row that is as wide as any and names each column.

    The first column may have no name, as that of an index has none.

    Raises:
        WrongUse: it cannot be read, or no row is a header.
    """
    try:
        with path.open("rb") as stream:
            shown = shown_sheets(stream)
            stream.seek(0)
            several = len(shown) > 1
            sheet = open_sheet(stream, shown[0] if several else "")
            read = [(number, cells) for number, cells in sheet.rows if number > 0]
    except BrokenRecords as error:
        raise WrongUse(f"{path} is no excel that the gate could read: {error.why}") from error
    rows = [(number, [_text(cell, sheet.is_of_1904) for cell in cells]) for number, cells in read]
    width = max((len(texts) for _, texts in rows), default=0)
    header = next((place for place, (_, texts) in enumerate(rows) if _are_names(texts, width)), None)
    if header is None:
        raise WrongUse(f"{path} has no row with a name for each column; write its contract by hand")
    first_row, names = rows[header]
    padded = ([*texts, *[None] * (width - len(texts))] for _, texts in rows[header + 1 :])
    doubts = [f"the first of its sheets is taken: {', '.join(shown)}"] if several else []
    doubts += _padded_doubts([name or "" for name in names], [cells for _, cells in read[header + 1 :]])
    return SampleContent(
        build_table(width, padded),
        [name or "" for name in names],
        sheet=shown[0] if several else "",
        first_row=first_row,
        doubts=doubts,
    )


def _are_names(texts: Sequence[str | None], width: int) -> bool:
    if len(texts) != width:
        return False
    return all(texts) or (width > 1 and all(texts[1:]) and len({*texts}) == width)


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
