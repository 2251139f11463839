"""Rows as a sheet of Excel whose cells are all texts, as a column's options say that they are written."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from etl.contract.input_column import file_source
from etl.contract.model import Contract
from etl.sources import text_lines


def excel_line(texts: Mapping[str, str | None]) -> str | None:
    """Return a row's texts as the reader shows them; None where no sheet can hold it: a control character, or no value."""
    values = [text for text in texts.values() if text]
    if not values or not all(map(_is_cell, values)):
        return None
    return json.dumps({name: text or None for name, text in texts.items()}, ensure_ascii=False)


def _is_cell(text: str) -> bool:
    return text_lines.is_text(text) and "_x" not in text and "\r" not in text and not text.startswith("=")


def excel_body(lines: Sequence[str], contract: Contract) -> bytes:
    """Return rows, each as `excel_line` has it, as a workbook."""
    import openpyxl  # noqa: PLC0415  tenths of a second, and only this format takes it

    workbook: Any = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = contract.sheet or "Sheet1"
    for _ in range(contract.first_row - 1):
        sheet.append(["before the header"])
    sheet.append([str(file_source(column)) for column in contract.columns])
    for line in lines:
        sheet.append([*json.loads(line).values()])
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()
