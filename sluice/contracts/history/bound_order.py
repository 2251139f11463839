"""Which of two bounds from earlier runs lets less through, whatever the runs were."""

from dataclasses import replace

from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric

LEAST_FIRST = {
    HistoryFigure.MINIMUM: 0,
    HistoryFigure.MEDIAN: 1,
    HistoryFigure.MEAN: 1,
    HistoryFigure.MAXIMUM: 2,
}
"""Figures of the same values: one of a lower rank is never above one of a higher rank."""
NEVER_NEGATIVE = (HistoryMetric.ROW_COUNT, HistoryMetric.NULL_SHARE, HistoryMetric.DISTINCT_COUNT)


def tightens_low(bound: HistoryBound, other: HistoryBound) -> bool:
    """Say whether a `min_value` of `bound` lets through only what `other` does, also where one has too few runs."""
    if bound.metric is HistoryMetric.NULL_SHARE:  # what is compared is 1 less it
        return _judges_as_often(bound, other) and never_below(other, bound)
    return _judges_as_often(bound, other) and never_below(bound, other)


def tightens_high(bound: HistoryBound, other: HistoryBound) -> bool:
    """Say whether a `max_value` of `bound` lets through only what `other` does, also where one has too few runs."""
    if bound.metric is HistoryMetric.NULL_SHARE:
        return _judges_as_often(bound, other) and never_below(bound, other)
    return _judges_as_often(bound, other) and never_below(other, bound)


def _judges_as_often(bound: HistoryBound, other: HistoryBound) -> bool:
    return bound.at_least <= other.at_least


def never_below(bound: HistoryBound, other: HistoryBound) -> bool:
    """Say whether the value of `bound` is at least that of `other` over any runs; False too where that depends on them."""
    alike = replace(other, of=bound.of, times=bound.times, deviations=bound.deviations, at_least=bound.at_least)
    if alike != bound:
        return False
    is_higher = bound.of is other.of or LEAST_FIRST[bound.of] > LEAST_FIRST[other.of]
    return is_higher and bound.deviations >= other.deviations and _multiplies_more(bound, other)


def _multiplies_more(bound: HistoryBound, other: HistoryBound) -> bool:
    """Say whether a bound's factor raises it as much as another's: a larger one lowers what is below 0."""
    may_be_negative = bound.metric not in NEVER_NEGATIVE or min(bound.deviations, other.deviations) < 0
    return bound.times == other.times or (bound.times > other.times and not may_be_negative)
