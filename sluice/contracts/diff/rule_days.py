"""What the results of the last days say of rules that a change touches: how often each broke, and would break now.

Results hold what was observed of the whole, such as a row count or a mean, so a new bound can be held against it. Of a rule
about rows they hold how many broke it; what another one would refuse takes the data (`sluice backtest`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.results_layout import SUFFIX, ResultKind, days_folder
from etl.errors import ResultsUnreadable
from etl.results.result_lines import parse_lines
from etl.results.rule_line import RuleLine, rule_line_adapter
from etl.results.rule_state import RuleState
from etl.runtime.arguments import RunKind

DAYS = 14
BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class RuleDays:
    """A rule over the last days.

    Attributes:
        rule: its id.
        runs: how many runs judged it.
        broken: in how many of these it broke.
        rows_broken: rows that broke it in all.
        would_break: the runs that would break it as it is now, each as its day and what was observed; None where results
            do not tell.
    """

    rule: str
    runs: int
    broken: int
    rows_broken: int
    would_break: tuple[str, ...] | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class ResultsRead:
    """The lines of a dataset's rules, of the last days that have any, and the files that could not be read."""

    lines: list[RuleLine]
    unreadable: list[str]


def read_rule_lines(place: Path, dataset: str) -> ResultsRead:
    """Read the ordinary runs of the last days from a folder that is a copy of the assets bucket.

    The days end with the last that has results, so that an older copy still says something.
    """
    folder = place / days_folder(ResultKind.RULES, dataset)
    files = sorted(folder.glob(f"day=*/*{SUFFIX}"))
    lines: list[RuleLine] = []
    unreadable: list[str] = []
    first = _first_day(files)
    for file in (file for file in files if file.parent.name >= first):
        try:
            lines += parse_lines(rule_line_adapter(), file.read_bytes())
        except ResultsUnreadable as error:
            unreadable.append(f"{file}: {error}")
    return ResultsRead([line for line in lines if line.kind is RunKind.RUN], unreadable)


def _first_day(files: list[Path]) -> str:
    """Return the first folder that counts; days that are none count from their name on."""
    try:
        last = date.fromisoformat(files[-1].parent.name.removeprefix("day="))
    except (IndexError, ValueError):
        return ""
    return f"day={last - timedelta(days=DAYS - 1)}"


def rule_days(
    old: Contract | None, new: Contract | None, changed: Iterable[str], lines: Iterable[RuleLine]
) -> list[RuleDays]:
    """Return what results say of each changed rule that they have, in the order of `changed`.

    Args:
        old: the contract that the results are of; None where there was none, or it does not load.
        new: the contract as it becomes; None where it is gone.
        changed: the ids of what changed.
        lines: the dataset's, as `read_rule_lines` returns them.
    """
    conclusive = [line for line in lines if line.state.is_conclusive]
    rules = ({rule.rule: rule for rule in contract.rules} if contract else {} for contract in (old, new))
    before, after = rules
    return [
        _days_of(rule, before.get(rule), after.get(rule), judged)
        for rule in dict.fromkeys(changed)
        if (judged := [line for line in conclusive if line.rule == rule])
    ]


def _days_of(rule: str, old: Rule | None, new: Rule | None, lines: list[RuleLine]) -> RuleDays:
    broken = [line for line in lines if line.state is RuleState.BROKEN]
    would_break = [*_breaking_days(new, lines)] if old and new and _differ_in_bounds_alone(old, new) else None
    is_told = would_break is not None and all(line.observed and NUMBER.fullmatch(line.observed) for line in lines)
    return RuleDays(
        rule,
        len(lines),
        len(broken),
        sum(line.rows_broken for line in broken),
        tuple(would_break) if would_break is not None and is_told else None,
    )


def _breaking_days(rule: Rule, lines: list[RuleLine]) -> Iterator[str]:
    for line in lines:
        if line.observed and NUMBER.fullmatch(line.observed) and not _is_within(Decimal(line.observed), rule.kwargs):
            yield f"{line.run_date} ({line.observed})"


def _differ_in_bounds_alone(old: Rule, new: Rule) -> bool:
    """Say whether what was observed for one is what the other judges, and its bounds are plain numbers."""
    bounds = [new.kwargs.get(name) for name in BOUNDS[:2]]
    are_numbers = all(
        bound is None or (isinstance(bound, int | float) and not isinstance(bound, bool)) for bound in bounds
    )
    return (
        old.type == new.type and any(bound is not None for bound in bounds) and are_numbers and _rest(old) == _rest(new)
    )


def _rest(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in rule.kwargs.items() if name not in BOUNDS}


def _is_within(observed: Decimal, bounds: Mapping[str, Any]) -> bool:
    low, high = bounds.get("min_value"), bounds.get("max_value")
    above = (
        low is None or observed > Decimal(str(low)) or (observed == Decimal(str(low)) and not bounds.get("strict_min"))
    )
    below = (
        high is None
        or observed < Decimal(str(high))
        or (observed == Decimal(str(high)) and not bounds.get("strict_max"))
    )
    return above and below
