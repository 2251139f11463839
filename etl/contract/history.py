"""`meta.history` of a suite: bounds that come from the runs before, each named, for rules to use as `$PARAMETER`.

A bound is a figure over a metric's values of earlier runs: `{"metric": "row_count", "of": "median", "last": 14, "times": 0.5}`.
Only runs of what arrived that published count, as of the run's date: `etl.history` reads them from the results.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never

from pydantic import ConfigDict, Field

from etl.contract.field_kinds import STRICT, AnyText, Count, Flag, Number, Remedy

MOST_RUNS = 366
"""Runs that a bound looks back at: a year of days."""
MOST_DAYS = 400
"""Days back that a run looks for its history; results are kept as long by default."""
DEFAULT_LAST, DEFAULT_AT_LEAST = 14, 5
VALUE_RULE_TYPES = (
    "expect_column_values_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_max_to_be_between",
    "expect_column_mean_to_be_between",
    "expect_column_median_to_be_between",
)
"""Rules that compare values of a column, or a figure that lies among them."""


class HistoryMetric(StrEnum):
    """What is known of each run.

    Members:
        ROW_COUNT: rows, of an input those read, of an output those that went on to be published.
        SUM, MEAN, MINIMUM, MAXIMUM: of the values of a number column, nulls left out.
        NULL_SHARE: nulls of a column, as a share of rows from 0 to 1.
        DISTINCT_COUNT: different values of a column, nulls left out.
    """

    ROW_COUNT = "row_count"
    SUM = "sum"
    MEAN = "mean"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    NULL_SHARE = "null_share"
    DISTINCT_COUNT = "distinct_count"

    @property
    def takes_column(self) -> bool:
        """Whether it is about a column."""
        match self:
            case HistoryMetric.ROW_COUNT:
                return False
            case HistoryMetric.SUM | HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
                return True
            case HistoryMetric.NULL_SHARE | HistoryMetric.DISTINCT_COUNT:
                return True
            case _:
                assert_never(self)

    @property
    def takes_numbers(self) -> bool:
        """Whether its column holds numbers."""
        match self:
            case HistoryMetric.SUM | HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
                return True
            case HistoryMetric.ROW_COUNT | HistoryMetric.NULL_SHARE | HistoryMetric.DISTINCT_COUNT:
                return False
            case _:
                assert_never(self)

    @property
    def rule_types(self) -> tuple[str, ...]:
        """The types of the rules whose bounds it may be: those that compare with the same, or with values of the column.

        A null share bounds the share of values that are there, which is what rules know: the one is 1 less the other.
        """
        match self:
            case HistoryMetric.ROW_COUNT:
                return ("expect_table_row_count_to_be_between",)
            case HistoryMetric.SUM:
                return ("expect_column_sum_to_be_between",)
            case HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
                return VALUE_RULE_TYPES
            case HistoryMetric.NULL_SHARE:
                return ("expect_column_proportion_of_non_null_values_to_be_between",)
            case HistoryMetric.DISTINCT_COUNT:
                return ("expect_column_unique_value_count_to_be_between",)
            case _:
                assert_never(self)

    @property
    def counts(self) -> bool:
        """Whether it is a whole number from 0."""
        match self:
            case HistoryMetric.ROW_COUNT | HistoryMetric.DISTINCT_COUNT:
                return True
            case HistoryMetric.SUM | HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
                return False
            case HistoryMetric.NULL_SHARE:
                return False
            case _:
                assert_never(self)

    @property
    def has_days(self) -> bool:
        """Whether the values of a day's runs make the value of the day; of a mean they do not, without its weights."""
        match self:
            case HistoryMetric.ROW_COUNT | HistoryMetric.SUM | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
                return True
            case HistoryMetric.MEAN | HistoryMetric.NULL_SHARE | HistoryMetric.DISTINCT_COUNT:
                return False
            case _:
                assert_never(self)

    @property
    def shows_values(self) -> bool:
        """Whether it tells of the values themselves, which a personal column's may not be."""
        return self.takes_numbers

    @property
    def adds_up(self) -> bool:
        """Whether the values of two runs of a day make one of the day by their sum."""
        match self:
            case HistoryMetric.ROW_COUNT | HistoryMetric.SUM:
                return True
            case HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
                return False
            case HistoryMetric.NULL_SHARE | HistoryMetric.DISTINCT_COUNT:
                return False
            case _:
                assert_never(self)


class HistoryFigure(StrEnum):
    """What is made of a metric's values of earlier runs."""

    MEDIAN = "median"
    MEAN = "mean"
    MINIMUM = "min"
    MAXIMUM = "max"


class HistoryUnit(StrEnum):
    """What counts as one value: a run, or all runs of a day together."""

    RUN = "run"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class HistoryBound:
    """A bound from the runs before."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    metric: Annotated[
        HistoryMetric,
        Remedy("it may be {choices}"),
        Field(
            description="what is known of each run; a null_share is given to rules as the share of values that are there, "
            "1 less it",
            examples=["row_count"],
        ),
    ]
    column: Annotated[
        AnyText,
        Remedy("meta.columns has {columns}"),
        Field(description="the column that the metric is about; row_count is about none", examples=["fare"]),
    ] = ""
    of: Annotated[
        HistoryFigure,
        Remedy("it may be {choices}"),
        Field(description="what is made of the metric's values of earlier runs", examples=["median"]),
    ] = HistoryFigure.MEDIAN
    deviations: Annotated[
        Number,
        Remedy("write a number such as -3 or 3"),
        Field(
            description="population standard deviations that are added to a mean; below 0 for a lower bound",
            examples=[-3],
        ),
    ] = 0
    times: Annotated[
        Number,
        Remedy("write a number above 0, such as 0.5"),
        Field(description="what the figure is multiplied by", gt=0, examples=[0.5]),
    ] = 1
    last: Annotated[
        Count,
        Remedy(f"write a whole number from 1 to {MOST_RUNS}"),
        Field(
            description="how many of the latest runs, or of that weekday, are looked at",
            ge=1,
            le=MOST_RUNS,
            examples=[14],
        ),
    ] = DEFAULT_LAST
    same_weekday: Annotated[
        Flag,
        Remedy("write true, or leave it out"),
        Field(description="only runs of the same day of the week are looked at", examples=[True]),
    ] = False
    at_least: Annotated[
        Count,
        Remedy(f"write a whole number from 1 to {MOST_RUNS}"),
        Field(description="with fewer runs the rules that use it are not evaluated", ge=1, le=MOST_RUNS, examples=[5]),
    ] = DEFAULT_AT_LEAST
    per: Annotated[
        HistoryUnit,
        Remedy("it may be {choices}"),
        Field(description="whether a run is a value, or all runs of a day together", examples=["day"]),
    ] = HistoryUnit.RUN

    @property
    def metric_name(self) -> str:
        """What results call the metric: `row_count`, `fare.sum`."""
        return f"{self.column}.{self.metric}" if self.column else str(self.metric)

    def compute(self, values: Sequence[float]) -> float | None:
        """Return the bound over a metric's values of the runs that count, None where there are fewer than `at_least`."""
        figure = self.figure_of(values)
        if figure is None:
            return None
        if self.deviations:
            figure += self.deviations * statistics.pstdev(values)
        return figure * self.times

    def figure_of(self, values: Sequence[float]) -> float | None:
        """Return what the values come to, such as their median, None where there are fewer than `at_least`."""
        return _figure(self.of, values) if len(values) >= self.at_least else None


def _figure(figure: HistoryFigure, values: Sequence[float]) -> float:
    match figure:
        case HistoryFigure.MEDIAN:
            return statistics.median(values)
        case HistoryFigure.MEAN:
            return statistics.fmean(values)
        case HistoryFigure.MINIMUM:
            return min(values)
        case HistoryFigure.MAXIMUM:
            return max(values)
        case _:
            assert_never(figure)
