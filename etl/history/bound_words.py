"""A bound from earlier runs in words: what the runs had, and what is expected of this one."""

from datetime import date
from typing import assert_never

from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.run_parameters import BOUND_ARGUMENTS
from etl.results.used_bound import UsedBound

HALF, TWICE = 0.5, 2
LOWER, UPPER = BOUND_ARGUMENTS


def describe_bound(bound: HistoryBound, used: UsedBound, argument: str) -> str:
    """Return a bound that has a value as a sentence.

    Args:
        bound: as the contract declares it.
        used: its value, and the runs that it came from.
        argument: the argument of a rule that it is: min_value or max_value.

    Such as: "The last 14 runs, 2026-11-01 to 2026-11-28, had a median of 9,700 rows; at least half of it is expected: 4,850."
    """
    limit = "at least" if (argument == LOWER) is not (bound.metric is HistoryMetric.NULL_SHARE) else "at most"
    expected = f"{limit} {_share_words(bound)} is expected"
    value = 1 - used.value if bound.metric is HistoryMetric.NULL_SHARE and used.value is not None else used.value
    lessened = "" if used.of_day is None else f" after the {format_number(used.of_day)} of earlier runs of this day"
    return f"{_runs_words(bound, used)} had {_figure_words(bound, used)}; {expected}: {format_number(value)}{lessened}."


def format_number(value: float | None) -> str:
    """Return a number as people read it: `9,700`, `1,234.5`; "nothing" where there is none."""
    if value is None:
        return "nothing"
    return f"{int(value):,}" if value == int(value) and abs(value) < 10**15 else f"{value:,.6g}"


def count_words(bound: HistoryBound, values: int) -> str:
    """Return how many runs or days there are of those that a bound needs: `3 of 5 runs`."""
    return f"{values} of {bound.at_least} {_unit(bound, bound.at_least)}"


def _unit(bound: HistoryBound, number: int) -> str:
    match bound.per:
        case HistoryUnit.RUN:
            word = "run"
        case HistoryUnit.DAY:
            word = "day"
        case _:
            assert_never(bound.per)
    return word if number == 1 else f"{word}s"


def _runs_words(bound: HistoryBound, used: UsedBound) -> str:
    number = "" if used.values == 1 else f"{used.values:,} "
    weekday = f"{date.fromisoformat(used.last_date):%A} " if bound.same_weekday and used.last_date else ""
    days = used.first_date if used.first_date == used.last_date else f"{used.first_date} to {used.last_date}"
    return f"The last {number}{weekday}{_unit(bound, used.values)}, {days},"


def _figure_words(bound: HistoryBound, used: UsedBound) -> str:
    match bound.of:
        case HistoryFigure.MEDIAN:
            article = "a median"
        case HistoryFigure.MEAN:
            article = "a mean"
        case HistoryFigure.MINIMUM:
            article = "a minimum"
        case HistoryFigure.MAXIMUM:
            article = "a maximum"
        case _:
            assert_never(bound.of)
    return _metric_words(bound, article, format_number(used.figure))


def _metric_words(bound: HistoryBound, article: str, figure: str) -> str:
    match bound.metric:
        case HistoryMetric.ROW_COUNT:
            return f"{article} of {figure} rows"
        case HistoryMetric.DISTINCT_COUNT:
            return f"{article} of {figure} different values in {bound.column}"
        case HistoryMetric.NULL_SHARE:
            return f"{article} share of nulls in {bound.column} of {figure}"
        case HistoryMetric.SUM | HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
            return f"{article} {bound.metric} of {bound.column} of {figure}"
        case _:
            assert_never(bound.metric)


def _share_words(bound: HistoryBound) -> str:
    """Return what is made of the figure: `half of it`, `twice that`, `3 standard deviations below that`."""
    deviations = ""
    if bound.deviations:
        side = "below" if bound.deviations < 0 else "above"
        deviations = f" {format_number(abs(bound.deviations))} standard deviations {side}"
    if bound.times == 1:
        return f"{deviations} that".strip()
    times = {HALF: "half of", TWICE: "twice"}.get(bound.times, f"{format_number(bound.times)} times")
    return f"{times} what is{deviations} that" if deviations else f"{times} {'it' if bound.times == HALF else 'that'}"
