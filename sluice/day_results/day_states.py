"""The days of a dataset: what each came to, of all runs that people know by its date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique
from typing import Self

from etl.results.run_line import RunLine
from sluice.day_results.outcomes import changed_nothing


@unique
class DayState(StrEnum):
    """What a day came to.

    Attributes:
        words: for people, and for who hears the page.
        mark: the character that shows it beside its colour.
    """

    _value_: str
    words: str
    mark: str

    GOOD = "good", "published", "✓"
    ASIDE = "aside", "published, rows set aside", "◆"
    MENDED = "mended", "bad at first, published later", "↻"
    BAD = "bad", "refused or failed", "✕"
    QUIET = "quiet", "nothing new", "○"
    NONE = "none", "no run", "·"

    def __new__(cls, text: str, words: str, mark: str) -> Self:
        """Make the member of a class in the style."""
        state = str.__new__(cls, text)
        state._value_ = text
        state.words, state.mark = words, mark
        return state


@dataclass(frozen=True)
class Day:
    """A day with its runs; numbers are rows of all of them."""

    date: date
    state: DayState = DayState.NONE
    runs: int = 0
    rows_published: int = 0
    rows_quarantined: int = 0

    @property
    def has_rows(self) -> bool:
        """Whether a run published on it, so that its rows are a point of a trend."""
        return self.state in (DayState.GOOD, DayState.ASIDE, DayState.MENDED)


def list_days(runs: Iterable[RunLine], first: date, last: date) -> list[Day]:
    """Return each day from the first to the last; runs of other days are left out. `runs` are by their start."""
    runs_by_date: dict[date, list[RunLine]] = {}
    for run in runs:
        runs_by_date.setdefault(run.run_date, []).append(run)
    dates = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [summarise_day(day, runs_by_date.get(day, [])) for day in dates]


def summarise_day(day: date, runs: list[RunLine]) -> Day:
    """Return what a day came to: the last run that read something decides, unless it was an attempt that failed."""
    if not runs:
        return Day(day)
    published, quarantined = sum(run.rows_published for run in runs), sum(run.rows_quarantined for run in runs)
    return Day(day, _state_of(runs), len(runs), published, quarantined)


def _state_of(runs: list[RunLine]) -> DayState:
    deciding = [run for run in runs if not run.nothing_unread and not changed_nothing(run)]
    if not deciding:
        return DayState.QUIET if any(run.nothing_unread for run in runs) else DayState.BAD
    if deciding[-1].state.is_failure:
        return DayState.BAD
    if any(run.state.is_failure for run in deciding):
        return DayState.MENDED
    return DayState.ASIDE if any(run.rows_quarantined for run in deciding) else DayState.GOOD
