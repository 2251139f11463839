"""What is read of a mended file, whatever kind it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from etl.contract.faults import did_you_mean


@dataclass
class MendedFile:
    """The rows of a file, and what is wrong with it.

    Attributes:
        sources: the rows as they are meant, by id; a row that is not mended is as it came.
        faults: each with its line, and what to do.
        has_rewritten: whether a fault is about a cell that a spreadsheet rewrote.
        kept: how many such cells stay as they were.
        absent_columns: declared columns that the file lacks; their values stay.
    """

    sources: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    has_rewritten: bool = False
    kept: int = 0
    absent_columns: list[str] = field(default_factory=list)


def unknown_column(name: str, columns: Iterable[str], others: Iterable[str] = ()) -> str:
    """Return the fault of a name that neither the contract nor the row as it came has: the job would refuse it."""
    allowed = dict.fromkeys((*columns, *others))
    hint = did_you_mean(name, allowed).removesuffix("? ") or f"there are: {', '.join(allowed)}"
    return f"{name!r} is no column of the contract; {hint}"
