"""Values of a column worth trying, good and bad, from its type and from what rules say about it.

Nothing here decides what keeps a rule: that is for Spark to judge. Values are Python's own: str, int, Decimal, date, bool.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import pairwise
from random import Random
from typing import Any

from etl.contract.model import Rule
from etl.contract.types import family, limits, scale
from sluice.contracts.prove.pattern_texts import broken, texts

Parameters = dict[str, Any]
PATTERNS = ("regex", "regex_list")
COLUMNS = ("column", "column_A", "column_B", "column_list")
CHOICES = ("condition_parser", "ignore_row_if", "match_on", "mostly", "strftime_format", "type_", "type_list")
NO_VALUES = {*PATTERNS, *COLUMNS, *CHOICES, "unexpected_rows_query"}
TEXTS = ("", " ", "a", "A", "-", "0", "-1", "1.5", "x" * 300, "é", "{}", "{", "a\x07")
LONGEST = 10_000
EXACT = Context(prec=80)


def pool(declared: str, rules: Iterable[Rule], parameters: Parameters, number: int) -> list[Any]:
    """Return at least `number` different values of a declared type, where it has them, and None as the last.

    Those that lie between what the rules name come first, then what they name, its neighbours and the type's own ends.
    """
    rules, kind = list(rules), family(declared)
    named = [one for rule in rules for one in constants(rule, parameters)]
    if kind == "text":
        found = _texts(rules, [one for one in named if isinstance(one, str)], number)
    elif kind == "boolean":
        found = [True, False]
    elif kind == "date":
        found = _days(named, date.fromisoformat(parameters["run_date"]), number)
    else:
        found = _numbers(named, declared, number)
    return [*dict.fromkeys(found), None]


def in_text(declared: str, values: Iterable[Any]) -> list[str]:
    """Return typed values as raw text, and some that the type does not have."""
    plain = [_plain(one) for one in values if one is not None]
    return [*plain, *(f"{one}.5" for one in plain[:1]), "many"] if declared != "string" else plain


def typed(entry: Any, declared: str) -> Any:
    """Return a JSON value as a column of a declared type holds it."""
    if entry is None:
        return None
    kind = family(declared)
    if kind == "number":
        exact = Decimal(str(entry))
        return exact if declared.startswith("decimal") else int(exact)
    return date.fromisoformat(entry) if kind == "date" else entry


def constants(rule: Rule, parameters: Parameters) -> Iterator[Any]:
    """Yield the texts, numbers and days that a rule's arguments name."""
    for name, argument in rule.kwargs.items():
        if name == "row_condition":
            yield from _leaves(_parameters_of(argument), parameters)
        elif name not in NO_VALUES:
            yield from _leaves(argument, parameters)
    if "sum_total" in rule.kwargs:
        yield rule.kwargs["sum_total"] / len(rule.columns)


def mentions(rule: Rule, column: str) -> bool:
    """Say whether a rule's arguments name a column, also in a condition or a query."""
    query = str(rule.kwargs.get("unexpected_rows_query", ""))
    return json.dumps(column) in json.dumps(rule.kwargs) or bool(re.search(rf"\b{re.escape(column)}\b", query))


def _parameters_of(condition: Any) -> list[Any]:
    if not isinstance(condition, dict):
        return []
    return [condition.get("parameter"), *map(_parameters_of, condition.get("conditions", ()))]


def _leaves(value: Any, parameters: Parameters) -> Iterator[Any]:
    if isinstance(value, dict) and "$PARAMETER" in value:
        yield parameters[value["$PARAMETER"]]
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one, parameters)
    elif value is not None and not isinstance(value, bool):
        yield value


def _texts(rules: list[Rule], named: list[str], number: int) -> list[str]:
    chance = Random(1)  # noqa: S311  the same values each time
    patterns = [one for rule in rules for name in PATTERNS for one in _listed(rule.kwargs.get(name))]
    taken = [one for pattern in patterns for one in texts(pattern, number, chance)]
    formats = [rule.kwargs["strftime_format"] for rule in rules if "strftime_format" in rule.kwargs]
    days = [date(2025, 1, 31).strftime(one) for one in formats]
    lengths = [end for rule in rules if "length" in rule.type for end in constants(rule, {}) if end <= LONGEST]
    long = ["x" * max(end + more, 0) for end in lengths for more in (0, -1, 1)]
    slips = [slip for one in [*named[:3], *taken[:2], *days] for slip in broken(one)]
    plain = [f"a{at}" for at in range(number)]
    return [*named, *taken, *days, *long, *slips, *plain, *TEXTS]


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _numbers(named: list[Any], declared: str, number: int) -> list[Any]:
    ends = limits(declared)
    assert ends  # noqa: S101  every number type has them
    step = Decimal((0, (1,), -scale(declared)))
    known = sorted(Decimal(str(one)) for one in named if not isinstance(one, str))
    between = [(low + high) / 2 for low, high in pairwise(known)]
    near = [one + more for one in known for more in (step, -step)]
    many = [Decimal(one) for one in range(2, number + 2)]
    every = [*between, *many, *known, *near, step, Decimal(0), -step, *ends]
    within = [one.quantize(step, context=EXACT) for one in every if ends[0] <= one <= ends[1]]
    return within if declared.startswith("decimal") else [int(one) for one in within]


def _days(named: list[Any], today: date, number: int) -> list[date]:
    known = sorted(date.fromisoformat(one) for one in named if isinstance(one, str))
    between = [low + (high - low) // 2 for low, high in pairwise(known)]
    near = [one + more for one in known for more in (timedelta(1), timedelta(-1)) if date.min < one < date.max]
    many = [today - timedelta(one) for one in range(number)]
    return [*between, *many, *known, *near, date.min, date(1970, 1, 1), date.max]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
