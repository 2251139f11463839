"""Rules with bounds from earlier runs over given data: each day is a run, held to what the days before it had."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.stage import Stage
from etl.gate.history_metrics import HistoryMetrics
from etl.history.resolution import bounds_of
from etl.results.results_reader import RunResultsRead
from etl.results.run_line import RunLine
from sluice.contracts.backtest.outcome import DAY, Outcome, UnitName
from sluice.contracts.backtest.rows import SOUND, JudgedRows, Parameters
from sluice.contracts.backtest.run_rules import check_rules, kept_rows
from sluice.contracts.history.stand_in_lines import stand_in_line
from sluice.contracts.history.walk import HistoryRings

DATE = re.compile(r"(?<!\d)(\d{4})[-_/]?([01]\d)[-_/]?([0-3]\d)(?!\d)")
"""A day in a file's name or folders."""


@dataclass(frozen=True)
class DayOfData:
    """A day, and the unit of rows that stands for its run."""

    run_date: date
    name: UnitName


def days_of_data(outcome: Outcome) -> tuple[str, list[DayOfData]]:
    """Return the kind of units that stand for runs, and these in the order of their days.

    They are the days that a column says, where there is one, else files whose names have a day.
    """
    kind = DAY if DAY in outcome.failing else outcome.run_kind
    dated = [(_day_of(name or ""), name) for name in outcome.failing[kind]]
    days = [DayOfData(day, name) for day, name in dated if day is not None]
    return kind, sorted(days, key=lambda day: (day.run_date, day.name or ""))


def _day_of(name: str) -> date | None:
    """Return the last day that a name has, None where it has none."""
    days: list[date] = []
    for match in DATE.finditer(name):
        try:
            days.append(date(*map(int, match.groups())))
        except ValueError:
            continue
    return days[-1] if days else None


def walk_days(
    judged: JudgedRows, outcome: Outcome, parameters: Parameters, condition: Callable[[str, UnitName], Column]
) -> list[HistoryRings]:
    """Return on which days each rule with a bound from earlier runs would have rung; none where there is no such rule.

    A day counts for those after it whether it breaks a rule or not: as if somebody had accepted it.

    Args:
        judged: the rows as a contract judges them.
        outcome: what the contract made of them.
        parameters: values for `$PARAMETER`, without bounds from earlier runs.
        condition: returns where a row is of a unit, by its kind and name.
    """
    rules = judged.contract_rules.history_rules
    if not rules:
        return []
    kind, days = days_of_data(outcome)
    contract = judged.contract_rules.contract
    evaluated: dict[str, int] = dict.fromkeys((rule.rule for rule in rules), 0)
    rang: dict[str, dict[str, None]] = {rule.rule: {} for rule in rules}
    lines: list[RunLine] = []
    for number, day in enumerate(days):
        rows = _day_rows(judged, condition(kind, day.name), outcome.failing[kind].get(day.name, frozenset())).persist()
        bounds = bounds_of((contract,), RunResultsRead(lines, []), day.run_date)
        values = {name: bound.value for name, bound in bounds.items() if bound.value is not None}
        bounded = [rule for rule in rules if rule.history.keys() <= values.keys()]
        broken = check_rules(judged, rows, bounded, {**parameters, **values}).broken if bounded else ()
        for rule in bounded:
            evaluated[rule.rule] += 1
        for name in broken:
            rang[name][day.run_date.isoformat()] = None
        metrics = HistoryMetrics.from_contract(contract).computed_metrics(rows, rows.count(), {})
        lines.append(stand_in_line(contract.dataset, day.run_date, number, {contract.stage: metrics}))
        rows.unpersist()
    return [
        HistoryRings(rule.rule, rule.severity, len(days), evaluated[rule.rule], tuple(rang[rule.rule]))
        for rule in rules
    ]


def _day_rows(judged: JudgedRows, within: Column, failing: frozenset[str]) -> DataFrame:
    """Return the rows of a day that a run counts: of an output those that it would publish."""
    sound = judged.frame.where(F.col(SOUND) & within)
    is_output = judged.contract_rules.contract.stage is Stage.OUTPUT
    return kept_rows(judged, sound, failing) if is_output else sound
