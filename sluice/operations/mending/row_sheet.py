"""Rows that were set aside as a sheet: a header, and a line a row with what is known of it before its columns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.contract.sample_values import MASK
from sluice.operations.mending.cell_text import cell_text, fits_cell, plain_text
from sluice.operations.mending.shown_rows import ShownRows

ROW, OBJECT, OBJECT_ROW, RULES, WHY, RAW = "row", "object", "object row", "rules", "why", "raw"
ABOUT = (ROW, OBJECT, OBJECT_ROW, RULES, WHY, RAW)
"""What stands before the row's columns; a column of such a name has an apostrophe before it."""


@dataclass(frozen=True)
class RowSheet:
    """A sheet: the header's texts, and those of each line below it; `held_back` counts values that no cell can hold."""

    header: list[str]
    lines: list[list[str]]
    held_back: int = 0


def make_row_sheet(
    rows: Sequence[Mapping[str, Any]], shown: ShownRows, reasons: Mapping[str, str], guard: re.Pattern[str]
) -> RowSheet:
    """Return rows as a sheet.

    Args:
        rows: what `row_files.masked_rows` returns.
        shown: the same rows, with their columns.
        reasons: why a rule is there, by its id.
        guard: what needs an apostrophe before it in this kind of file.
    """
    columns = [name for name in shown.all_columns() if _fits_header(name, guard)]
    has_raw = any(_raw_text(row) is not None for row in rows)
    about = ABOUT if has_raw else ABOUT[:-1]
    values = [[*_about_values(row, reasons)[: len(about)], *_column_values(row, columns)] for row in rows]
    lines = [[cell_text(value, guard) for value in line] for line in values]
    held_back = sum(
        text == MASK != plain_text(value)
        for texts, line in zip(lines, values, strict=True)
        for text, value in zip(texts, line, strict=True)
    )
    return RowSheet([*about, *(header_text(name, guard) for name in columns)], lines, held_back)


def header_text(name: str, guard: re.Pattern[str]) -> str:
    """Return a column's name as the header has it."""
    return f"'{name}" if _needs_apostrophe(name, guard) else name


def column_of_header(text: str, guard: re.Pattern[str]) -> str:
    """Return the column that a header's text names."""
    return text[1:] if text.startswith("'") and _needs_apostrophe(text, guard) else text


def join_reasons(rules: Iterable[str], reasons: Mapping[str, str]) -> str:
    """Return why each rule is there; with its id where there are several."""
    rules = [*rules]
    if len(rules) == 1:
        return reasons.get(rules[0], "")
    return "; ".join(f"{rule}: {reasons[rule]}" for rule in rules if reasons.get(rule))


def _fits_header(name: str, guard: re.Pattern[str]) -> bool:
    """Say whether a header can hold a column's name; no spreadsheet keeps a carriage return."""
    return bool(name) and "\r" not in name and fits_cell(header_text(name, guard))


def _needs_apostrophe(text: str, guard: re.Pattern[str]) -> bool:
    return text.lstrip("'") in ABOUT or bool(guard.match(text))


def _about_values(row: Mapping[str, Any], reasons: Mapping[str, str]) -> list[Any]:
    number = None if row["ordinal"] is None else str(row["ordinal"])
    rules, why = ", ".join(row["rules"]), join_reasons(row["rules"], reasons)
    return [row["row"], row["object"], number, rules, why or None, _raw_text(row)]


def _raw_text(row: Mapping[str, Any]) -> str | None:
    return row["source"] if isinstance(row["source"], str) else row["raw"]


def _column_values(row: Mapping[str, Any], columns: Sequence[str]) -> list[Any]:
    source = row["source"]
    return [source.get(name) if isinstance(source, dict) else None for name in columns]
