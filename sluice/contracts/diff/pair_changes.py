"""A change of one suite as it is with the other: what one of them now allows and the other still refuses."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType, Family
from sluice.contracts.diff.rule_ranges import Range, comparable_value, rule_demand
from sluice.contracts.lint.implied_rules import implies_rule
from sluice.contracts.lint.pattern_languages import covers_pattern
from sluice.contracts.rule_words import in_words, render_argument

PRESENT = "expect_column_values_to_not_be_null"
SET, NOT_SET = "expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set"
MATCH = "expect_column_values_to_match_regex"


def still_refused(old: Contract, new: Contract, twin: Contract) -> Iterator[str]:
    """Yield a sentence for what `new` allows, `old` did not, and the dataset's other suite refuses all the same."""
    after = {rule.rule: rule for rule in new.rules}
    refusing = [rule for rule in twin.rules if rule.severity.is_enforced]
    for rule in old.rules:
        new_rule = after.get(rule.rule)
        if not rule.severity.is_enforced or new_rule == rule or not _is_plain(rule):
            continue
        for twin_rule in (
            candidate for candidate in refusing if candidate.columns == rule.columns and _is_plain(candidate)
        ):
            allowed = _allowed_words(rule, new_rule, twin_rule, new, twin)
            if allowed:
                refusal = f"{twin_rule.rule} of the {twin.stage} still refuses: {in_words(twin_rule)}"
                yield f"{rule.rule} now allows {allowed}, which {refusal}"


def demanded_already(new: Contract, twin: Contract) -> dict[str, str]:
    """Return the rules of `new` that a rule of the other suite, as it was, made of every row already: own id to that one's."""
    types, twin_types = types_of(new), types_of(twin)
    implied: dict[str, str] = {}
    for rule in new.rules:
        for twin_rule in twin.rules:
            judges_alike = rule.columns == twin_rule.columns and all(
                types.get(name) == twin_types.get(name) for name in rule.columns
            )
            if (
                judges_alike
                and rule.columns
                and (implies_rule(twin_rule, rule, types) or _covers_pattern(twin_rule, rule))
            ):
                implied[rule.rule] = twin_rule.rule
    return implied


def _covers_pattern(strong: Rule, weak: Rule) -> bool:
    """Say whether a pattern that is demanded as strictly matches less than another."""
    if strong.type != MATCH or weak.type != MATCH or not _is_plain(strong) or strong.severity.rank < weak.severity.rank:
        return False
    return covers_pattern(weak.kwargs["regex"], strong.kwargs["regex"])


def unheld_rules(old: Contract, new: Contract, output: Contract) -> Iterator[str]:
    """Yield the ids of the rules that an input has lost on published columns, and that nothing else demands."""
    kept_ids = {rule.rule for rule in new.rules}
    for rule in old.rules:
        is_lost = rule.rule not in kept_ids and rule.severity.is_enforced and {*rule.roots} <= {*output.names}
        if is_lost and rule.columns and not any(_still_demands(rule, contract) for contract in (new, output)):
            yield rule.rule


def _still_demands(rule: Rule, contract: Contract) -> bool:
    """Say whether a contract demands of the same columns what a rule does."""
    if not {*rule.roots} <= {*contract.names}:
        return False
    same_column_rules = [
        candidate
        for candidate in contract.rules
        if candidate.severity.is_enforced and candidate.columns == rule.columns
    ]
    return any(_refuses_alike(candidate, rule, types_of(contract)) for candidate in same_column_rules)


def types_of(contract: Contract) -> dict[str, ColumnType]:
    """Return the types of a contract's columns by name, those of its references' helpers among them."""
    return contract.judged_types | {column.name: column.type for column in contract.helper_columns}


def _is_plain(rule: Rule) -> bool:
    """Say whether a rule judges each value of one column, in every row."""
    return len(rule.columns) == 1 and not rule.kwargs.get("row_condition") and rule.kwargs.get("mostly", 1) == 1


def _allowed_words(rule: Rule, new_rule: Rule | None, twin_rule: Rule, new: Contract, twin: Contract) -> str:
    """Return in words what `rule` allows now and `twin_rule` refuses; "" where that is nothing, or not known."""
    types = types_of(twin)
    if new_rule is None or not new_rule.severity.is_enforced or new_rule.type != rule.type:
        # All that the rule refused is allowed, as far as no other rule of its suite refuses it.
        still_implied = any(
            implies_rule(kept_rule, rule, types_of(new)) for kept_rule in new.rules if kept_rule.severity.is_enforced
        )
        return "" if still_implied or not _refuses_alike(twin_rule, rule, types) else "what it refused"
    if rule.type in (SET, NOT_SET):
        return _allowed_entries(rule, new_rule, twin_rule, types)
    if rule.type == MATCH and twin_rule.type == MATCH:
        old_pattern, new_pattern, twin_pattern = (
            pattern_rule.kwargs["regex"] for pattern_rule in (rule, new_rule, twin_rule)
        )
        return (
            "more texts"
            if old_pattern != new_pattern
            and covers_pattern(new_pattern, old_pattern)
            and not covers_pattern(twin_pattern, new_pattern)
            and not covers_pattern(old_pattern, new_pattern)
            else ""
        )
    if rule.kwargs.get("mostly", 1) == 1 and (
        new_rule.kwargs.get("mostly", 1) < 1 or new_rule.kwargs.get("row_condition")
    ):
        return "rows that it refused" if _refuses_alike(twin_rule, rule, types) else ""
    return _wider_range(rule, new_rule, twin_rule, types)


def _refuses_alike(twin_rule: Rule, rule: Rule, types: Mapping[str, ColumnType]) -> bool:
    if twin_rule.type == MATCH == rule.type:
        return covers_pattern(rule.kwargs["regex"], twin_rule.kwargs["regex"])
    return implies_rule(twin_rule, rule, types, weighed=False)


def _allowed_entries(rule: Rule, new_rule: Rule, twin_rule: Rule, types: Mapping[str, ColumnType]) -> str:
    before, after = rule.kwargs["value_set"], new_rule.kwargs["value_set"]
    candidates, excluded = (after, before) if rule.type == SET else (before, after)
    entries = [entry for entry in candidates if entry not in excluded and refuses_value(twin_rule, entry, types)]
    return render_argument("", entries) if entries else ""


def _wider_range(rule: Rule, new_rule: Rule, twin_rule: Rule, types: Mapping[str, ColumnType]) -> str:
    old_demand, new_demand, twin_demand = (rule_demand(range_rule, types) for range_rule in (rule, new_rule, twin_rule))
    if not old_demand or not new_demand or not twin_demand or not old_demand[0] == new_demand[0] == twin_demand[0]:
        return ""
    before, after, wide = old_demand[1], new_demand[1], twin_demand[1]
    if not isinstance(before, Range) or not isinstance(after, Range) or not isinstance(wide, Range):
        return ""
    grown = after.covers_values(before) and not before.covers_values(after)
    return in_words(new_rule) if grown and not wide.covers_values(after) else ""


def refuses_value(rule: Rule, entry: Any, types: Mapping[str, ColumnType]) -> bool:
    """Say whether a rule on one column is known to refuse a value."""
    family = types[rule.columns[0]].family
    if rule.type in (SET, NOT_SET):
        among = str(entry) in map(str, rule.kwargs["value_set"])
        return among is (rule.type == NOT_SET)
    if rule.type == MATCH:
        try:
            return isinstance(entry, str) and entry.isascii() and not re.search(rule.kwargs["regex"], entry, re.ASCII)
        except (re.error, RecursionError):  # Java's own syntax
            return False
    claim = rule_demand(rule, types)
    if not claim or claim[0][0] not in ("value", "length") or not isinstance(claim[1], Range):
        return False
    try:
        measured = (
            comparable_value(len(str(entry)), Family.NUMBER)
            if claim[0][0] == "length"
            else comparable_value(entry, family)
        )
        return not claim[1].contains_value(measured)
    except (ValueError, ArithmeticError):  # no value of the column's type: the cast refuses it
        return True
