"""What two contracts would have made of the same data, side by side."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from sluice.contracts.backtest.outcome import Group, Name, Outcome, is_row
from sluice.contracts.backtest.row_outcomes import ASIDE, REFUSED

Samples = dict[str, tuple[str | None, ...]]
"""A few values by rule."""


@dataclass(frozen=True)
class Counts:
    """Rows, or runs, that broke a rule by the published and the changed contract; None where that one has no such rule."""

    rule: str
    severity: str
    published: int | None
    changed: int | None
    samples: tuple[str | None, ...]


@dataclass(frozen=True)
class Report:
    """The backtest of a suite; `published` is None where there was none before."""

    groups: list[Group]
    published: Outcome | None
    changed: Outcome
    samples: Samples

    @cached_property
    def rows(self) -> int:
        """How many rows were given, as far as either contract could read them."""
        return sum(group.rows for group in self.groups if is_row(group))

    @cached_property
    def newly(self) -> int:
        """How many rows the changed contract refuses and the published one does not."""
        return self._only(self.changed, self.published)

    @cached_property
    def no_longer(self) -> int:
        """How many rows the published contract refuses and the changed one does not."""
        return self._only(self.published, self.changed) if self.published else 0

    def _only(self, one: Outcome, other: Outcome | None) -> int:
        refused = [group for group in self.groups if is_row(group) and one.refuses(group)]
        return sum(group.rows for group in refused if other is None or not other.refuses(group))

    def newly_refused(self, kind: str) -> list[Name]:
        """Return the units that the changed contract refuses whole and the published one does not."""
        before = self.published.refused(kind) if self.published else {}
        return [name for name in self.changed.refused(kind) if name not in before]

    @property
    def refuses_more(self) -> bool:
        """Whether the changed contract refuses anything that the published one does not."""
        return self.newly > 0 or any(self.newly_refused(kind) for kind in self.changed.units)

    @cached_property
    def counts(self) -> list[Counts]:
        """What broke each rule that either contract saw broken: structure first, then as the suites have them."""
        sides = [one for one in (self.changed, self.published) if one]
        listed = dict.fromkeys(rule for one in sides for rule in one.terms.severities)
        broken = {rule for one in sides for rule in one.broken}
        named = [*sorted(broken - listed.keys()), *(rule for rule in listed if rule in broken)]
        return [self._counts(rule) for rule in named]

    def _counts(self, rule: str) -> Counts:
        sides = [one for one in (self.changed, self.published) if one]
        severities = [one.terms.severities[rule] for one in sides if rule in one.terms.severities]
        numbers = _number(self.published, rule), _number(self.changed, rule)
        return Counts(rule, (*severities, "critical")[0], *numbers, self.samples.get(rule, ()))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "rows": self.rows,
            "published": _plain(self.published) if self.published else None,
            "changed": _plain(self.changed),
            "rows_newly_refused": self.newly,
            "rows_no_longer_refused": self.no_longer,
            **{f"{kind}s_newly_refused": self.newly_refused(kind) for kind in self.changed.units},
            "refuses_more": self.refuses_more,
            "rules": [asdict(one) for one in self.counts],
            "not_evaluated": self.changed.terms.unevaluated,
        }


def _number(one: Outcome | None, rule: str) -> int | None:
    """Return how many broke a rule; None where the contract does not have it."""
    if one is None or (rule not in one.broken and rule not in one.terms.severities and one.terms.is_own(rule)):
        return None
    return one.broken[rule]


def _plain(one: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        "version": one.terms.contract.version,
        "rows_refused": one.rows(REFUSED),
        "rows_set_aside": one.rows(ASIDE),
        "rules_in_error": one.in_error,
    }
    for kind, units in one.units.items():
        refused = one.refused(kind).items()
        rules = [
            {"name": name, "rules": {rule: unit.broken.get(rule, 0) for rule in unit.critical}}
            for name, unit in refused
        ]
        found |= {f"{kind}s": len(units), f"{kind}s_refused": rules}
    return found
