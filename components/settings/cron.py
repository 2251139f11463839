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


def schedule_slug(schedule: str) -> str:
    """Return a name of at most 27 characters for what a schedule means, the same for two ways of writing one daily time.

    `daily-0600` for a time of every day; otherwise its letters and digits, and a hash of the whole.
    """
    every_day = re.fullmatch(r"cron\((\d{1,2}) (\d{1,2}) (?:\* \* \?|\? \* \*) \*\)", schedule)
    if every_day:
        minute, hour = map(int, every_day.groups())
        return f"daily-{hour:02}{minute:02}"
    slug = "-".join(re.findall(r"[a-z0-9]+", schedule.lower().removeprefix("cron")))[:LONGEST_SLUG].strip("-")
    return f"{slug}-{hashlib.sha256(schedule.encode()).hexdigest()[:8]}"


def is_valid(schedule: str) -> bool:
    """Whether AWS would take the schedule."""
    try:
        parse_schedule(schedule)
    except ValueError:
        return False
    return True


def parse_schedule(schedule: str) -> list[set[int]]:
    """Return what each field stands for; the day field that is `?` for nothing, `L`, `W` and `#` for one day.

    Raises ValueError where AWS would refuse: among others, exactly one of the two day fields has to be `?`. So it does
    where AWS may take a schedule whose day never comes, such as 31 February.
    """
    inside = re.fullmatch(r"cron\((.*)\)", schedule)
    parts = inside.group(1).split(" ") if inside else []
    if len(parts) != len(FIELDS) or (parts[2] == "?") == (parts[4] == "?"):
        raise ValueError(f"{schedule} is no schedule of six fields, one of the day fields being ?")
    fields = [parse_field(part, *bounds) for part, bounds in zip(parts, FIELDS, strict=True)]
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


def parse_field(part: str, low: int, high: int, names: tuple[str, ...], signs: str) -> set[int]:
    """Return the values that a field of a cron expression names; raises ValueError for what AWS refuses."""
    if part == "?" and "?" in signs:
        return set()
    return {value for entry in part.split(",") for value in parse_item(entry, low, high, names, signs)}


def parse_item(entry: str, low: int, high: int, names: tuple[str, ...], signs: str) -> set[int]:
    """One item of a list: a number, a range, a step, or a sign of its field."""
    if entry == "L" and "L" in signs:
        return {high}
    if entry.endswith("W") and "W" in signs:
        return {parse_number(entry[:-1], low, high, names)}
    if "#" in entry and "#" in signs:
        day, _, week = entry.partition("#")
        parse_number(week, 1, 5, ())
        return {parse_number(day, low, high, names)}
    span, slash, step_text = entry.partition("/")
    step = parse_number(step_text, 1, high, ()) if slash else 1
    first, dash, last = (str(low), "-", str(high)) if span == "*" else span.partition("-")
    start = parse_number(first, low, high, names)
    end = parse_number(last, low, high, names) if dash else (high if slash else start)
    if end < start:
        raise ValueError(f"{entry} ends before it begins")
    return set(range(start, end + 1, step))


def parse_number(text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    """Return a value of a field by its number or name; raises ValueError outside its range."""
    value = names.index(text) + low if text in names else int(text) if re.fullmatch(r"\d{1,4}", text) else -1
    if not low <= value <= high:
        raise ValueError(f"{text} is not from {low} to {high}")
    return value
