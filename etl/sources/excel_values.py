"""Cells of Excel as the texts that `value_reading.py` reads, or that a column of text has.

A number is the shortest decimal that is stored as the same number: so 0.1 is `0.1`, and the sum of 0.1 and 0.2 is
`0.30000000000000004`, which no decimal(10,2) is.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from etl.contract.input_column import InputColumn
from etl.contract.types import Family
from etl.sources.excel_sheet import Cell

LEAP_DAY_1900 = 60  # the serial number of a day that never was: Excel keeps an error of Lotus 1-2-3
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
MILLIS_OF_DAY = 86_400_000
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MAX_DIGITS = 21  # of a whole number without an exponent


def cell_text(cell: Cell, column: InputColumn, is_of_1904: bool) -> str:
    """Return the text of a cell that has a value and no error."""
    value: Any = cell.value
    if cell.kind == "b":
        truths, falsehoods = column.truths if column.type.family is Family.BOOLEAN else (("true",), ("false",))
        return (truths if value else falsehoods)[0]
    if cell.kind == "n":
        text = number_text(value)
        return text.replace(".", column.decimal_point) if column.type.family is Family.NUMBER else text
    if cell.kind in ("d", "c"):
        return _with_clock(serial_text(value, is_of_1904), cell.kind == "c", column)
    if cell.kind == "t":
        return f"{number_text(value)} days"
    if cell.kind == "i":
        return _with_clock(_moment_text(value), False, column)
    return str(value)


def number_text(value: float) -> str:
    """Return a number as a person types it: a whole one without decimals."""
    if isinstance(value, int):
        return str(value)
    number = Decimal(repr(value))
    if number.adjusted() >= MAX_DIGITS:
        return repr(value)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def serial_text(serial: float, is_of_1904: bool) -> str:
    """Return the date or time that a serial number is; in milliseconds, as Excel shows it.

    A time without a day is a time alone. What is no day of Excel's calendar is a text that is no date.
    """
    days, millis = divmod(round(Decimal(repr(serial)) * MILLIS_OF_DAY), MILLIS_OF_DAY)
    clock = (datetime.min + timedelta(milliseconds=millis)).time()
    if 0 <= serial < 1 and not is_of_1904 and days == 0:
        return _clock_text(clock)
    if serial < 0 or (days == LEAP_DAY_1900 and not is_of_1904):
        return f"{number_text(serial)}, which is no day of Excel"
    epoch = EPOCH_1904 if is_of_1904 else EPOCH_1900 + timedelta(days=int(days < LEAP_DAY_1900))
    try:
        day = epoch + timedelta(days=days)
    except OverflowError:
        return f"{number_text(serial)}, which is no day of Excel"
    return f"{day.isoformat()} {_clock_text(clock)}" if millis else day.isoformat()


def _with_clock(text: str, shows_clock: bool, column: InputColumn) -> str:
    """Return a day with its midnight where the column is of times, or is no day's and the cell shows a time."""
    is_needed = column.type.family.is_time or (shows_clock and column.type.family is not Family.DATE)
    return f"{text} 00:00:00" if is_needed and DAY.fullmatch(text) else text


def _clock_text(clock: time) -> str:
    return clock.isoformat("milliseconds" if clock.microsecond else "seconds")


def _moment_text(value: Any) -> str:
    """Return a date or time that is stored as a text of its own, as a strict workbook has it."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
