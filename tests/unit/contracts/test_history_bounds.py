"""A bound from earlier runs, and the days on which objects are due: arithmetic, without a run."""

import pytest

from etl.contract.arrivals import WEEKDAYS, DueArrival
from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric

VALUES = [10.0, 20.0, 30.0, 40.0, 100.0]


@pytest.mark.parametrize(
    ("figure", "deviations", "times", "expected"),
    [
        (HistoryFigure.MEDIAN, 0, 0.5, 15.0),
        (HistoryFigure.MEAN, 0, 1, 40.0),
        (HistoryFigure.MINIMUM, 0, 1, 10.0),
        (HistoryFigure.MAXIMUM, 0, 2, 200.0),
        (HistoryFigure.MEAN, -1, 1, 40 - 1000**0.5),
        (HistoryFigure.MEAN, 2, 1, 40 + 2 * 1000**0.5),
    ],
)
def test_a_bound_is_a_figure_of_the_runs_before(
    figure: HistoryFigure, deviations: float, times: float, expected: float
) -> None:
    bound = HistoryBound(metric=HistoryMetric.ROW_COUNT, of=figure, deviations=deviations, times=times)
    assert bound.compute(VALUES) == pytest.approx(expected)


def test_fewer_runs_than_at_least_give_no_bound() -> None:
    bound = HistoryBound(metric=HistoryMetric.ROW_COUNT, at_least=6)
    assert bound.compute(VALUES) is None


def test_results_call_a_metric_by_its_column() -> None:
    assert HistoryBound(metric=HistoryMetric.SUM, column="fare").metric_name == "fare.sum"
    assert HistoryBound(metric=HistoryMetric.ROW_COUNT).metric_name == "row_count"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("MON-SAT", WEEKDAYS[:6]),
        ("MON,THU", ("MON", "THU")),
        ("FRI-MON", ("MON", "FRI", "SAT", "SUN")),
        ("SUN", ("SUN",)),
        ("MON-SUN", WEEKDAYS),
    ],
)
def test_the_days_that_an_arrival_is_due(days: str, expected: tuple[str, ...]) -> None:
    assert DueArrival(pattern="*.csv", by="05:30", days=days).weekdays == expected
