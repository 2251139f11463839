"""The results that a proof lets a rule look back at: which days have which metrics, and with what values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from etl.contract.stage import Stage
from etl.results.run_line import RunLine
from sluice.contracts.history.bound_uses import BoundUse
from sluice.contracts.history.stand_in_lines import stand_in_line

DAYS_OF_WEEK = 7
Metric = tuple[Stage, str]
"""A stage, and what results call a metric of it."""


@dataclass(frozen=True)
class StagedUse:
    """A use of a bound, and the stage of its rule."""

    stage: Stage
    use: BoundUse

    @property
    def metric(self) -> Metric:
        """What the bound is made of."""
        return self.stage, self.use.bound.metric_name


@dataclass(frozen=True)
class HistoryPlan:
    """Earlier runs of a dataset before `run_date`, for the bounds that its rules use."""

    dataset: str
    run_date: date
    uses: Sequence[StagedUse]

    def enough_lines(self, values: Mapping[Metric, float]) -> list[RunLine]:
        """Return as many runs as every bound needs, each with these values."""
        days: dict[Metric, set[int]] = {}
        for staged in self.uses:
            bound = staged.use.bound
            step = DAYS_OF_WEEK if bound.same_weekday else 1
            days.setdefault(staged.metric, set()).update(step * (index + 1) for index in range(bound.at_least))
        return self._lines(values, days)

    def too_few_lines(self, values: Mapping[Metric, float]) -> list[RunLine]:
        """Return runs with these values of which each bound lacks one, all of the weekday of the run date."""
        days: dict[Metric, set[int]] = {}
        for staged in self.uses:
            fewest = min(other.use.bound.at_least for other in self.uses if other.metric == staged.metric) - 1
            days[staged.metric] = {DAYS_OF_WEEK * (index + 1) for index in range(fewest)}
        return self._lines(values, days)

    def _lines(self, values: Mapping[Metric, float], days_ago: Mapping[Metric, set[int]]) -> list[RunLine]:
        lines: list[RunLine] = []
        for ago in sorted(set[int]().union(*days_ago.values())):
            metrics: dict[str, dict[str, int | float | None]] = {}
            for (stage, name), days in days_ago.items():
                if ago in days and (stage, name) in values:
                    metrics.setdefault(stage, {})[name] = values[stage, name]
            lines.append(stand_in_line(self.dataset, self.run_date - timedelta(days=ago), ago, metrics))
        return lines
