"""What became of each rule over the days: how often it held and broke, on which days, and what was observed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from etl.contract.sample_values import MASK
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.rule_line import RuleLine
from etl.results.rule_state import COMPUTED, RuleState
from etl.results.run_line import RunLine
from sluice.site.personal_values import PersonalValues


@dataclass
class RuleHistory:
    """One rule's history.

    Attributes:
        severity: what the last run had it weigh.
        counts: the number of runs by what became of the rule.
        not_held: the lines of runs in which it broke or was in error, by the run's start.
        observed: what was observed, by date, where it is a number and is about nobody.
        last_seen: the date of the last run that judged it.
    """

    rule: str
    severity: Severity
    last_seen: date
    counts: dict[RuleState, int] = field(default_factory=lambda: dict.fromkeys(RuleState, 0))
    not_held: list[RuleLine] = field(default_factory=list[RuleLine])
    observed: dict[date, float] = field(default_factory=dict[date, float])

    @property
    def broken(self) -> list[RuleLine]:
        """The lines of runs whose data broke it."""
        return [line for line in self.not_held if line.state is RuleState.BROKEN]

    @property
    def broken_dates(self) -> list[date]:
        """The days on which data broke it, in order."""
        return sorted({line.run_date for line in self.broken})

    @property
    def rows_broken(self) -> int:
        """Rows that broke it, of all runs."""
        return sum(line.rows_broken for line in self.broken)

    @property
    def runs(self) -> int:
        """The runs that have a line of it."""
        return sum(self.counts.values())


def rule_histories(
    lines: Iterable[RuleLine], runs: Iterable[RunLine], personal: PersonalValues
) -> dict[str, RuleHistory]:
    """Return the history of each rule, by its id.

    `runs` say what broke where no lines of rules are at hand: earlier versions of Sluice wrote none.
    """
    lines = list(lines)
    runs_with_lines = {line.run_id for line in lines}
    broken = (line for run in runs if run.run_id not in runs_with_lines for line in _lines_of_run(run))
    histories: dict[str, RuleHistory] = {}
    for line in sorted((*lines, *broken), key=lambda line: (line.started, line.run_id)):
        history = histories.setdefault(line.rule, RuleHistory(line.rule, line.severity, line.run_date))
        _add_line(history, line, personal)
    return histories


def _add_line(history: RuleHistory, line: RuleLine, personal: PersonalValues) -> None:
    history.severity, history.last_seen = line.severity, max(history.last_seen, line.run_date)
    history.counts[line.state] += 1
    if line.state in (RuleState.BROKEN, RuleState.ERROR):
        history.not_held.append(line)
    if line.observed is not None and line.state.is_conclusive:
        number = _number(line.observed)
        if number is not None and personal.mask_value(line.rule, line.observed) != MASK:
            history.observed[line.run_date] = number


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None  # a NaN is less than nothing


def _lines_of_run(run: RunLine) -> Iterator[RuleLine]:
    for broken in run.broken:
        yield RuleLine(
            version=1,
            dataset=run.dataset,
            run_id=run.run_id,
            kind=run.kind,
            run_date=run.run_date,
            started=run.started,
            rule=broken.rule,
            stage=Stage.OUTPUT,  # it is not known, and not told
            severity=broken.severity,
            state=RuleState.BROKEN,
            way=COMPUTED,
            rows_judged=None,
            rows_broken=broken.rows,
            observed=None,
        )
