"""A change of one suite as it is with the other: what one of them now allows and the other still refuses."""

import re
from collections.abc import Iterator
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.types import family
from sluice.contracts.diff.rule_ranges import Range, demand, value
from sluice.contracts.lint.implied_rules import RANK, implies
from sluice.contracts.lint.pattern_languages import covers
from sluice.contracts.rule_words import argument, in_words

PRESENT = "expect_column_values_to_not_be_null"
SET, NOT_SET = "expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set"
MATCH = "expect_column_values_to_match_regex"


def still_refused(old: Contract, new: Contract, twin: Contract) -> Iterator[str]:
    """Yield a sentence for what `new` allows, `old` did not, and the dataset's other suite refuses all the same."""
    after = {rule.rule: rule for rule in new.rules}
    refusing = [rule for rule in twin.rules if rule.severity != "info"]
    for rule in old.rules:
        now = after.get(rule.rule)
        if rule.severity == "info" or now == rule or not _is_plain(rule):
            continue
        for other in (each for each in refusing if each.columns == rule.columns and _is_plain(each)):
            allowed = _allowed(rule, now, other, new, twin)
            if allowed:
                refusal = f"{other.rule} of the {twin.stage} still refuses: {in_words(other)}"
                yield f"{rule.rule} now allows {allowed}, which {refusal}"


def demanded(new: Contract, twin: Contract) -> dict[str, str]:
    """Return the rules of `new` that a rule of the other suite, as it was, made of every row already: own id to that one's."""
    types, theirs = types_of(new), types_of(twin)
    implied = {}
    for rule in new.rules:
        for other in twin.rules:
            alike = rule.columns == other.columns and all(types.get(name) == theirs.get(name) for name in rule.columns)
            if alike and rule.columns and (implies(other, rule, types) or _covers(other, rule)):
                implied[rule.rule] = other.rule
    return implied


def _covers(strong: Rule, weak: Rule) -> bool:
    """Say whether a pattern that is demanded as strictly matches less than another."""
    if (
        strong.type != MATCH
        or weak.type != MATCH
        or not _is_plain(strong)
        or RANK[strong.severity] < RANK[weak.severity]
    ):
        return False
    return covers(weak.kwargs["regex"], strong.kwargs["regex"])


def unheld(old: Contract, new: Contract, output: Contract) -> Iterator[str]:
    """Yield the ids of the rules that an input has lost on published columns, and that nothing else demands."""
    kept = {rule.rule for rule in new.rules}
    for rule in old.rules:
        gone = rule.rule not in kept and rule.severity != "info" and {*rule.columns} <= {*output.names}
        if gone and rule.columns and not any(_still(rule, contract) for contract in (new, output)):
            yield rule.rule


def _still(rule: Rule, contract: Contract) -> bool:
    """Say whether a contract demands of the same columns what a rule does."""
    if not {*rule.columns} <= {*contract.names}:
        return False
    alike = [other for other in contract.rules if other.severity != "info" and other.columns == rule.columns]
    return any(_refuses_alike(other, rule, types_of(contract)) for other in alike)


def types_of(contract: Contract) -> dict[str, str]:
    """Return the types of a contract's columns by name, those of its references' helpers among them."""
    return {column.name: column.type for column in (*contract.columns, *contract.helpers)}


def _is_plain(rule: Rule) -> bool:
    """Say whether a rule judges each value of one column, in every row."""
    return len(rule.columns) == 1 and not rule.kwargs.get("row_condition") and rule.kwargs.get("mostly", 1) == 1


def _allowed(rule: Rule, now: Rule | None, other: Rule, new: Contract, twin: Contract) -> str:
    """Return in words what `rule` allows now and `other` refuses; "" where that is nothing, or not known."""
    types = types_of(twin)
    weight = now.severity if now else "info"
    if weight == "info" or now is None or now.type != rule.type:
        # All that the rule refused is allowed, as far as no other rule of its suite refuses it.
        kept = any(implies(kept_rule, rule, types_of(new)) for kept_rule in new.rules if kept_rule.severity != "info")
        return "" if kept or not _refuses_alike(other, rule, types) else "what it refused"
    if rule.type in (SET, NOT_SET):
        return _entries(rule, now, other, types)
    if rule.type == MATCH and other.type == MATCH:
        was, is_, theirs = (each.kwargs["regex"] for each in (rule, now, other))
        return (
            "more texts" if was != is_ and covers(is_, was) and not covers(theirs, is_) and not covers(was, is_) else ""
        )
    if rule.kwargs.get("mostly", 1) == 1 and (now.kwargs.get("mostly", 1) < 1 or now.kwargs.get("row_condition")):
        return "rows that it refused" if _refuses_alike(other, rule, types) else ""
    return _wider(rule, now, other, types)


def _refuses_alike(other: Rule, rule: Rule, types: dict[str, str]) -> bool:
    if other.type == MATCH == rule.type:
        return covers(rule.kwargs["regex"], other.kwargs["regex"])
    return implies(other, rule, types, weighed=False)


def _entries(rule: Rule, now: Rule, other: Rule, types: dict[str, str]) -> str:
    before, after = rule.kwargs["value_set"], now.kwargs["value_set"]
    more, less = (after, before) if rule.type == SET else (before, after)
    entries = [entry for entry in more if entry not in less and refuses(other, entry, types)]
    return argument("", entries) if entries else ""


def _wider(rule: Rule, now: Rule, other: Rule, types: dict[str, str]) -> str:
    was, is_, theirs = (demand(each, types) for each in (rule, now, other))
    if not was or not is_ or not theirs or not was[0] == is_[0] == theirs[0]:
        return ""
    before, after, wide = was[1], is_[1], theirs[1]
    if not isinstance(before, Range) or not isinstance(after, Range) or not isinstance(wide, Range):
        return ""
    grown = after.covers(before) and not before.covers(after)
    return in_words(now) if grown and not wide.covers(after) else ""


def refuses(rule: Rule, entry: Any, types: dict[str, str]) -> bool:
    """Say whether a rule on one column is known to refuse a value."""
    kind = family(types[rule.columns[0]])
    if rule.type in (SET, NOT_SET):
        among = str(entry) in map(str, rule.kwargs["value_set"])
        return among is (rule.type == NOT_SET)
    if rule.type == MATCH:
        try:
            return isinstance(entry, str) and entry.isascii() and not re.search(rule.kwargs["regex"], entry, re.ASCII)
        except (re.error, RecursionError):  # Java's own syntax
            return False
    claim = demand(rule, types)
    if not claim or claim[0][0] not in ("value", "length") or not isinstance(claim[1], Range):
        return False
    try:
        held = value(len(str(entry)), "number") if claim[0][0] == "length" else value(entry, kind)
        return not claim[1].holds(held)
    except (ValueError, ArithmeticError):  # no value of the column's type: the cast refuses it
        return True
