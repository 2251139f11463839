"""Schedules as AWS Glue takes them: `cron(minutes hours day-of-month month day-of-week year)`, in UTC.

Source: AWS Glue developer guide, Time-based schedules for jobs and crawlers.
"""

import re

NUMBER = re.compile(r"\d{1,4}")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS = (
    (0, 59, (), ""),
    (0, 23, (), ""),
    (1, 31, (), "?LW"),
    (1, 12, MONTHS, ""),
    (1, 7, DAYS, "?L#"),
    (1970, 2199, (), ""),
)
"""Lowest and highest number, names in the order of the numbers, and the extra signs of each field."""


def valid(schedule: str) -> bool:
    """Whether AWS would take the schedule: exactly one of the two day fields is `?`."""
    inside = re.fullmatch(r"cron\((.*)\)", schedule)
    parts = inside.group(1).split(" ") if inside else []
    if len(parts) != len(FIELDS) or (parts[2] == "?") == (parts[4] == "?"):
        return False
    return all(fits(part, *field) for part, field in zip(parts, FIELDS, strict=True))


def fits(part: str, low: int, high: int, names: tuple[str, ...], signs: str) -> bool:
    """Whether one field holds a list of numbers, ranges or steps, or one of its signs."""
    if part == "*" or (part == "?" and "?" in signs):
        return True
    return all(item(one, low, high, names, signs) for one in part.split(","))


def item(one: str, low: int, high: int, names: tuple[str, ...], signs: str) -> bool:
    if "L" in signs and one == "L":
        return True
    if "W" in signs and one.endswith("W"):
        return number(one[:-1], low, high, names) is not None
    if "#" in signs and "#" in one:
        day, _, week = one.partition("#")
        return number(day, low, high, names) is not None and number(week, 1, 5, ()) is not None
    span, slash, step = one.partition("/")
    if slash and number(step, 1, high, ()) is None:
        return False
    if slash and span == "*":
        return True
    first, dash, last = span.partition("-")
    ends = [number(end, low, high, names) for end in ((first, last) if dash else (first,))]
    return None not in ends and ends == sorted(end for end in ends if end is not None)


def number(written: str, low: int, high: int, names: tuple[str, ...]) -> int | None:
    if written in names:
        return names.index(written) + low
    value = int(written) if NUMBER.fullmatch(written) else -1
    return value if low <= value <= high else None
