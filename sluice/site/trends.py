"""The charts of a dataset: rows, rows set aside, breaks, and each rule's own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from sluice.site.charts import Axis, line_chart, spark_line
from sluice.site.dataset_history import DatasetHistory
from sluice.site.rule_history import RuleHistory

WEEK = 7
MOST_SPARKS = 12  # rules with a drawing of their own on a dataset's page, those that broke on most days
FEWEST_POINTS = 2  # of one nothing can be drawn
MONTH_TICK_DAYS = 40  # up to so many days each week is named, else each month


@dataclass(frozen=True)
class BrokenRuleTrend:
    """A rule that broke, with its drawing by week; None where others broke more often."""

    history: RuleHistory
    spark: Markup | None


def chart_axis(history: DatasetHistory) -> Axis:
    """Return the axis that all charts of a dataset share."""
    if not history.days:
        return Axis(0)
    first, last = history.days[0].date, history.days[-1].date
    length = (last - first).days + 1
    dates = [first + timedelta(days=number) for number in range(length)]
    if length > MONTH_TICK_DAYS:
        ticks = [(number, f"{day:%b}") for number, day in enumerate(dates) if day.day == 1]
    else:
        ticks = [(number, f"{day.day} {day:%b}") for number, day in enumerate(dates) if number % WEEK == 0]
    marks = {(mark.date - first).days: mark.words for mark in history.marks if mark.date >= first}
    return Axis(length, tuple(ticks), tuple(marks.items()))


def rows_chart(history: DatasetHistory) -> Markup | None:
    """Return the rows that were published by day, None where too few days were."""
    published = [(number, float(day.rows_published)) for number, day in enumerate(history.days) if day.has_rows]
    return _chart(published, history, "Rows published by day")


def aside_chart(history: DatasetHistory) -> Markup | None:
    """Return the rows that were set aside by day, None where none ever was."""
    aside = [(number, float(day.rows_quarantined)) for number, day in enumerate(history.days) if day.has_rows]
    return _chart(aside, history, "Rows set aside by day") if any(rows for _, rows in aside) else None


def breaks_chart(history: DatasetHistory) -> Markup | None:
    """Return by week how often rules broke, each once a run, None where none ever did."""
    dates = [line.run_date for rule in history.rules.values() for line in rule.broken]
    return _chart(_by_week(Counter(dates), history), history, "Broken rules by week") if dates else None


def rule_chart(rule: RuleHistory, history: DatasetHistory) -> Markup | None:
    """Return by week how many rows broke a rule, None where none did."""
    title = f"Rows that broke {rule.rule} by week"
    return _chart(_by_week(_rows_by_date(rule), history), history, title) if rule.broken else None


def observed_chart(rule: RuleHistory, history: DatasetHistory) -> Markup | None:
    """Return what was observed of a rule by day, None where that is no number or always the same."""
    if len(set(rule.observed.values())) < FEWEST_POINTS:
        return None
    first = history.days[0].date
    points = [((day - first).days, number) for day, number in sorted(rule.observed.items())]
    return _chart(points, history, f"Observed by {rule.rule}", fill=False)


def broken_rule_trends(history: DatasetHistory) -> list[BrokenRuleTrend]:
    """Return the rules that broke, those first that did so on most days."""
    broken = [rule for rule in history.rules.values() if rule.broken]
    ranked = sorted(broken, key=lambda rule: (-len(rule.broken_dates), rule.rule))
    return [
        BrokenRuleTrend(rule, _spark(rule, history) if place < MOST_SPARKS else None)
        for place, rule in enumerate(ranked)
    ]


def _spark(rule: RuleHistory, history: DatasetHistory) -> Markup | None:
    points = _by_week(_rows_by_date(rule), history)
    if len(points) < FEWEST_POINTS:
        return None
    return spark_line(points, chart_axis(history), f"Rows that broke {rule.rule} by week")


def _chart(points: list[tuple[int, float]], history: DatasetHistory, title: str, fill: bool = True) -> Markup | None:
    return line_chart(points, chart_axis(history), title, fill) if len(points) >= FEWEST_POINTS else None


def _rows_by_date(rule: RuleHistory) -> Counter[date]:
    rows: Counter[date] = Counter()
    for line in rule.broken:
        rows[line.run_date] += line.rows_broken
    return rows


def _by_week(numbers: Counter[date], history: DatasetHistory) -> list[tuple[int, float]]:
    """Return sums by week of the history, each at the week's first day."""
    days = range(0, len(history.days), WEEK)
    return [(start, float(sum(numbers[day] for day in _week(history, start)))) for start in days]


def _week(history: DatasetHistory, start: int) -> Iterable[date]:
    return (day.date for day in history.days[start : start + WEEK])
