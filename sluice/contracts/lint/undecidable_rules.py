"""Rules that decide nothing: no value of the column's type can break them, or none can hold them."""

import re
import warnings
from collections.abc import Iterator, Mapping

from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType
from sluice.contracts.diff.rule_ranges import VALUE_MEASURES, Range, comparable_value, rule_demand, subject_domain
from sluice.contracts.lint.findings import Finding
from sluice.contracts.rule_words import in_words

VOWELS = "aeiou"
TYPE_RULES = {
    "expect_column_type_to_be",
    "expect_column_values_to_be_of_type",
    "expect_column_values_to_be_in_type_list",
}
# A pattern found in all of these demands nothing; one with a negation may still refuse a text that is not among them.
PROBES = ("", " ", "\n", "-", "a", "Z9_", "é", "日本", "\x00", "x" * 300, "".join(map(chr, range(32, 127))))
NEGATION = re.compile(r"\(\?<?!")


def find_idle(contract: Contract) -> Iterator[Finding]:
    """Yield the rules of a contract that can never fail, or never hold."""
    types = contract.judged_types
    for rule in contract.rules:
        yield from (
            _check_share(rule)
            or _check_span(rule, types)
            or _check_set(rule, types)
            or _check_type_and_pattern(rule, types)
        )


def _never_fails(rule: Rule, why: str, remedy: str = "drop it, or demand something") -> list[Finding]:
    return [Finding("never-fails", f"it can never fail: {in_words(rule)}, but {why}", remedy, rule.rule)]


def _check_share(rule: Rule) -> list[Finding]:
    return _never_fails(rule, "no row has to") if rule.kwargs.get("mostly") == 0 else []


def _check_span(rule: Rule, types: Mapping[str, ColumnType]) -> list[Finding]:
    claim = rule_demand(rule, types)
    if claim is None:
        return []
    (measure, column), allowed = claim
    everything = subject_domain(claim[0], types)
    if not isinstance(allowed, Range) or not isinstance(everything, Range):
        return []
    measured = types[column] if column and measure in VALUE_MEASURES else measure
    any_one = f"an {measured}" if measured[0] in VOWELS else f"a {measured}"
    if allowed.covers_values(everything):
        return _never_fails(rule, f"so is {any_one}, always", "drop it, or bound it more narrowly")
    if allowed.misses_range(everything):
        message = f"it can never hold: {in_words(rule)}, but no {measured} is"
        return [Finding("never-holds", message, "mend the bounds", rule.rule)]
    return _bounds_outside(rule, allowed, everything, any_one)


def _bounds_outside(rule: Rule, allowed: Range, everything: Range, measured: str) -> list[Finding]:
    """Return the bounds that lie outside what can be at all; one on its very edge states the limit and is fine."""
    outside = {
        "min_value": allowed.low is not None and not everything.within_low(allowed.low, False),
        "max_value": allowed.high is not None and not everything.within_high(allowed.high, False),
    }
    return [
        Finding(
            "never-fails", f"{end} {rule.kwargs[end]} lies outside {measured}: nothing breaks it", "drop it", rule.rule
        )
        for end, is_outside in outside.items()
        if is_outside and not isinstance(rule.kwargs[end], dict)
    ]


def _check_set(rule: Rule, types: Mapping[str, ColumnType]) -> list[Finding]:
    if "value_set" not in rule.kwargs:
        return []
    declared = types[rule.kwargs["column"]]
    everything = subject_domain(("value", rule.kwargs["column"]), types)
    if everything is None:
        return []
    entries = {comparable_value(entry, declared.family) for entry in rule.kwargs["value_set"]}
    possible = {
        entry for entry in entries if (everything.contains_value(entry) if isinstance(everything, Range) else True)
    }
    if rule.type == "expect_column_values_to_not_be_in_set":
        return [] if possible else _never_fails(rule, f"no {declared} is")
    if rule.type.endswith("be_in_set") and entries == everything:
        return _never_fails(rule, "those are all")
    if not possible:
        return [
            Finding(
                "never-holds", f"it can never hold: {in_words(rule)}, but no {declared} is", "mend the set", rule.rule
            )
        ]
    return []


def _check_type_and_pattern(rule: Rule, types: Mapping[str, ColumnType]) -> list[Finding]:
    if rule.type == "expect_column_to_exist":
        return _never_fails(rule, "meta.columns demands it already", "drop it")
    if rule.type in TYPE_RULES:
        declared = types[rule.kwargs["column"]]
        named = rule.kwargs.get("type_list", [rule.kwargs.get("type_")])
        if declared.kind.spark_class in named:
            return _never_fails(rule, "meta.columns declares it already", "drop it")
        return [
            Finding("never-holds", f"it can never hold: {in_words(rule)}, but it is {declared}", "drop it", rule.rule)
        ]
    if rule.type == "expect_column_values_to_match_regex" and _matches_all(rule.kwargs["regex"]):
        return _never_fails(rule, "so does every text", "anchor the pattern with ^ and $, or drop the rule")
    return []


def _matches_all(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
    except re.error:  # Java's own syntax; no probe can tell
        return False
    return not NEGATION.search(pattern) and all(map(compiled.search, PROBES))
