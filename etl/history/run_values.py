"""What earlier runs have as values of a bound's metric: which lines of the results count, and what runs of a day make."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import assert_never

from etl.contract.history import HistoryBound, HistoryMetric, HistoryUnit
from etl.contract.stage import Stage
from etl.results.run_line import RunLine

DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class RunValue:
    """A metric's value of a run, or of all runs of a day.

    Attributes:
        run_date: the day that people know it by.
        value: the number.
        run_ids: the runs that it is of.
    """

    run_date: date
    value: float
    run_ids: tuple[str, ...]


def earlier_values(bound: HistoryBound, stage: Stage, lines: Iterable[RunLine], run_date: date) -> list[RunValue]:
    """Return the values that a bound of a stage looks at, oldest first: of ordinary runs of days before `run_date`.

    A run without the metric, since nothing named it then, or without a value of it, such as the mean of no rows, is none.
    """
    earlier = [line for line in lines if line.is_ordinary and line.run_date < run_date]
    if bound.same_weekday:
        earlier = [line for line in earlier if line.run_date.weekday() == run_date.weekday()]
    return _values_of(bound, stage, earlier)[-bound.last :]


def value_of_day(bound: HistoryBound, stage: Stage, lines: Iterable[RunLine], run_date: date) -> RunValue | None:
    """Return what ordinary runs of `run_date` have already, where a bound per day adds up; else None."""
    if bound.per is not HistoryUnit.DAY or not bound.metric.adds_up:
        return None
    of_day = [line for line in lines if line.is_ordinary and line.run_date == run_date]
    return next(iter(_values_of(bound, stage, of_day)), None)


def days_back(bound: HistoryBound) -> int:
    """Return how many days hold a bound's runs where one runs each day, with some to spare."""
    return bound.last * (DAYS_OF_WEEK if bound.same_weekday else 1) + DAYS_OF_WEEK


def _values_of(bound: HistoryBound, stage: Stage, lines: Sequence[RunLine]) -> list[RunValue]:
    """Return the values of runs, or of days, by their day and start."""
    ordered = sorted(lines, key=lambda line: (line.run_date, line.started, line.run_id))
    match bound.per:
        case HistoryUnit.RUN:
            groups = [[line] for line in ordered]
        case HistoryUnit.DAY:
            groups = [list(group) for _, group in groupby(ordered, key=lambda line: line.run_date)]
        case _:
            assert_never(bound.per)
    values = [_value_of(bound, stage, group) for group in groups]
    return [value for value in values if value is not None]


def _value_of(bound: HistoryBound, stage: Stage, lines: Sequence[RunLine]) -> RunValue | None:
    """Return the value of runs together; None where one of them lacks the metric, or none of them has a value."""
    metrics = [line.metrics.get(stage, {}) for line in lines]
    if not all(bound.metric_name in run_metrics for run_metrics in metrics):
        return None
    numbers = [float(number) for run_metrics in metrics if (number := run_metrics[bound.metric_name]) is not None]
    if not numbers or not all(map(math.isfinite, numbers)):
        return None
    total = join_values(bound.metric, numbers) if len(numbers) > 1 else numbers[0]
    return RunValue(lines[0].run_date, total, tuple(line.run_id for line in lines))


def join_values(metric: HistoryMetric, numbers: Sequence[float]) -> float:
    """Return the value of a day, given those of its runs.

    Raises:
        ValueError: these make none of the day.
    """
    match metric:
        case HistoryMetric.ROW_COUNT | HistoryMetric.SUM:
            return math.fsum(numbers)
        case HistoryMetric.MINIMUM:
            return min(numbers)
        case HistoryMetric.MAXIMUM:
            return max(numbers)
        case HistoryMetric.MEAN | HistoryMetric.NULL_SHARE | HistoryMetric.DISTINCT_COUNT:
            raise ValueError(f"the values of {metric} of a day's runs make none of the day")
        case _:
            assert_never(metric)
