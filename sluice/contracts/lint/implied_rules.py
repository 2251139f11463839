"""Rules that another rule of the same contract already implies."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType
from sluice.contracts.diff.rule_ranges import AllowedValues, MeasuredSubject, Range, comparable_value, rule_demand
from sluice.contracts.lint.findings import Finding
from sluice.contracts.rule_words import in_words

# What bounds every value bounds these of them.
ALL_VALUE_MEASURES = ("min", "max", "mean", "median")


def find_implied(contract: Contract) -> Iterator[Finding]:
    """Yield each rule that another one makes superfluous, naming that one."""
    types = contract.judged_types
    for index, rule in enumerate(contract.rules):
        if stronger := _stronger_rule(contract.rules, index, types):
            yield Finding(
                "implied",
                f"{in_words(rule)}: {stronger.rule} already demands it, since {in_words(stronger)}",
                "drop it, or demand more",
                rule.rule,
            )


def _stronger_rule(rules: tuple[Rule, ...], index: int, types: Mapping[str, ColumnType]) -> Rule | None:
    """Return a rule that implies the one at `index`; of two that say the same the later one is superfluous."""
    rule = rules[index]
    earlier = (candidate for candidate in rules[:index] if implies_rule(candidate, rule, types))
    later = (
        candidate
        for candidate in rules[index + 1 :]
        if implies_rule(candidate, rule, types) and not implies_rule(rule, candidate, types)
    )
    return next(earlier, None) or next(later, None)


def implies_rule(strong: Rule, weak: Rule, types: Mapping[str, ColumnType], *, weighed: bool = True) -> bool:
    """Say whether rows that hold `strong` always hold `weak`, and, where that is `weighed`, breaking it weighs as much."""
    if weighed and strong.severity.rank < weak.severity.rank:
        return False
    if strong.kwargs.get("row_condition") not in (None, weak.kwargs.get("row_condition")):
        return False
    if strong.type == weak.type and _bare_arguments(strong) == _bare_arguments(weak):
        return strong.kwargs.get("mostly", 1) >= weak.kwargs.get("mostly", 1)
    return strong.kwargs.get("mostly", 1) == 1 and _is_narrower(strong, weak, types)


def _bare_arguments(rule: Rule) -> dict[str, Any]:
    ignored = ("mostly", "row_condition", "condition_parser")
    return {
        name: argument
        for name, argument in rule.kwargs.items()
        if name not in ignored and argument not in (None, False)
    }


def _is_narrower(strong: Rule, weak: Rule, types: Mapping[str, ColumnType]) -> bool:
    strong_demand, weak_demand = rule_demand(strong, types), rule_demand(weak, types)
    if strong_demand and weak.type == "expect_column_values_to_not_be_in_set":
        return _excludes_values(*strong_demand, weak, types)
    if not strong_demand or not weak_demand or strong_demand[0][1] != weak_demand[0][1]:
        return False
    ((measure, _), narrow), ((weak_measure, _), wide) = strong_demand, weak_demand
    if measure == "value" and weak_measure == "length" and isinstance(narrow, frozenset):
        return _covers_demand(wide, frozenset(Decimal(len(entry)) for entry in narrow if isinstance(entry, str)))
    if measure == "value" and weak_measure in ALL_VALUE_MEASURES:
        return _covers_demand(wide, narrow)
    return measure == weak_measure and _covers_demand(wide, narrow)


def _excludes_values(
    subject: MeasuredSubject, narrow: AllowedValues, weak: Rule, types: Mapping[str, ColumnType]
) -> bool:
    column = weak.kwargs["column"]
    if subject != ("value", column):
        return False
    refused = {comparable_value(entry, types[column].family) for entry in weak.kwargs["value_set"]}
    return not any(
        narrow.contains_value(excluded) if isinstance(narrow, Range) else excluded in narrow for excluded in refused
    )


def _covers_demand(wide: AllowedValues, narrow: AllowedValues) -> bool:
    if isinstance(wide, Range):
        return wide.covers_values(narrow)
    return isinstance(narrow, frozenset) and narrow <= wide
