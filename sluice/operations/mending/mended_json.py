"""JSON lines that somebody mended, held against the rows that they show: each line's row, and each fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etl.contract.sample_values import MASK
from sluice.cli.errors import WrongUse
from sluice.operations.mending.json_values import parse_json
from sluice.operations.mending.mended_file import MendedFile, unknown_column
from sluice.operations.mending.shown_rows import ShownRows

FORM = 'write {"row": "<id>", "source": {...}}'


class LineRefused(ValueError):
    """A line that is no row of the run; the message says what to write instead."""


def read_mended_json(file: Path, shown: ShownRows) -> MendedFile:
    """Return the rows of a file as they are meant.

    Raises:
        WrongUse: the file cannot be read.
    """
    mended, lines = MendedFile(), {}
    for number, line in _numbered_lines(file):
        location = f"{file}, line {number}"
        try:
            row, source = _parse_row(line, shown)
        except LineRefused as fault:
            mended.faults.append(f"{location}{fault}")
            continue
        if row in lines:
            mended.faults.append(f"{location}: row {row} stands twice, first in line {lines[row]}; keep one")
            continue
        lines[row] = number
        mended.sources[row] = source
    return mended


def _numbered_lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors put a byte order mark first
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongUse(f"{file} cannot be read: {fault}; write one with `quarantine RUN --rows FILE`") from fault
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _parse_row(line: str, shown: ShownRows) -> tuple[str, Any]:
    try:
        record = parse_json(line)
    except ValueError as fault:
        raise LineRefused(f" is no JSON: {fault}") from fault
    if not isinstance(record, dict) or not isinstance(record.get("row"), str) or "source" not in record:
        raise LineRefused(f": {FORM}")
    row, source = record["row"], record["source"]
    if row not in shown.sources:
        raise LineRefused(f": {row!r} is no row of this run; keep `row` as it was written")
    if record.get("raw", MASK) not in (MASK, shown.raws.get(row)):
        raise LineRefused(": `raw` is only shown; write what it means under `source`")
    if not isinstance(shown.sources[row], dict) and source in (shown.sources[row], None, MASK):
        return row, shown.sources[row]
    if not isinstance(source, dict):
        raise LineRefused(f": {FORM}")
    return row, _with_masked_values(source, row, shown)


def _with_masked_values(source: dict[str, Any], row: str, shown: ShownRows) -> dict[str, Any]:
    before = shown.source_of(row)
    for name, value in source.items():
        if name not in shown.columns and name not in before:
            raise LineRefused(f": {unknown_column(name, shown.columns, before)}")
        if value == MASK and name not in before:
            raise LineRefused(
                f": {name} is {MASK}, which is the row's own value, and this row has none; write the value"
            )
    return {name: before[name] if value == MASK else value for name, value in source.items()}
