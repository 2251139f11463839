"""Where rules of a suite use its bounds from earlier runs, and what each of them keeps a metric from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from etl.contract.history import HistoryBound, HistoryMetric
from etl.contract.model import Contract, Rule
from etl.contract.run_parameters import BOUND_ARGUMENTS


@dataclass(frozen=True)
class BoundUse:
    """A rule that uses a bound, `name` in `meta.history`, as its `min_value` or `max_value`."""

    rule: Rule
    argument: str
    name: str
    bound: HistoryBound

    @property
    def keeps_from_falling(self) -> bool:
        """Whether it breaks where the metric is lower than the bound; a null share bounds the share that is not null."""
        return (self.argument == BOUND_ARGUMENTS[0]) is not (self.bound.metric is HistoryMetric.NULL_SHARE)


def bound_uses(contract: Contract) -> Iterator[BoundUse]:
    """Yield each use, in the order of the rules."""
    for rule in contract.rules:
        for argument, name in rule.parameters.items():
            if name in rule.history:
                yield BoundUse(rule, argument, name, rule.history[name])


def without_history_rules(contract: Contract) -> Contract:
    """Return a contract without the rules that use bounds from earlier runs."""
    return replace(contract, rules=tuple(rule for rule in contract.rules if not rule.history))
