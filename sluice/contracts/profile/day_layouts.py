"""How days are written: year, month and day in an order, with a mark between them or the name of the month."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sluice.contracts.profile.column_reading import ReadingHints

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    "december",
)
DAYS = {
    "year first": r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    "numbers": r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
    "compact": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    "day and name": r"(?P<day>\d{1,2})(?P<mark>[-/ .])(?P<name>[A-Za-z]{3,9})(?P=mark)(?P<year>\d{4}|\d{2})",
    "name first": r"(?P<name>[A-Za-z]{3,9})(?P<mark>[ ])(?P<day>\d{1,2})(?P<comma>,?)[ ](?P<year>\d{4})",
}
BIRTH = re.compile(r"birth|dob|geburt|naiss|nacim")
UNDECIDED = (
    "day or month first cannot be told from texts such as {0}; it stays text: write type date and format {1} or {2}"
)
SHORT_YEARS = "years of two digits, read as 2000 to 2099"
NO_CENTURY = "years of two digits, and the century cannot be told; it stays text"
Match = re.Match[str]


@dataclass(frozen=True)
class DayLayout:
    """How all texts of a column are written: Spark's pattern of the day, and how a match is a day."""

    pattern: str
    day_of: Callable[[Match], date]
    doubts: tuple[str, ...] = ()
    day_first: bool | None = None


def day_layout(kind: str, name: str, matches: Sequence[Match], hints: ReadingHints) -> DayLayout | None:
    """Return how matches of one of DAYS are days; None where they are written in more than one way.

    A layout without a pattern is one that a person has to decide. `name` is the column's plain name.
    """
    if kind == "compact":
        return DayLayout("yyyyMMdd", _plain_day)
    marks, years = {match["mark"] for match in matches}, {len(match["year"]) for match in matches}
    if len(marks) > 1 or len(years) > 1:
        return None
    (mark,) = marks
    year = "yyyy" if years == {4} else "yy"
    if kind == "numbers":
        return _numbers_layout(name, matches, hints, mark, year)
    if kind == "year first":
        is_padded = all(len(match["month"]) == len(match["day"]) == 2 for match in matches)
        return DayLayout(f"yyyy{mark}{'MM' if is_padded else 'M'}{mark}{'dd' if is_padded else 'd'}", _plain_day)
    return _named_layout(kind, name, matches, mark, year)


def _named_layout(kind: str, name: str, matches: Sequence[Match], mark: str, year: str) -> DayLayout | None:
    month = _month_letters(matches)
    if month is None:
        return None
    (day,) = _day_letters(matches, ("day",), "d")
    if kind == "name first":
        commas = {match["comma"] for match in matches}
        return DayLayout(f"{month} {day}{commas.pop()} yyyy", _named_day) if len(commas) == 1 else None
    pattern = f"{day}{mark}{month}{mark}{year}"
    layout = DayLayout(pattern, _named_day)
    return layout if year == "yyyy" else _short_years(name, matches, layout)


def _numbers_layout(name: str, matches: Sequence[Match], hints: ReadingHints, mark: str, year: str) -> DayLayout | None:
    """Return whether the day or the month is first: by a number above twelve, by points, or by another column."""
    day_first = any(int(match["one"]) > 12 for match in matches)
    month_first = any(int(match["two"]) > 12 for match in matches)
    if day_first and month_first:
        return None
    is_told, doubts = day_first or month_first, ()
    if not is_told and mark == ".":
        day_first = True
    elif not is_told and hints.day_first is None:
        return _undecided(mark, year, matches)
    elif not is_told:
        day_first = bool(hints.day_first)
        doubts = (f"{'day' if day_first else 'month'} first, as in another column; its own values leave it open",)
    first, second = _day_letters(matches, ("one", "two"), "dM" if day_first else "Md")
    pattern = f"{first}{mark}{second}{mark}{year}"
    layout = DayLayout(pattern, _day_of_numbers(day_first), doubts, day_first if is_told else None)
    return layout if year == "yyyy" else _short_years(name, matches, layout)


def _undecided(mark: str, year: str, matches: Sequence[Match]) -> DayLayout:
    formats = (f"dd{mark}MM{mark}{year}", f"MM{mark}dd{mark}{year}")
    example = f"{matches[0]['one']}{mark}{matches[0]['two']}{mark}{matches[0]['year']}"
    return DayLayout("", _plain_day, (UNDECIDED.format(example, *formats),))


def _short_years(name: str, matches: Sequence[Match], layout: DayLayout) -> DayLayout:
    """Return the layout where all years may be of this century; one without a pattern where they may not."""
    latest = datetime.now(UTC).year % 100 + 1
    if BIRTH.search(name) or any(int(match["year"]) > latest for match in matches):
        return DayLayout("", _plain_day, (NO_CENTURY,))
    return DayLayout(layout.pattern, layout.day_of, (*layout.doubts, SHORT_YEARS), layout.day_first)


def _day_letters(matches: Sequence[Match], groups: Sequence[str], letters: Sequence[str]) -> list[str]:
    """Return a pattern's letters of day and month: two of each where numbers below ten have a zero, one where any has none."""
    texts = [match[group] for match in matches for group in groups]
    is_padded = all(len(text) == 2 for text in texts) and any(text[0] == "0" for text in texts)
    return [letter * (1 + is_padded) for letter in letters]


def _month_letters(matches: Sequence[Match]) -> str | None:
    names = {match["name"].lower() for match in matches}
    if names <= {*MONTHS}:
        return "MMM"
    return "MMMM" if names <= {*FULL_MONTHS} else None


def _plain_day(match: Match) -> date:
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _named_day(match: Match) -> date:
    month = [name[:3] for name in MONTHS].index(match["name"].lower()[:3]) + 1
    return date(_century_year(match["year"]), month, int(match["day"]))


def _day_of_numbers(day_first: bool) -> Callable[[Match], date]:
    day, month = ("one", "two") if day_first else ("two", "one")
    return lambda match: date(_century_year(match["year"]), int(match[month]), int(match[day]))


def _century_year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)
