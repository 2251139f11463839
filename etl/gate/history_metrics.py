"""What a stage's history names of a run's rows, counted by the pass that writes; what that cannot tell, in one of its own."""

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_never

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.history import HistoryBound, HistoryMetric
from etl.contract.model import Contract
from etl.contract.types import is_floating
from etl.gate.onepass.metric_queries import Distinct
from etl.gate.onepass.observations import Aggregate, FrameObserver, ObservedValues

ROW_COUNT = str(HistoryMetric.ROW_COUNT)
Metrics = dict[str, int | float | None]


@dataclass(frozen=True)
class HistoryMetrics:
    """The metrics that the history of one stage names, beside the row count that each run has.

    Attributes:
        stage: input or output.
        bounds: a bound of each metric, by the metric's name.
        types: the declared types by column.
    """

    stage: str
    bounds: Mapping[str, HistoryBound]
    types: Mapping[str, str]

    @classmethod
    def from_contract(cls, contract: Contract) -> "HistoryMetrics":
        """Return what a contract's history names."""
        bounds = {bound.metric_name: bound for bound in contract.history.values() if bound.metric.takes_column}
        return cls(contract.stage, bounds, {column.name: str(column.type) for column in contract.columns})

    def add_to(self, observer: FrameObserver, where: Column | None) -> None:
        """Have a pass count it, on the rows `where` only; None for all. Distinct values no pass counts on its way."""
        for name, bound in self.bounds.items():
            if (function := aggregate_function(bound.metric)) is not None:
                aggregate = Aggregate(function, bound.column)
                observer.aggregates[self._key(name)] = aggregate.restricted_to(where)

    def observed_metrics(self, observed: ObservedValues, rows: int) -> Metrics:
        """Return what a pass counted of `rows` rows, without what it did not."""
        values = {name: observed.values[self._key(name)] for name in self.bounds if self._key(name) in observed.values}
        return {ROW_COUNT: rows, **{name: self._number(name, value, rows) for name, value in values.items()}}

    @property
    def questions(self) -> dict[Hashable, Distinct]:
        """The distinct values that a look at what was written counts: of columns whose equal values are equal bytes."""
        return {
            self._key(name): Distinct(bound.column)
            for name, bound in self.bounds.items()
            if bound.metric is HistoryMetric.DISTINCT_COUNT and not is_floating(self.types[bound.column])
        }

    def answered_metrics(self, answers: Mapping[Hashable, Any]) -> Metrics:
        """Return what a look at what was written told."""
        return {name: int(answers[self._key(name)]) for name in self.bounds if self._key(name) in answers}

    def computed_metrics(self, frame: DataFrame, rows: int | None, present: Metrics) -> Metrics:
        """Return all metrics of a frame: those that are `present` already, others by one pass over it.

        `rows` is how many rows the frame has, None where that is to be counted too.
        """
        missing = [name for name in self.bounds if name not in present]
        if not missing and rows is not None:
            return {ROW_COUNT: rows, **present}
        expressions = [self._expression(self.bounds[name]).alias(f"_{number}") for number, name in enumerate(missing)]
        counted, *values = frame.agg(F.count(F.lit(1)).alias(ROW_COUNT), *expressions).collect()[0]
        computed = {name: self._number(name, value, counted) for name, value in zip(missing, values, strict=True)}
        return {ROW_COUNT: counted if rows is None else rows, **present, **computed}

    def _key(self, name: str) -> Hashable:
        return "history", self.stage, name

    def _expression(self, bound: HistoryBound) -> Column:
        column, function = F.col(f"`{bound.column}`"), aggregate_function(bound.metric)
        return F.count_distinct(column) if function is None else function(column)

    def _number(self, name: str, value: Any, rows: int) -> int | float | None:
        """Return a value as results keep it: of a null share 1 less the share of values."""
        if self.bounds[name].metric is HistoryMetric.NULL_SHARE:
            return (rows - value) / rows if rows else None
        return plain_number(value)


def plain_number(value: Any) -> int | float | None:
    """Return a number of Spark's as JSON has one: a whole decimal as an int; None for a null, NaN or an infinity."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if value is not None and math.isfinite(value) else None


def aggregate_function(metric: HistoryMetric) -> Callable[[Column], Column] | None:
    """Return what counts a metric in a pass that does something else; None for what no such pass can count.

    A sum or a mean beyond the column's own range is null: Spark would raise, and fail a run for a figure.
    """
    match metric:
        case HistoryMetric.SUM:
            return F.try_sum
        case HistoryMetric.MEAN:
            return F.try_avg
        case HistoryMetric.MINIMUM:
            return F.min
        case HistoryMetric.MAXIMUM:
            return F.max
        case HistoryMetric.NULL_SHARE:
            return F.count
        case HistoryMetric.DISTINCT_COUNT | HistoryMetric.ROW_COUNT:
            return None
        case _:
            assert_never(metric)
