"""Which values earlier runs have to have had, so that a day keeps a bound that comes from them, or breaks it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from etl.contract.history import HistoryBound, HistoryMetric
from sluice.contracts.history.bound_uses import BoundUse
from sluice.contracts.history.bound_words import RULE_METRICS
from sluice.contracts.prove.frames import Row


@dataclass(frozen=True)
class MeasuredSpan:
    """Between what a rule's measure of a day lies: both ends are the same, but for rules on values, whose ends they are."""

    low: float
    high: float

    @classmethod
    def from_rows(cls, use: BoundUse, rows: Sequence[Row]) -> "MeasuredSpan | None":
        """Measure a day as the rule of a use does; None where it has no value that could be."""
        values = [row[use.bound.column] for row in rows] if use.bound.column else []
        present = [value for value in values if value is not None]
        measure = RULE_METRICS.get(use.rule.type)
        match measure:
            case HistoryMetric.ROW_COUNT:
                return cls(len(rows), len(rows))
            case HistoryMetric.DISTINCT_COUNT:
                return cls(len(set(present)), len(set(present)))
            case HistoryMetric.NULL_SHARE:
                share = 1 - len(present) / len(rows) if rows else 0
                return cls(share, share)
            case HistoryMetric.SUM:
                return cls(float(sum(present)), float(sum(present))) if present else None
            case _:  # a figure of the values, or each of them: it lies between the least and the greatest
                return cls(float(min(present)), float(max(present))) if present else None


def keeping_value(use: BoundUse, span: MeasuredSpan) -> float | None:
    """Return what each earlier run has to have had, so that the day keeps the bound; None where nothing does."""
    return _earlier_value(use, span, keeps=True)


def breaking_value(use: BoundUse, span: MeasuredSpan) -> float | None:
    """Return what each earlier run has to have had, so that the day breaks the bound; None where nothing does."""
    return _earlier_value(use, span, keeps=False)


def keeps_bound(use: BoundUse, value: float, span: MeasuredSpan) -> bool:
    """Say whether a day keeps a bound where each earlier run had a value."""
    limit = _limit(use.bound, value)
    return limit <= span.low if use.keeps_from_falling else limit >= span.high


def breaks_bound(use: BoundUse, value: float, span: MeasuredSpan) -> bool:
    """Say whether a day breaks a bound where each earlier run had a value."""
    limit = _limit(use.bound, value)
    return limit > span.high if use.keeps_from_falling else limit < span.low


def _earlier_value(use: BoundUse, span: MeasuredSpan, *, keeps: bool) -> float | None:
    """Return a value on the other side of the day's measure, as far beyond it as the metric can be told from it."""
    is_below = use.keeps_from_falling is keeps
    end = span.low if is_below else span.high
    value = _beyond(use.bound.metric, end, is_below=is_below) / use.bound.times
    if use.bound.metric.counts:
        value = max(math.floor(value) if is_below else math.ceil(value), 0)
    elif use.bound.metric is HistoryMetric.NULL_SHARE:
        value = min(value, 1.0)
    holds = keeps_bound if keeps else breaks_bound
    return value if holds(use, value, span) else None


def _beyond(metric: HistoryMetric, end: float, *, is_below: bool) -> float:
    if metric is HistoryMetric.NULL_SHARE:
        return end / 2 if is_below else (end + 1) / 2
    if metric.counts:
        return end - 1 if is_below else end + 1
    half = abs(end) / 2 or 1  # on the same side of 0, as a sum of prices is
    return end - half if is_below else end + half


def _limit(bound: HistoryBound, value: float) -> float:
    return bound.compute([value] * bound.at_least) or 0.0
