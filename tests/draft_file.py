"""A file as its writer leaves it, with the rows that it means."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
ROWS = 60
FIRST_DAY = date(2025, 1, 2)
CITIES = ("Oslo", "Lund", "Malmö", "Turku", "Århus", "Bergen")


@dataclass(frozen=True)
class DraftFile:
    """A file, and what it means.

    Attributes:
        name: of the file.
        content: its bytes.
        rows: the rows that are published, by plain names.
        head, tail: bytes around the lines of records, so that halves of the file can be made; None where records are no lines.
        records: the lines of the records.
    """

    name: str
    content: bytes
    rows: list[Row]
    head: bytes | None = None
    tail: bytes = b""
    records: list[bytes] = field(default_factory=list)


def text_file(
    name: str, lines: Iterable[str], rows: list[Row], head: str = "", tail: str = "", encoding: str = "utf-8"
) -> DraftFile:
    """Return a file of records that are a line each."""
    records = [f"{line}\n".encode(encoding) for line in lines]
    first, last = (text.encode(encoding) if text else b"" for text in (head, tail))
    return DraftFile(name, first + b"".join(records) + last, rows, first, last, records)


def day(number: int) -> date:
    """Return the day of a row."""
    return FIRST_DAY + timedelta(days=number % 90)
