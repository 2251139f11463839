"""Bounds from earlier runs that a dataset's results suggest: narrow enough to say something, and wide of what was."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, assert_never

from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.run_parameters import BOUND_ARGUMENTS, PARAMETER
from etl.contract.severity import Severity
from etl.contract.stage import Stage, SuiteStage
from etl.results.run_line import RunLine
from sluice.contracts.history.bound_words import RULE_METRICS, describe_history
from sluice.contracts.history.walk import LOWER, UPPER, BoundedRun, BoundWalk

FEWEST_RUNS = 10
"""Runs that a proposal takes: as many as a bound needs before it judges, and five that it judges."""
FEWEST_JUDGED = 5
LOWER_TIMES = (0.9, 0.8, 0.7, 0.5, 0.3, 0.1)
UPPER_TIMES = (1.1, 1.25, 1.5, 2, 3, 5, 10)
DEVIATIONS = (2, 3, 4, 5, 6)
"""What is tried, the narrowest first."""
SIDES = {LOWER: "low", UPPER: "high"}


@dataclass(frozen=True)
class BoundProposal:
    """A bound with a rule that uses it, and how often it would have rung.

    Attributes:
        name: the bound's name.
        stage: whose suite it is for.
        bound: the bound.
        argument: what of the rule it is.
        judged: how many runs had enough runs before them.
        rang: the days of those that would have broken it, as ISO text.
        narrower: the next narrower bound that was tried, and on how many runs that would have rung; None where none was.
    """

    name: str
    stage: SuiteStage
    bound: HistoryBound
    argument: str
    judged: int
    rang: tuple[str, ...]
    narrower: tuple[HistoryBound, int] | None = None

    @property
    def words(self) -> str:
        """The bound in words."""
        return describe_history(self.bound, self.bound.metric_name)

    def bound_json(self) -> dict[str, Any]:
        """Return the bound as a suite has it, without what it has by default."""
        plain = {key: str(value) if isinstance(value, str) else value for key, value in asdict(self.bound).items()}
        defaults = {field.name: field.default for field in fields(HistoryBound)}
        return {key: value for key, value in plain.items() if value != defaults[key]}

    def rule_json(self, dataset: str) -> dict[str, Any]:
        """Return a rule that uses it, which informs until a person has seen it ring rightly."""
        metric, column = self.bound.metric, self.bound.column
        kind = next(kind for kind, judged in RULE_METRICS.items() if judged is metric)
        subject = _plain_name(column) if column else "rows"
        return {
            "type": kind,
            "kwargs": {**({"column": column} if column else {}), self.argument: {PARAMETER: self.name}},
            "severity": str(Severity.INFO),
            "meta": {"rule": f"{dataset}.{subject}.usual_{self.name}", "why": f"Usually it is {self._usual_words()}."},
        }

    def _usual_words(self) -> str:
        return f"{'at least' if self.argument == LOWER else 'at most'} {self.words}"


def propose_bounds(stage: SuiteStage, lines: Sequence[RunLine]) -> Iterator[BoundProposal]:
    """Yield a lower and an upper bound of each metric that enough ordinary runs of a stage have."""
    ordinary = [line for line in lines if line.is_ordinary]
    per_day = len({line.run_date for line in ordinary}) < len(ordinary)
    for metric_name in dict.fromkeys(name for line in ordinary for name in line.metrics.get(stage, {})):
        lines_with_metric = [line for line in ordinary if line.metrics.get(stage, {}).get(metric_name) is not None]
        if len(lines_with_metric) >= FEWEST_RUNS:
            for argument in BOUND_ARGUMENTS:
                yield from _propose(metric_name, argument, stage, lines_with_metric, per_day=per_day)


def _propose(
    metric_name: str, argument: str, stage: SuiteStage, lines: Sequence[RunLine], *, per_day: bool
) -> Iterator[BoundProposal]:
    column, _, metric = metric_name.rpartition(".")
    bound = HistoryBound(metric=HistoryMetric(metric), column=column)
    if per_day and bound.metric.has_days:
        bound = replace(bound, per=HistoryUnit.DAY)
        if argument == LOWER and bound.metric is not HistoryMetric.MINIMUM:
            return  # the first part of a day would break it
    choices = [
        choice
        for same_weekday in (False, True)
        if (choice := _narrowest(replace(bound, same_weekday=same_weekday), argument, stage, lines, metric_name))
    ]
    if choices:
        _, chosen = min(choices, key=lambda choice: (len(choice[1].rang) > 0, choice[0]))
        yield chosen


def _narrowest(
    bound: HistoryBound, argument: str, stage: SuiteStage, lines: Sequence[RunLine], metric_name: str
) -> tuple[int, BoundProposal] | None:
    """Return the bound one step wider than the narrowest that no run would have broken, with the number of its step."""
    steps = _steps(bound, argument)
    walks = [BoundWalk(step, argument, stage, metric_name).walk_runs(lines) for step in steps]
    judged = [[run for run in walk if run.limit is not None] for walk in walks]
    if not steps or len(judged[0]) < FEWEST_JUDGED:
        return None
    quiet = next((index for index, runs in enumerate(judged) if not _rings(runs)), len(steps))
    index = min(quiet + 1, len(steps) - 1)
    narrower = (steps[index - 1], len(_rings(judged[index - 1]))) if index else None
    days = tuple(dict.fromkeys(run.line.run_date.isoformat() for run in _rings(judged[index])))
    name = _name(bound, argument)
    return index, BoundProposal(name, stage, steps[index], argument, len(judged[index]), days, narrower)


def _rings(runs: Sequence[BoundedRun]) -> list[BoundedRun]:
    return [run for run in runs if run.is_broken]


def _steps(bound: HistoryBound, argument: str) -> list[HistoryBound]:
    """Return the bounds that are tried, the narrowest first; none where the metric is bounded from one side only."""
    match bound.metric:
        case HistoryMetric.ROW_COUNT | HistoryMetric.DISTINCT_COUNT:
            return [replace(bound, times=times) for times in (LOWER_TIMES if argument == LOWER else UPPER_TIMES)]
        case HistoryMetric.NULL_SHARE:  # as a lower bound of the share that is not null
            widest = replace(bound, of=HistoryFigure.MAXIMUM)
            return [replace(widest, times=times) for times in UPPER_TIMES] if argument == LOWER else []
        case HistoryMetric.SUM | HistoryMetric.MEAN | HistoryMetric.MINIMUM | HistoryMetric.MAXIMUM:
            side = -1 if argument == LOWER else 1  # they may be below 0, where a factor would narrow them
            return [replace(bound, of=HistoryFigure.MEAN, deviations=side * number) for number in DEVIATIONS]
        case _:
            assert_never(bound.metric)


def _name(bound: HistoryBound, argument: str) -> str:
    if bound.metric is HistoryMetric.NULL_SHARE:
        return f"{_plain_name(bound.column)}_nulls_high"
    subject = "rows" if bound.metric is HistoryMetric.ROW_COUNT else f"{_plain_name(bound.column)}_{bound.metric}"
    return f"{subject}_{SIDES[argument]}"


def _plain_name(column: str) -> str:
    """Return a column's name as names of bounds and ids of rules may be."""
    return re.sub(r"[^a-z0-9_]+", "_", column.lower()).lstrip("_0123456789") or "column"


def stage_proposals(lines: Sequence[RunLine]) -> list[BoundProposal]:
    """Return what is proposed for both suites; the number of rows for the output alone, since that of the input is alike."""
    proposals = [*propose_bounds(Stage.OUTPUT, lines)]
    names = {proposal.name for proposal in proposals}
    return [*proposals, *(proposal for proposal in propose_bounds(Stage.INPUT, lines) if proposal.name not in names)]
