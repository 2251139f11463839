"""Bounds from earlier runs in words: `half the median of the last 14 same weekdays`."""

from collections.abc import Mapping
from typing import assert_never

from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.model import Rule

FIGURE_WORDS: Mapping[HistoryFigure, str] = {
    HistoryFigure.MEDIAN: "the median",
    HistoryFigure.MEAN: "the mean",
    HistoryFigure.MINIMUM: "the least",
    HistoryFigure.MAXIMUM: "the greatest",
}
METRIC_WORDS: Mapping[HistoryMetric, str] = {
    HistoryMetric.ROW_COUNT: "number of rows",
    HistoryMetric.SUM: "sum of {column}",
    HistoryMetric.MEAN: "mean of {column}",
    HistoryMetric.MINIMUM: "minimum of {column}",
    HistoryMetric.MAXIMUM: "maximum of {column}",
    HistoryMetric.NULL_SHARE: "share of nulls of {column}",
    HistoryMetric.DISTINCT_COUNT: "number of different values of {column}",
}
FRACTIONS = {0.5: "half", 0.25: "a quarter of", 0.75: "three quarters of", 2: "twice"}
RULE_METRICS: Mapping[str, HistoryMetric] = {
    "expect_table_row_count_to_be_between": HistoryMetric.ROW_COUNT,
    "expect_column_sum_to_be_between": HistoryMetric.SUM,
    "expect_column_mean_to_be_between": HistoryMetric.MEAN,
    "expect_column_min_to_be_between": HistoryMetric.MINIMUM,
    "expect_column_max_to_be_between": HistoryMetric.MAXIMUM,
    "expect_column_unique_value_count_to_be_between": HistoryMetric.DISTINCT_COUNT,
    "expect_column_proportion_of_non_null_values_to_be_between": HistoryMetric.NULL_SHARE,
}
"""What a rule judges, where results have that same metric of earlier runs; of a null share it is 1 less it."""


def judged_metric(rule: Rule) -> str:
    """Return what results call the metric that a rule judges, "" where they have none that is the same."""
    metric = RULE_METRICS.get(rule.type)
    if metric is None:
        return ""
    return f"{rule.kwargs['column']}.{metric}" if metric.takes_column else str(metric)


def describe_history(bound: HistoryBound, judged: str = "") -> str:
    """Return a bound in words.

    Args:
        bound: the bound.
        judged: the metric that is compared with it, as results call it: the words name another one only.
    """
    figure = FIGURE_WORDS[bound.of]
    less = (
        "1 less " if bound.metric is HistoryMetric.NULL_SHARE else ""
    )  # rules compare with the share that is not null
    if bound.metric_name != judged or less:
        figure = f"{figure} {METRIC_WORDS[bound.metric].format(column=bound.column)}"
    runs = f"of the last {_run_words(bound)}"
    if not bound.deviations:
        return f"{less}{_factor_words(bound.times)}{figure} {runs}"
    sign = "plus" if bound.deviations > 0 else "minus"
    deviated = f"{figure} {sign} {abs(bound.deviations):g} standard deviations"
    if bound.times == 1 and not less:
        return f"{deviated} {runs}"
    return f"{less}{_factor_words(bound.times)}({deviated}) {runs}"


def _factor_words(times: float) -> str:
    return "" if times == 1 else f"{FRACTIONS.get(times, f'{times:g} times')} "


def _run_words(bound: HistoryBound) -> str:
    match bound.per:
        case HistoryUnit.RUN:
            words = "runs of the same weekday" if bound.same_weekday else "runs"
        case HistoryUnit.DAY:
            words = "same weekdays" if bound.same_weekday else "days"
        case _:
            assert_never(bound.per)
    return f"{bound.last} {words}"
