"""How often a bound would have rung: runs in their order, each held to what the ones before it give."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from etl.contract.history import HistoryBound, HistoryMetric
from etl.contract.model import Contract, Rule
from etl.contract.run_parameters import BOUND_ARGUMENTS, is_strict
from etl.contract.severity import Severity
from etl.contract.stage import Stage, SuiteStage
from etl.history.resolution import given_value
from etl.history.run_values import earlier_values, value_of_day
from etl.results.run_line import RunLine
from sluice.contracts.history.bound_words import judged_metric

LOWER, UPPER = BOUND_ARGUMENTS


@dataclass(frozen=True)
class BoundedRun:
    """A run with what a rule compares: its `value`, and the `limit` from the runs before it, None where these are too few."""

    line: RunLine
    value: float
    limit: float | None
    is_broken: bool


@dataclass(frozen=True)
class HistoryRings:
    """On which days a rule would have rung.

    Attributes:
        rule: its id.
        severity: its severity.
        runs: how many runs have what it compares; None where results do not tell it.
        judged: how many of these had enough runs before them.
        rang: the days of those that break it, as ISO text.
    """

    rule: str
    severity: Severity
    runs: int | None
    judged: int
    rang: tuple[str, ...]


@dataclass(frozen=True)
class BoundWalk:
    """A bound as a rule uses it.

    Attributes:
        bound: the bound.
        argument: which one of the rule it is, `min_value` or `max_value`.
        stage: whose metrics are compared.
        judged: the metric that the rule compares, as results call it.
        strict: whether the bound itself breaks the rule.
    """

    bound: HistoryBound
    argument: str
    stage: SuiteStage
    judged: str
    strict: bool = False

    def walk_runs(self, lines: Iterable[RunLine]) -> Iterator[BoundedRun]:
        """Yield the ordinary runs that have a value of what is judged, each with its limit, by their days.

        A run counts for those after it whether it breaks the bound or not: as if somebody had accepted it.
        """
        ordinary = [line for line in lines if line.is_ordinary]
        ordinary.sort(key=lambda line: (line.run_date, line.started, line.run_id))
        for index, line in enumerate(ordinary):
            value = line.metrics.get(self.stage, {}).get(self.judged)
            if value is None:
                continue
            compared = 1 - value if self.judged.endswith(f".{HistoryMetric.NULL_SHARE}") else value
            limit = self._limit_of(ordinary[:index], line)
            yield BoundedRun(line, compared, limit, limit is not None and self._breaks(compared, limit))

    def _limit_of(self, before: Sequence[RunLine], line: RunLine) -> float | None:
        stage = Stage(self.stage)
        computed = self.bound.compute([run.value for run in earlier_values(self.bound, stage, before, line.run_date)])
        if computed is None:
            return None
        of_day = value_of_day(self.bound, stage, before, line.run_date)
        return given_value(self.bound, computed, of_day, self.argument, self.strict)

    def _breaks(self, value: float, limit: float) -> bool:
        return (self.strict and value == limit) or (value < limit if self.argument == LOWER else value > limit)


def count_rings(contract: Contract, lines: Sequence[RunLine]) -> list[HistoryRings]:
    """Return on which of the runs each rule with a bound from earlier ones would have rung, in the order of the rules."""
    return [_rings_of(rule, contract, lines) for rule in contract.rules if rule.history]


def _rings_of(rule: Rule, contract: Contract, lines: Sequence[RunLine]) -> HistoryRings:
    judged = judged_metric(rule)
    if not judged:
        return HistoryRings(rule.rule, rule.severity, None, 0, ())
    walks = [
        BoundWalk(bound, argument, contract.stage, judged, is_strict(rule.kwargs, argument))
        for argument in BOUND_ARGUMENTS
        if (bound := rule.history_bound(argument))
    ]
    runs = [*zip(*(walk.walk_runs(lines) for walk in walks), strict=True)]
    evaluated = [sides for sides in runs if all(side.limit is not None for side in sides)]
    rang = [sides[0].line.run_date for sides in evaluated if any(side.is_broken for side in sides)]
    days = dict.fromkeys(day.isoformat() for day in rang)
    return HistoryRings(rule.rule, rule.severity, len(runs), len(evaluated), tuple(days))
