"""Rows that were set aside, as an operator mended them in a file: checked before a job is started for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.cli.errors import WrongUse
from sluice.operations.mending.cell_text import UNTYPED_GUARD
from sluice.operations.mending.csv_lines import read_csv
from sluice.operations.mending.mended_file import MendedFile
from sluice.operations.mending.mended_json import read_mended_json
from sluice.operations.mending.mended_sheet import read_mended_sheet
from sluice.operations.mending.row_files import guard_of
from sluice.operations.mending.shown_rows import Rewritten, ShownRows
from sluice.operations.mending.workbook import read_workbook

MAX_FAULTS = 100
REWRITTEN_REMEDY = (
    "--rewritten keep leaves what a spreadsheet rewrote as it was, --rewritten take has it as it is now; in a file ending in "
    ".xlsx texts stay as they are"
)


@dataclass(frozen=True)
class MendedRows:
    """What a mended file says.

    Attributes:
        sources: the rows that differ from what is set aside, by id.
        absent: how many rows of the run are not in the file; they are not mended.
        kept: how many cells that a spreadsheet rewrote stay as they were.
        absent_columns: columns that are not in the file; their values stay.
    """

    sources: dict[str, Any]
    absent: int = 0
    kept: int = 0
    absent_columns: tuple[str, ...] = ()


def read_mended_rows(file: Path, shown: ShownRows, rewritten: Rewritten | None = None) -> MendedRows:
    """Return the rows of a file that `quarantine --rows` wrote, as far as somebody mended them.

    Raises:
        WrongUse: the file cannot be read, a line is no row of the run, or nothing in it is mended; with every fault.
    """
    mended = _read_file(file, shown, rewritten)
    if faults := mended.faults:
        more = [f"and {len(faults) - MAX_FAULTS:,} more"] if len(faults) > MAX_FAULTS else []
        remedy = [REWRITTEN_REMEDY] if mended.has_rewritten else []
        raise WrongUse("\n".join((*faults[:MAX_FAULTS], *more, *remedy)))
    sources = {row: source for row, source in mended.sources.items() if source != shown.sources[row]}
    if not sources:
        raise WrongUse(f"{file}: no row differs from what is set aside; mend it, or replay without --rows")
    absent = len(shown.sources) - len(mended.sources)
    return MendedRows(sources, absent, mended.kept, tuple(mended.absent_columns))


def _read_file(file: Path, shown: ShownRows, rewritten: Rewritten | None) -> MendedFile:
    guard = guard_of(file)
    if guard is None:
        return read_mended_json(file, shown)
    sheet = read_csv(file) if guard is UNTYPED_GUARD else read_workbook(file)
    return read_mended_sheet(file, sheet, shown, guard, rewritten)
