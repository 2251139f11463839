"""Values of a column worth trying, good and bad, from its type and from what rules say about it.

Nothing here decides what keeps a rule: that is for Spark to judge. Values are Python's own: str, int, Decimal, date, bool.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from itertools import pairwise
from random import Random
from typing import Any, TypeVar, assert_never

from etl.contract.column_paths import EACH
from etl.contract.json_values import is_list, is_object
from etl.contract.model import Rule
from etl.contract.types import ColumnType, Family, TypeKind
from sluice.contracts.prove.pattern_texts import broken_texts, matching_texts

Parameters = dict[str, Any]
TextOrBytes = TypeVar("TextOrBytes", str, bytes)
PATTERNS = ("regex", "regex_list")
COLUMNS = ("column", "column_A", "column_B", "column_list")
CHOICES = ("condition_parser", "ignore_row_if", "match_on", "mostly", "strftime_format", "type_", "type_list")
NO_VALUES = {*PATTERNS, *COLUMNS, *CHOICES, "unexpected_rows_query"}
TEXTS = ("", " ", "a", "A", "-", "0", "-1", "1.5", "x" * 300, "é", "{}", "{", "ring\x07")
LONGEST = 10_000
EXACT = Context(prec=80)


def value_pool(
    declared: ColumnType, rules: Iterable[Rule], parameters: Parameters, number: int, path: str = ""
) -> list[Any]:
    """Return at least `number` different values of a declared type, where it has them, and None as the last.

    Those that lie between what the rules name come first, then what they name, its neighbours and the type's own ends.
    `path` leads to them: of a list or an object the rules on what is within count for the parts.
    """
    rules = list(rules)
    named = [constant for rule in rules for constant in rule_constants(rule, parameters)]
    match declared.family:
        case Family.TEXT:
            values = _text_values(rules, [constant for constant in named if isinstance(constant, str)], number)
        case Family.BOOLEAN:
            values = [True, False]
        case Family.DATE:
            values = _day_values(named, date.fromisoformat(parameters["run_date"]), number)
        case Family.INSTANT | Family.LOCAL_TIME:
            values = _time_values(named, declared.family, parameters["run_time"], number)
        case Family.NUMBER:
            values = _number_values(named, declared, number)
        case Family.BINARY:
            values = [*(f"a{index}".encode() for index in range(number)), b"", b"\xff", *_lengths_around(rules, b"x")]
        case Family.NESTED:
            values = [*_nested_values(declared, rules, parameters, number, path)]
        case _:
            assert_never(declared.family)
    return [*dict.fromkeys(values), None]


def _nested_values(
    declared: ColumnType, rules: list[Rule], parameters: Parameters, number: int, path: str
) -> Iterator[tuple[Any, ...]]:
    """Yield lists, or objects as their fields' values in order, as tuples: of the parts' own values in turn, and each value
    of a part that rules are about beside the others' first.
    """
    is_struct = declared.kind is TypeKind.STRUCT
    paths = {name: f"{path}.{name}" if is_struct else f"{path}{EACH}" for name in declared.parts}
    about = {name: [rule for rule in rules if _is_about(rule, inner)] for name, inner in paths.items()}
    pools = [value_pool(part, about[name], parameters, number, paths[name]) for name, part in declared.parts.items()]
    for index in range(number + 1):
        values = tuple(pool[index % len(pool)] for pool in pools)
        yield values if is_struct else values * (index % 3)
    first = tuple(pool[0] for pool in pools)
    for place, name in enumerate(declared.parts):
        if about[name]:
            yield from ((*first[:place], value, *first[place + 1 :]) for value in pools[place])


def _is_about(rule: Rule, path: str) -> bool:
    """Say whether a rule judges what a path leads to, or something within."""
    return any(column == path or column.startswith((f"{path}.", f"{path}{EACH}")) for column in rule.columns)


def raw_texts(declared: ColumnType, values: Iterable[Any]) -> list[str]:
    """Return typed values as raw text, and some that the type does not have."""
    plain = [_plain_text(value) for value in values if value is not None]
    return [*plain, *(f"{text}.5" for text in plain[:1]), "many"] if not declared.is_text else plain


def typed_value(entry: Any, declared: ColumnType) -> Any:
    """Return a JSON value as a column of a declared type holds it."""
    if entry is None:
        return None
    match declared.kind:
        case TypeKind.STRING | TypeKind.BOOLEAN | TypeKind.BINARY | TypeKind.ARRAY | TypeKind.STRUCT:
            return entry
        case TypeKind.INT | TypeKind.BIGINT | TypeKind.SMALLINT | TypeKind.TINYINT:
            return int(Decimal(str(entry)))
        case TypeKind.DOUBLE | TypeKind.FLOAT:
            return float(entry)
        case TypeKind.DATE | TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ | TypeKind.DECIMAL:
            return declared.family.comparable_value(entry)
        case _:
            assert_never(declared.kind)


def rule_constants(rule: Rule, parameters: Parameters) -> Iterator[Any]:
    """Yield the texts, numbers and days that a rule's arguments name."""
    for name, argument in rule.kwargs.items():
        if name == "row_condition":
            yield from _constant_leaves(_parameters_of(argument), parameters)
        elif name not in NO_VALUES:
            yield from _constant_leaves(argument, parameters)
    if "sum_total" in rule.kwargs:
        yield rule.kwargs["sum_total"] / len(rule.columns)


def mentions_column(rule: Rule, column: str) -> bool:
    """Say whether a rule's arguments name a column, also in a condition or a query."""
    query = str(rule.kwargs.get("unexpected_rows_query", ""))
    if column in rule.roots or json.dumps(column) in json.dumps(rule.kwargs):
        return True
    return bool(re.search(rf"\b{re.escape(column)}\b", query))


def _parameters_of(condition: Any) -> list[Any]:
    if not is_object(condition):
        return []
    return [condition.get("parameter"), *map(_parameters_of, condition.get("conditions", ()))]


def _constant_leaves(value: Any, parameters: Parameters) -> Iterator[Any]:
    if is_object(value) and "$PARAMETER" in value:
        yield parameters[value["$PARAMETER"]]
    elif is_object(value) or is_list(value):
        for item in value.values() if is_object(value) else value:
            yield from _constant_leaves(item, parameters)
    elif value is not None and not isinstance(value, bool):
        yield value


def _text_values(rules: list[Rule], named: list[str], number: int) -> list[str]:
    chance = Random(1)  # noqa: S311  the same values each time
    patterns = [regex for rule in rules for name in PATTERNS for regex in _as_list(rule.kwargs.get(name))]
    taken = [text for pattern in patterns for text in matching_texts(pattern, number, chance)]
    formats = [rule.kwargs["strftime_format"] for rule in rules if "strftime_format" in rule.kwargs]
    days = [date(2025, 1, 31).strftime(time_format) for time_format in formats]
    long = _lengths_around(rules, "x")
    slips = [slip for text in [*named[:3], *taken[:2], *days] for slip in broken_texts(text)]
    plain = [f"a{index}" for index in range(number)]
    return [*named, *taken, *days, *long, *slips, *plain, *TEXTS]


def _lengths_around(rules: list[Rule], part: TextOrBytes) -> list[TextOrBytes]:
    """Return texts or bytes as long as rules name, and by one longer and shorter."""
    lengths = [end for rule in rules if "length" in rule.type for end in rule_constants(rule, {}) if end <= LONGEST]
    return [part * max(end + delta, 0) for end in lengths for delta in (0, -1, 1)]


def _as_list(value: Any) -> list[str]:
    return value if is_list(value) else [value] if value else []


def _number_values(named: list[Any], declared: ColumnType, number: int) -> list[Any]:
    if declared.kind.is_floating:
        return _floating_values(named, number)
    least, greatest = (end for end in declared.limits or () if isinstance(end, Decimal))  # every number type has both
    step = Decimal((0, (1,), -declared.scale))
    named_numbers = sorted(Decimal(str(constant)) for constant in named if not isinstance(constant, str))
    between = [(low + high) / 2 for low, high in pairwise(named_numbers)]
    near = [constant + delta for constant in named_numbers for delta in (step, -step)]
    small_numbers = [Decimal(constant) for constant in range(2, number + 2)]
    candidates = [*between, *small_numbers, *named_numbers, *near, step, Decimal(0), -step, least, greatest]
    within = [constant.quantize(step, context=EXACT) for constant in candidates if least <= constant <= greatest]
    return [typed_value(constant, declared) for constant in within]


def _floating_values(named: list[Any], number: int) -> list[float]:
    named_numbers = sorted(float(constant) for constant in named if not isinstance(constant, str))
    between = [(low + high) / 2 for low, high in pairwise(named_numbers)]
    near = [constant + delta for constant in named_numbers for delta in (0.5, -0.5)]  # exact of either width
    small = [index + 0.25 for index in range(2, number + 2)]
    return [*between, *small, *named_numbers, *near, 0.25, 0.0, -0.25, math.nan, math.inf]


def _day_values(named: list[Any], today: date, number: int) -> list[date]:
    named_days = sorted(date.fromisoformat(text) for text in named if isinstance(text, str))
    between = [low + (high - low) // 2 for low, high in pairwise(named_days)]
    near = [day + delta for day in named_days for delta in (timedelta(1), timedelta(-1)) if date.min < day < date.max]
    recent_days = [today - timedelta(offset) for offset in range(number)]
    return [*between, *recent_days, *named_days, *near, date.min, date(1970, 1, 1), date.max]


def _time_values(named: list[Any], family: Family, now: str, number: int) -> list[datetime]:
    named_times = sorted(family.comparable_value(text) for text in named if isinstance(text, str))
    between = [low + (high - low) / 2 for low, high in pairwise(named_times)]
    near = [time + delta for time in named_times for delta in (timedelta(microseconds=1), timedelta(microseconds=-1))]
    recent_times = [family.comparable_value(now) - timedelta(hours=offset) for offset in range(number)]
    first = family.comparable_value(datetime(1970, 1, 1))
    return [*between, *recent_times, *named_times, *near, first, first.replace(year=9999, microsecond=999_999)]


def _plain_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
