"""Schedules as AWS Glue takes them: `cron(minutes hours day-of-month month day-of-week year)`, in UTC.

Source: AWS Glue developer guide, Time-based schedules for jobs and crawlers.
"""

import hashlib
import re
from calendar import isleap, monthrange
from itertools import product

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS: tuple[tuple[int, int, tuple[str, ...], str], ...] = (
    (0, 59, (), ""),
    (0, 23, (), ""),
    (1, 31, (), "?LW"),
    (1, 12, MONTHS, ""),
    (1, 7, DAYS, "?L#"),
    (1970, 2199, (), ""),
)
"""Lowest and highest number, names in the order of the numbers, and the extra signs of each field."""


LONGEST_SLUG = 18


def called(schedule: str) -> str:
    """Return a name of at most 27 characters for what a schedule means, the same for two ways of writing one daily time.

    `daily-0600` for a time of every day; otherwise its letters and digits, and a hash of the whole.
    """
    every_day = re.fullmatch(r"cron\((\d{1,2}) (\d{1,2}) (?:\* \* \?|\? \* \*) \*\)", schedule)
    if every_day:
        minute, hour = map(int, every_day.groups())
        return f"daily-{hour:02}{minute:02}"
    slug = "-".join(re.findall(r"[a-z0-9]+", schedule.lower().removeprefix("cron")))[:LONGEST_SLUG].strip("-")
    return f"{slug}-{hashlib.sha256(schedule.encode()).hexdigest()[:8]}"


def valid(schedule: str) -> bool:
    """Whether AWS would take the schedule."""
    try:
        values(schedule)
    except ValueError:
        return False
    return True


def values(schedule: str) -> list[set[int]]:
    """Return what each field stands for; the day field that is `?` for nothing, `L`, `W` and `#` for one day.

    Raises ValueError where AWS would refuse: among others, exactly one of the two day fields has to be `?`. So it does
    where AWS may take a schedule whose day never comes, such as 31 February.
    """
    inside = re.fullmatch(r"cron\((.*)\)", schedule)
    parts = inside.group(1).split(" ") if inside else []
    if len(parts) != len(FIELDS) or (parts[2] == "?") == (parts[4] == "?"):
        raise ValueError(f"{schedule} is no schedule of six fields, one of the day fields being ?")
    fields = [field(part, *known) for part, known in zip(parts, FIELDS, strict=True)]
    _, _, days, months, _, years = fields
    if not (has_day_of_month(parts[2], days, months, years) if parts[4] == "?" else has_weekday(parts[4], fields)):
        raise ValueError(f"{schedule} never comes: none of its months has such a day in any of its years")
    return fields


def has_day_of_month(part: str, days: set[int], months: set[int], years: set[int]) -> bool:
    """Say whether one of the days is in one of the months.

    `15W`, the weekday that is nearest to the 15th, comes where the 15th does.
    """
    february = 29 if any(map(isleap, years)) else 28
    longest = max(february if month == 2 else 30 if month in (4, 6, 9, 11) else 31 for month in months)
    return "L" in part.split(",") or min(days) <= longest


def has_weekday(part: str, fields: list[set[int]]) -> bool:
    """Say whether one of the weekdays comes; only a fifth one of a month, `2#5`, is not in each."""
    items = part.split(",")
    if not all(item.endswith("#5") for item in items):
        return True
    weekdays = fields[4]
    months = (monthrange(year, month) for year, month in product(fields[5], fields[3]))
    # AWS counts weekdays from Sunday, 1; `monthrange` gives that of the first, from Monday, 0, and how many days.
    return any((day - 2 - first) % 7 + 29 <= length for first, length in months for day in weekdays)


def field(part: str, low: int, high: int, names: tuple[str, ...], signs: str) -> set[int]:
    if part == "?" and "?" in signs:
        return set()
    return {value for one in part.split(",") for value in item(one, low, high, names, signs)}


def item(one: str, low: int, high: int, names: tuple[str, ...], signs: str) -> set[int]:
    """One item of a list: a number, a range, a step, or a sign of its field."""
    if one == "L" and "L" in signs:
        return {high}
    if one.endswith("W") and "W" in signs:
        return {number(one[:-1], low, high, names)}
    if "#" in one and "#" in signs:
        day, _, week = one.partition("#")
        number(week, 1, 5, ())
        return {number(day, low, high, names)}
    span, slash, written = one.partition("/")
    step = number(written, 1, high, ()) if slash else 1
    first, dash, last = (str(low), "-", str(high)) if span == "*" else span.partition("-")
    start = number(first, low, high, names)
    end = number(last, low, high, names) if dash else (high if slash else start)
    if end < start:
        raise ValueError(f"{one} ends before it begins")
    return set(range(start, end + 1, step))


def number(written: str, low: int, high: int, names: tuple[str, ...]) -> int:
    value = (
        names.index(written) + low if written in names else int(written) if re.fullmatch(r"\d{1,4}", written) else -1
    )
    if not low <= value <= high:
        raise ValueError(f"{written} is not from {low} to {high}")
    return value
