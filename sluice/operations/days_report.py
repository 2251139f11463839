"""The last days of datasets for a terminal: a sign for each day, and below it trends of rows and of rows set aside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from sluice.console import Part, make_console, print_parts
from sluice.day_results.day_states import Day, DayState
from sluice.operations.status_days import DatasetDays
from sluice.word_wrap import cell_width

if TYPE_CHECKING:
    from rich.console import Console

WEEK, GAP, WIDEST_NAME = 7, "  ", 24
MONDAYS = "Mon"
FEWEST_DAYS = 14  # in a line; a name that leaves no room for them stands above its signs
STYLES = {
    DayState.GOOD: "green",
    DayState.ASIDE: "yellow",
    DayState.MENDED: "cyan",
    DayState.BAD: "bold red",
    DayState.QUIET: "dim",
    DayState.NONE: "dim",
}


@dataclass(frozen=True)
class Signs:
    """The characters of a calendar and of trends; `levels` begin with the one for no rows."""

    marks: dict[DayState, str]
    levels: str


SIGNS = Signs({state: state.mark for state in DayState}, "▁▂▃▄▅▆▇█")
ASCII_SIGNS = Signs(dict(zip(DayState, "+a~X-.", strict=True)), "01234567")
"""For a terminal whose encoding has no others, such as one of LANG=C."""


def print_days(datasets: Sequence[DatasetDays]) -> None:
    """Print the calendar and the trends of datasets, in stretches of as many days as a line has room for."""
    console = make_console()
    signs = _choose_signs(console.encoding)
    for entry in datasets:
        for text in [f"not seen: {entry.fault}"] if entry.fault else [f"passed over: {it}" for it in entry.unreadable]:
            print_parts(console, (entry.dataset, "bold"), "  ", (text, "red" if entry.fault else "yellow"))
    shown = [entry for entry in datasets if entry.days]
    if not shown:
        return
    widest = min(WIDEST_NAME, console.width - FEWEST_DAYS - len(GAP))
    widths = [cell_width(MONDAYS), *(cell_width(entry.dataset) for entry in shown)]
    names = max(width for width in widths if width <= widest)
    number = len(shown[0].days)
    room = console.width - names - len(GAP)
    length = number if number <= room else room // WEEK * WEEK
    for start in range(0, number, length):
        _Stretch(console, signs, names, shown, slice(start, start + length)).print_lines()
    for line in _legend_lines(signs, console.width):
        print_parts(console, (line, "dim"))


def _legend_lines(signs: Signs, columns: int) -> Iterator[str]:
    """Yield what each sign means, a sign never apart from its words."""
    line = ""
    for state in DayState:
        entry = f"{signs.marks[state]} {state.words}"
        if line and cell_width(f"{line}{GAP}{entry}") > columns:
            yield line
            line = ""
        line = f"{line}{GAP}{entry}" if line else entry
    yield line


@dataclass(frozen=True)
class _Stretch:
    """Some days of all datasets, which have room beside their names."""

    console: "Console"
    signs: Signs
    names: int
    datasets: Sequence[DatasetDays]
    part: slice

    def print_lines(self) -> None:
        days = self.datasets[0].days[self.part]
        print_parts(self.console, (f"{days[0].date} to {days[-1].date} (UTC)", "bold"))
        print_parts(self.console, (f"{MONDAYS:<{self.names}}{GAP}{monday_ruler(days)}".rstrip(), "dim"))
        for entry in self.datasets:
            marks: list[Part] = [(self.signs.marks[day.state], STYLES[day.state]) for day in entry.days[self.part]]
            self._print_line(entry.dataset, marks, "")
        self._print_trends("rows published", lambda day: day.rows_published)
        self._print_trends("rows set aside", lambda day: day.rows_quarantined)

    def _print_trends(self, title: str, count: Callable[[Day], int]) -> None:
        """Print a line for each dataset that has such rows, below the days that they are of."""
        parts = [(entry.dataset, entry.days[self.part]) for entry in self.datasets]
        trends = [(name, days) for name, days in parts if any(count(day) for day in days)]
        print_parts(self.console, (title if trends else f"{title}: none", "bold"))
        for name, days in trends:
            numbers = [count(day) if day.has_rows else None for day in days]
            self._print_line(name, ["".join(spark_line(numbers, self.signs))], describe_numbers(numbers))

    def _print_line(self, name: str, signs: Sequence[Part], words: str) -> None:
        gap = " " * (self.names - cell_width(name)) + GAP
        if cell_width(name) > self.names:
            print_parts(self.console, name)
            name, gap = "", " " * self.names + GAP
        sign_columns = self.names + len(GAP) + len(self.datasets[0].days[self.part])
        if words and sign_columns + len(GAP) + len(words) > self.console.width:
            print_parts(self.console, name, gap, *signs)
            name, gap, signs = "", " " * self.names, ()
        print_parts(self.console, name, gap, *signs, f"{GAP}{words}" if words else "")


def monday_ruler(days: Sequence[Day]) -> str:
    """Return the day of the month below which each Monday stands, where there is room for it."""
    return "".join(_ruler_parts([day.date for day in days])).rstrip()


def _ruler_parts(dates: Sequence[date]) -> Iterator[str]:
    for position, day in enumerate(dates):
        if day.weekday() == 0 and position + 1 < len(dates):
            yield f"{day.day:02}"
        elif not position or dates[position - 1].weekday():
            yield " "


def spark_line(numbers: Sequence[int | None], signs: Signs) -> Iterator[str]:
    """Yield a character for each number, from none to the greatest; a day without one has the sign of no run."""
    greatest = max((number for number in numbers if number), default=1)
    steps = len(signs.levels) - 1
    for number in numbers:
        yield signs.marks[DayState.NONE] if number is None else signs.levels[ceil(number / greatest * steps)]


def describe_numbers(numbers: Sequence[int | None]) -> str:
    """Return the least, the greatest and the last of some numbers in words."""
    counted = [number for number in numbers if number is not None]
    least, greatest, last = min(counted), max(counted), counted[-1]
    span = f"{least:,}" if least == greatest else f"{least:,} to {greatest:,}"
    return span if least == greatest else f"{span}, last {last:,}"


def _choose_signs(encoding: str) -> Signs:
    try:
        f"{''.join(SIGNS.marks.values())}{SIGNS.levels}".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII_SIGNS
    return SIGNS
