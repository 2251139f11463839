"""Rules that decide nothing: no value of the column's type can break them, or none can hold them."""

import re
import warnings
from collections.abc import Iterator

from etl.contract.model import Contract, Rule
from etl.contract.types import family
from sluice.contracts.diff.rule_ranges import OF_VALUES, Range, demand, domain, value
from sluice.contracts.lint.findings import Finding
from sluice.contracts.rule_words import in_words

SPARK = {
    "string": "StringType",
    "int": "IntegerType",
    "bigint": "LongType",
    "boolean": "BooleanType",
    "date": "DateType",
}
BY_TYPE = {"expect_column_type_to_be", "expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list"}
# A pattern found in all of these demands nothing; one with a negation may still refuse a text that is not among them.
PROBES = ("", " ", "\n", "-", "a", "Z9_", "é", "日本", "\x00", "x" * 300, "".join(map(chr, range(32, 127))))
NEGATION = re.compile(r"\(\?<?!")


def idle(contract: Contract) -> Iterator[Finding]:
    """Yield the rules of a contract that can never fail, or never hold."""
    types = {column.name: column.type for column in contract.columns}
    for rule in contract.rules:
        yield from (_of_share(rule) or _of_span(rule, types) or _of_set(rule, types) or _of_rest(rule, types))


def _never(rule: Rule, why: str, remedy: str = "drop it, or demand something") -> list[Finding]:
    return [Finding("never-fails", f"it can never fail: {in_words(rule)}, but {why}", remedy, rule.rule)]


def _of_share(rule: Rule) -> list[Finding]:
    return _never(rule, "no row has to") if rule.kwargs.get("mostly") == 0 else []


def _of_span(rule: Rule, types: dict[str, str]) -> list[Finding]:
    found = demand(rule, types)
    if found is None:
        return []
    (measure, column), allowed = found
    everything = domain(found[0], types)
    if not isinstance(allowed, Range) or not isinstance(everything, Range):
        return []
    what = types[column] if column and measure in OF_VALUES else measure
    any_one = f"an {what}" if what == "int" else f"a {what}"
    if allowed.covers(everything):
        return _never(rule, f"so is {any_one}, always", "drop it, or bound it more narrowly")
    if allowed.misses(everything):
        message = f"it can never hold: {in_words(rule)}, but no {what} is"
        return [Finding("never-holds", message, "mend the bounds", rule.rule)]
    return _ends(rule, allowed, everything, any_one)


def _ends(rule: Rule, allowed: Range, everything: Range, what: str) -> list[Finding]:
    """Return the bounds that lie outside what can be at all; one on its very edge states the limit and is fine."""
    outside = {
        "min_value": allowed.low is not None and not everything.within_low(allowed.low, False),
        "max_value": allowed.high is not None and not everything.within_high(allowed.high, False),
    }
    return [
        Finding("never-fails", f"{end} {rule.kwargs[end]} lies outside {what}: nothing breaks it", "drop it", rule.rule)
        for end, is_outside in outside.items()
        if is_outside and not isinstance(rule.kwargs[end], dict)
    ]


def _of_set(rule: Rule, types: dict[str, str]) -> list[Finding]:
    if "value_set" not in rule.kwargs:
        return []
    declared = types[rule.kwargs["column"]]
    everything = domain(("value", rule.kwargs["column"]), types)
    if everything is None:
        return []
    entries = {value(entry, family(declared)) for entry in rule.kwargs["value_set"]}
    possible = {entry for entry in entries if (everything.holds(entry) if isinstance(everything, Range) else True)}
    if rule.type == "expect_column_values_to_not_be_in_set":
        return [] if possible else _never(rule, f"no {declared} is")
    if rule.type.endswith("be_in_set") and entries == everything:
        return _never(rule, "those are all")
    if not possible:
        return [
            Finding(
                "never-holds", f"it can never hold: {in_words(rule)}, but no {declared} is", "mend the set", rule.rule
            )
        ]
    return []


def _of_rest(rule: Rule, types: dict[str, str]) -> list[Finding]:
    if rule.type == "expect_column_to_exist":
        return _never(rule, "meta.columns demands it already", "drop it")
    if rule.type in BY_TYPE:
        declared = types[rule.kwargs["column"]]
        named = rule.kwargs.get("type_list", [rule.kwargs.get("type_")])
        if SPARK.get(declared, "DecimalType") in named:
            return _never(rule, "meta.columns declares it already", "drop it")
        return [
            Finding("never-holds", f"it can never hold: {in_words(rule)}, but it is {declared}", "drop it", rule.rule)
        ]
    if rule.type == "expect_column_values_to_match_regex" and _matches_all(rule.kwargs["regex"]):
        return _never(rule, "so does every text", "anchor the pattern with ^ and $, or drop the rule")
    return []


def _matches_all(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
    except re.error:  # Java's own syntax; no probe can tell
        return False
    return not NEGATION.search(pattern) and all(map(compiled.search, PROBES))
