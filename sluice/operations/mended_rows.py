"""Rows that were set aside, as an operator mended them in a file: checked before a job is started for them."""

import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sluice.cli.errors import WrongUse


def read_mended_rows(file: Path, shown_rows: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """Return the rows of a file of JSON lines that differ from what is set aside, by id.

    Args:
        file: what `quarantine --rows` wrote, with another `source` where a row is mended; null stays for a line that is none.
        known: what is set aside, by id.
        columns: what the contract declares; a mended row has these, and those that it came with.

    Raises:
        WrongUse: the file cannot be read, a line is no row of the run, or nothing in it is mended.
    """
    rows: dict[str, Any] = {}
    for number, line in enumerate(_read_text(file).split("\n"), 1):
        if not line.strip():
            continue
        location = f"{file}, line {number}"
        row = _parse_row(line, location)
        if row["row"] not in shown_rows:
            raise WrongUse(f"{location}: {row['row']!r} is no row of this run; keep `row` as it was written")
        if row["row"] in rows:
            raise WrongUse(f"{location}: row {row['row']} stands twice; keep one")
        rows[row["row"]] = row["source"]
        if row["source"] is None:
            _demand_unread(shown_rows[row["row"]], location)
            continue
        _refuse_unknown_columns(row["source"], shown_rows[row["row"]], columns, location)
    mended = {row: source for row, source in rows.items() if source != shown_rows[row]}
    if not mended:
        raise WrongUse(f"{file}: no row differs from what is set aside; mend `source`, or replay without --rows")
    return mended


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # some editors put a byte order mark first
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongUse(f"{file} cannot be read: {fault}; write one with `quarantine RUN --rows FILE`") from fault


def _parse_row(line: str, location: str) -> dict[str, Any]:
    try:
        row = json.loads(
            line,
            parse_float=str,
            parse_int=str,
            parse_constant=_no_number,
            object_pairs_hook=_object_without_duplicates,
        )
    except (ValueError, RecursionError) as fault:
        raise WrongUse(f"{location} is no JSON: {fault}") from fault
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("row"), str)
        or not isinstance(row.get("source", ""), dict | None)
    ):
        raise WrongUse(f'{location}: write {{"row": "<id>", "source": {{...}}}}')
    return row


def _demand_unread(before: Any, location: str) -> None:
    """Refuse to drop a row's source: a line alone that was never read has none."""
    if before is not None:
        raise WrongUse(f'{location}: write {{"row": "<id>", "source": {{...}}}}')


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number; write null, or the value")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a name that stands twice, JSON's reader would keep the last in silence."""
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice!r} stands twice; keep one")
    return dict(pairs)


def _refuse_unknown_columns(source: Mapping[str, Any], before: Any, columns: Collection[str], location: str) -> None:
    """Refuse a name that neither the contract nor the row as it came has: the job would refuse the whole replay."""
    allowed = [*columns, *(before if isinstance(before, dict) else ())]
    if unknown := next((name for name in source if name not in allowed), None):
        similar = get_close_matches(unknown, allowed, n=1)
        hint = f"did you mean {similar[0]!r}" if similar else f"there are: {', '.join(columns)}"
        raise WrongUse(f"{location}: {unknown!r} is no column of the contract; {hint}")
