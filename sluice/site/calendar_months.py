"""Days as a calendar: a table for each month with a row for each week, Monday first."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sluice.day_results.day_states import Day


@dataclass(frozen=True)
class Month:
    """A month of a calendar; a week has seven places, None where the month or what is told has no day."""

    name: str
    weeks: list[list[Day | None]]


def calendar_months(days: Iterable[Day]) -> list[Month]:
    """Return the months that days are in, the newest first; `days` are in order and without a gap."""
    months = groupby(days, key=lambda day: (day.date.year, day.date.month))
    return [_month([*of_month]) for _, of_month in months][::-1]


def _month(days: list[Day]) -> Month:
    places: list[Day | None] = [None] * days[0].date.weekday() + [*days]
    places += [None] * (-len(places) % 7)
    return Month(f"{days[0].date:%B %Y}", [places[start : start + 7] for start in range(0, len(places), 7)])
