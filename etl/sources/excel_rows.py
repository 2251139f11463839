"""The rows of an Excel sheet as texts, each with its number: a header, and what stands below it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import BinaryIO, NamedTuple

from etl.contract.input_column import InputColumn
from etl.contract.model import Contract
from etl.contract.structure_rules import StructureRule
from etl.contract.types import ColumnType, TypeKind
from etl.sources import csv_header
from etl.sources.csv_header import Layout
from etl.sources.excel_sheet import Cell, Sheet, open_sheet
from etl.sources.excel_values import cell_text
from etl.sources.json_records import BrokenRecords

TYPED_CELL = "_cell_"
"""Before a column's name: the text of a cell that holds a date, where the column says how its texts are written."""
MAX_ROWS_TRIED = 50
"""Below a header that is refused, for the one that is meant."""
HEADER_CELL = InputColumn("header", ColumnType(TypeKind.STRING), "")


class ExcelRow(NamedTuple):
    """A row: its number in the sheet, its texts as JSON, and the text of each column; None for one that is broken."""

    number: int
    line: str
    values: list[str | None] | None


def typed_cells(contract: Contract) -> list[InputColumn]:
    """Return the columns of dates and times whose texts are written in a way of their own, as cells need them."""
    return [
        replace(column, name=f"{TYPED_CELL}{column.name}", format=(), epoch=None, null_values=())
        for column in contract.input_columns
        if column.type.has_years and (column.format or column.epoch) and not column.name.startswith(TYPED_CELL)
    ]


def iterate_excel_rows(stream: BinaryIO, contract: Contract) -> Iterator[ExcelRow]:
    """Yield the rows of the declared sheet below its header.

    Raises:
        BrokenRecords: it cannot be read, or is not as the contract says.
    """
    columns = [column for column in contract.input_columns if not column.name.startswith(TYPED_CELL)]
    beside = [column.name.removeprefix(TYPED_CELL) for column in contract.input_columns[len(columns) :]]
    plain = contract.with_columns(tuple(columns))
    sheet = open_sheet(stream, contract.sheet)
    layout = read_header(sheet, plain)
    for number, cells in sheet.rows:
        if -number > plain.first_row:
            raise BrokenRecords(StructureRule.FORMAT, f"its cells {cells[0].address} are merged; split them")
        if number > 0:
            yield _record(number, cells, layout, columns, beside, sheet.is_of_1904, plain.extra_columns.are_ignored)


def read_header(sheet: Sheet, contract: Contract) -> Layout:
    """Return which place in a row is which column's, by the header; the sheet's rows go on below it.

    Raises:
        BrokenRecords: it is not there, or not as the contract says.
    """
    header = next(((number, cells) for number, cells in sheet.rows if number >= contract.first_row), None)
    if header is None or header[0] != contract.first_row:
        raise BrokenRecords(
            StructureRule.HEADER, f"row {contract.first_row} is empty; write first_row, the header's row"
        )
    head = _check_names(header[1], sheet, contract)
    if head.fault:
        rows = (row for row in islice(sheet.rows, MAX_ROWS_TRIED) if row[0] > 0)
        later = next((number for number, cells in rows if not _check_names(cells, sheet, contract).fault), None)
        hint = f'its header is row {later}: write "first_row": {later} in the meta of the input' if later else head.hint
        raise BrokenRecords(head.fault, replace(head, hint=hint).words)
    return head.layout


def _check_names(cells: Sequence[Cell], sheet: Sheet, contract: Contract) -> csv_header.CsvHead:
    """Hold the cells of a header against the contract."""
    texts = ["" if cell.value is None else cell_text(cell, HEADER_CELL, sheet.is_of_1904) for cell in cells]
    return csv_header.check_names(texts, contract)


def _record(  # noqa: PLR0913  a row, and all that its values depend on
    number: int,
    cells: list[Cell],
    layout: Layout,
    columns: list[InputColumn],
    beside: list[str],
    is_of_1904: bool,
    ignores_columns: bool,
) -> ExcelRow:
    by_name = {name: cell for name, cell in zip(layout, cells, strict=False) if name and cell.value is not None}
    texts: dict[str, str | None] = {}
    typed: dict[str, str | None] = dict.fromkeys(beside)
    is_broken = not ignores_columns and any(cell.value is not None for cell in cells[len(layout) :])
    for column in columns:
        cell = by_name.get(column.name)
        text = None if cell is None else cell_text(cell, column, is_of_1904)
        if cell and cell.kind == "e" and text not in column.null_values:
            text, is_broken = f"{text} in {cell.address}", is_broken or column.type.is_text
        if column.name in typed and cell and cell.kind in ("d", "c", "i"):
            typed[column.name], text = text, None
        texts[column.name] = None if column.type.is_text and text in column.null_values else text
    shown = {name: text if text is not None else typed.get(name) for name, text in texts.items()}
    line = json.dumps(shown, ensure_ascii=False)
    return ExcelRow(number, line, None if is_broken else [*texts.values(), *typed.values()])


def verify_excel(stream: BinaryIO, contract: Contract) -> None:
    """Read a workbook to its end, as a run does.

    Raises:
        BrokenRecords: it cannot be read, or is not as the contract says; a header without rows is `structure.rows`.
    """
    if not sum(1 for _ in iterate_excel_rows(stream, contract)):
        raise BrokenRecords(StructureRule.ROWS, "a header and no rows")
