"""Rules that another rule of the same contract already implies."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.types import family
from sluice.contracts.diff.rule_ranges import Demand, Range, Subject, demand, value
from sluice.contracts.lint.findings import Finding
from sluice.contracts.rule_words import in_words

RANK = {"info": 0, "warning": 1, "critical": 2}
# What bounds every value bounds these of them.
OF_ALL = ("min", "max", "mean", "median")


def implied(contract: Contract) -> Iterator[Finding]:
    """Yield each rule that another one makes superfluous, naming that one."""
    types = {column.name: column.type for column in contract.columns}
    for place, rule in enumerate(contract.rules):
        if stronger := _stronger(contract.rules, place, types):
            yield Finding(
                "implied",
                f"{in_words(rule)}: {stronger.rule} already demands it, since {in_words(stronger)}",
                "drop it, or demand more",
                rule.rule,
            )


def _stronger(rules: tuple[Rule, ...], place: int, types: dict[str, str]) -> Rule | None:
    """Return a rule that implies the one at `place`; of two that say the same the later one is superfluous."""
    rule = rules[place]
    earlier = (one for one in rules[:place] if implies(one, rule, types))
    later = (one for one in rules[place + 1 :] if implies(one, rule, types) and not implies(rule, one, types))
    return next(earlier, None) or next(later, None)


def implies(strong: Rule, weak: Rule, types: dict[str, str], *, weighed: bool = True) -> bool:
    """Say whether rows that hold `strong` always hold `weak`, and, where that is `weighed`, breaking it weighs as much."""
    if weighed and RANK[strong.severity] < RANK[weak.severity]:
        return False
    if strong.kwargs.get("row_condition") not in (None, weak.kwargs.get("row_condition")):
        return False
    if strong.type == weak.type and _bare(strong) == _bare(weak):
        return strong.kwargs.get("mostly", 1) >= weak.kwargs.get("mostly", 1)
    return strong.kwargs.get("mostly", 1) == 1 and _narrower(strong, weak, types)


def _bare(rule: Rule) -> dict[str, Any]:
    aside = ("mostly", "row_condition", "condition_parser")
    return {name: one for name, one in rule.kwargs.items() if name not in aside and one not in (None, False)}


def _narrower(strong: Rule, weak: Rule, types: dict[str, str]) -> bool:
    given, wanted = demand(strong, types), demand(weak, types)
    if given and weak.type == "expect_column_values_to_not_be_in_set":
        return _excludes(*given, weak, types)
    if not given or not wanted or given[0][1] != wanted[0][1]:
        return False
    ((measure, _), narrow), ((of, _), wide) = given, wanted
    if measure == "value" and of == "length" and isinstance(narrow, frozenset):
        return _covers(wide, frozenset(Decimal(len(one)) for one in narrow if isinstance(one, str)))
    if measure == "value" and of in OF_ALL:
        return _covers(wide, narrow)
    return measure == of and _covers(wide, narrow)


def _excludes(subject: Subject, narrow: Demand, weak: Rule, types: dict[str, str]) -> bool:
    column = weak.kwargs["column"]
    if subject != ("value", column):
        return False
    refused = {value(entry, family(types[column])) for entry in weak.kwargs["value_set"]}
    return not any(narrow.holds(one) if isinstance(narrow, Range) else one in narrow for one in refused)


def _covers(wide: Demand, narrow: Demand) -> bool:
    if isinstance(wide, Range):
        return wide.covers(narrow)
    return isinstance(narrow, frozenset) and narrow <= wide
