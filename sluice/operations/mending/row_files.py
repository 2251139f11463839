"""The file of rows that people mend: its ending says what it is."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.contract.masking import Masking
from sluice.cli.errors import WrongUse
from sluice.operations import quarantined_rows
from sluice.operations.mending.cell_text import TYPED_GUARD, UNTYPED_GUARD
from sluice.operations.mending.row_sheet import RowSheet, make_row_sheet
from sluice.operations.mending.shown_rows import ShownRows
from sluice.operations.mending.workbook import MAX_COLUMNS, MAX_ROWS, write_workbook

SHEET_GUARDS: dict[str, re.Pattern[str]] = {".csv": UNTYPED_GUARD, ".xlsx": TYPED_GUARD}
"""What needs an apostrophe before it, by the endings of files that spreadsheets open; any other file is JSON lines."""


OTHER_SHEETS = (".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".tsv")


def guard_of(file: Path) -> re.Pattern[str] | None:
    """Return what needs an apostrophe before it in a file, None for JSON lines.

    Raises:
        WrongUse: it is a spreadsheet's file of another kind.
    """
    ending = file.suffix.lower()
    if ending in OTHER_SHEETS:
        raise WrongUse(f"{file}: a spreadsheet's file ends in .xlsx or .csv here; save it so")
    return SHEET_GUARDS.get(ending)


def is_sheet(file: Path) -> bool:
    """Say whether a file is one that spreadsheets open."""
    return file.suffix.lower() in SHEET_GUARDS


def masked_rows(rows: Sequence[dict[str, Any]], masking: Masking) -> list[dict[str, Any]]:
    """Return rows with `***` for what may be about a person."""
    return [
        {
            **row,
            "source": quarantined_rows.mask_source(row["source"], masking),
            "raw": quarantined_rows.mask_raw(row["raw"], masking),
        }
        for row in rows
    ]


def write_row_file(
    file: Path, rows: Sequence[dict[str, Any]], columns: Sequence[str], reasons: Mapping[str, str]
) -> int:
    """Write rows to a new file; return how many values it cannot hold, and has `***` for.

    Raises:
        WrongUse: the file is there already, cannot be written, or is too small for the rows.
    """
    guard = guard_of(file)
    try:
        if guard is None:
            _write_json_lines(file, rows)
            return 0
        shown = ShownRows({row["row"]: row["source"] for row in rows}, tuple(columns))
        sheet = make_row_sheet(rows, shown, reasons, guard)
        if guard is UNTYPED_GUARD:
            _write_csv(file, sheet)
        else:
            _require_room(file, sheet)
            write_workbook(file, sheet)
    except OSError as fault:
        raise WrongUse(f"{file}: {fault.strerror}; name a file that does not exist yet") from fault
    return sheet.held_back


def _write_json_lines(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    records = [
        {name: row[name] for name in ("row", "rules", "source", "raw") if name != "raw" or row["raw"] is not None}
        for row in rows
    ]
    with file.open("x", encoding="utf-8") as sink:
        # As ASCII: half of a surrogate pair, which JSON may hold, is no UTF-8.
        sink.writelines(json.dumps(row) + "\n" for row in records)


def _write_csv(file: Path, sheet: RowSheet) -> None:
    # Excel takes a CSV without a byte order mark for one in the machine's own encoding.
    with file.open("x", encoding="utf-8-sig", newline="") as sink:
        csv.writer(sink).writerows([sheet.header, *sheet.lines])


def _require_room(file: Path, sheet: RowSheet) -> None:
    if len(sheet.lines) >= MAX_ROWS or len(sheet.header) > MAX_COLUMNS:
        raise WrongUse(
            f"{file}: a workbook has room for {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns; name a file ending in .jsonl"
        )
