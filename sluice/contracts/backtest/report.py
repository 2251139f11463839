"""What two contracts would have made of the same data, side by side."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from etl.contract.severity import Severity
from sluice.contracts.backtest.outcome import Group, Outcome, UnitName, is_row
from sluice.contracts.backtest.row_outcomes import ASIDE, REFUSED
from sluice.contracts.history.walk import HistoryRings

Samples = dict[str, tuple[str | None, ...]]
"""A few values by rule."""


@dataclass(frozen=True)
class RuleCounts:
    """Rows, or runs, that broke a rule by the published and the changed contract; None where that one has no such rule."""

    rule: str
    severity: str
    published: int | None
    changed: int | None
    samples: tuple[str | None, ...]


@dataclass(frozen=True)
class BacktestReport:
    """The backtest of a suite.

    Attributes:
        groups: the rows.
        published: what the published contract made of them, None where there was none before.
        changed: what the changed one made of them.
        samples: values that broke rules.
        history: on which days the changed contract's rules with bounds from earlier runs would have rung.
    """

    groups: list[Group]
    published: Outcome | None
    changed: Outcome
    samples: Samples
    history: Sequence[HistoryRings] = ()

    @cached_property
    def rows(self) -> int:
        """How many rows were given, as far as either contract could read them."""
        return sum(group.rows for group in self.groups if is_row(group))

    @cached_property
    def newly_refused_rows(self) -> int:
        """How many rows the changed contract refuses and the published one does not."""
        return self._refused_only_by(self.changed, self.published)

    @cached_property
    def no_longer_refused_rows(self) -> int:
        """How many rows the published contract refuses and the changed one does not."""
        return self._refused_only_by(self.published, self.changed) if self.published else 0

    def _refused_only_by(self, outcome: Outcome, other_outcome: Outcome | None) -> int:
        refused = [group for group in self.groups if is_row(group) and outcome.refuses_group(group)]
        return sum(group.rows for group in refused if other_outcome is None or not other_outcome.refuses_group(group))

    def newly_refused(self, kind: str) -> list[UnitName]:
        """Return the units that the changed contract refuses whole and the published one does not."""
        before = self.published.refused_units(kind) if self.published else {}
        return [name for name in self.changed.refused_units(kind) if name not in before]

    @property
    def refuses_more(self) -> bool:
        """Whether the changed contract refuses anything that the published one does not."""
        return self.newly_refused_rows > 0 or any(self.newly_refused(kind) for kind in self.changed.units)

    @cached_property
    def counts(self) -> list[RuleCounts]:
        """What broke each rule that either contract saw broken: structure first, then as the suites have them."""
        sides = [outcome for outcome in (self.changed, self.published) if outcome]
        listed = dict.fromkeys(rule for outcome in sides for rule in outcome.contract_rules.severities)
        broken = {rule for outcome in sides for rule in outcome.broken}
        named = [*sorted(broken - listed.keys()), *(rule for rule in listed if rule in broken)]
        return [self._rule_counts(rule) for rule in named]

    def _rule_counts(self, rule: str) -> RuleCounts:
        sides = [outcome for outcome in (self.changed, self.published) if outcome]
        severities = [
            outcome.contract_rules.severities[rule] for outcome in sides if rule in outcome.contract_rules.severities
        ]
        numbers = _broken_count(self.published, rule), _broken_count(self.changed, rule)
        return RuleCounts(rule, (*severities, Severity.CRITICAL)[0], *numbers, self.samples.get(rule, ()))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "rows": self.rows,
            "published": _outcome_json(self.published) if self.published else None,
            "changed": _outcome_json(self.changed),
            "rows_newly_refused": self.newly_refused_rows,
            "rows_no_longer_refused": self.no_longer_refused_rows,
            **{f"{kind}s_newly_refused": self.newly_refused(kind) for kind in self.changed.units},
            "refuses_more": self.refuses_more,
            "rules": [asdict(rule_counts) for rule_counts in self.counts],
            "not_evaluated": self.changed.contract_rules.unevaluated,
            "history": [asdict(rings) for rings in self.history],
        }


def _broken_count(outcome: Outcome | None, rule: str) -> int | None:
    """Return how many broke a rule; None where the contract does not have it."""
    if outcome is None or (
        rule not in outcome.broken
        and rule not in outcome.contract_rules.severities
        and outcome.contract_rules.is_stated(rule)
    ):
        return None
    return outcome.broken[rule]


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "version": outcome.contract_rules.contract.version,
        "rows_refused": outcome.count_rows(REFUSED),
        "rows_set_aside": outcome.count_rows(ASIDE),
        "rules_in_error": outcome.in_error,
    }
    for kind, units in outcome.units.items():
        refused = outcome.refused_units(kind).items()
        rules = [
            {"name": name, "rules": {rule: unit.broken.get(rule, 0) for rule in unit.critical}}
            for name, unit in refused
        ]
        payload |= {f"{kind}s": len(units), f"{kind}s_refused": rules}
    return payload
