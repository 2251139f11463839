"""What one expectation of a suite must be: its type, arguments, bounds, severity and id."""

import re
from collections.abc import Iterator
from typing import Any

from etl.vocabulary import VOCABULARY, Expectation

SEVERITIES = ("critical", "warning", "info")
KEYS = {"type", "kwargs", "severity", "meta"}
META = {"rule", "why"}
PARAMETERS = ("run_date",)
LISTS = ("value_set", "column_list")


def faults_of_rule(rule: Any, dataset: str, columns: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with one expectation (parsed JSON) of `dataset`, whose declared types are `columns`."""
    if not isinstance(rule, dict):
        yield f"expectations holds {rule!r}; an expectation is an object with type, kwargs, severity and meta"
        return
    meta = rule.get("meta") if isinstance(rule.get("meta"), dict) else {}
    name = f"rule {(meta or {}).get('rule') or rule.get('type')}"
    for fault in (*_head(rule, meta or {}, dataset), *_body(rule, columns)):
        yield f"{name}: {fault}"


def _head(rule: dict[str, Any], meta: dict[str, Any], dataset: str) -> Iterator[str]:
    for unknown in sorted(rule.keys() - KEYS):
        yield f"{unknown!r} is unknown; an expectation has {', '.join(sorted(KEYS))}"
    for unknown in sorted(meta.keys() - META):
        yield f"meta.{unknown} is unknown; an expectation's meta has rule and why"
    if not re.fullmatch(rf"{dataset}(\.[a-z0-9_]+)+", str(meta.get("rule"))):
        yield f"meta.rule is {meta.get('rule')!r}; write a stable id such as {dataset}.<column>.<what>, in lower case"
    elif str(meta["rule"]).startswith(f"{dataset}.structure."):
        yield f"ids under {dataset}.structure are the gate's own; choose another"
    if not isinstance(meta.get("why"), str) or not meta["why"].strip():
        yield "meta.why is missing; give the reviewer one sentence"
    if rule.get("severity", "critical") not in SEVERITIES:
        yield f"severity is {rule['severity']!r}; it may be {', '.join(SEVERITIES)}"


def _body(rule: dict[str, Any], columns: dict[str, str]) -> Iterator[str]:
    known = VOCABULARY.get(str(rule.get("type")))
    if known is None:
        yield f"type {rule.get('type')!r} is unknown; the gate knows {', '.join(VOCABULARY)}"
        return
    kwargs = rule.get("kwargs")
    if not isinstance(kwargs, dict):
        yield "kwargs is missing; write the expectation's arguments as an object"
        return
    if rule.get("severity") == "warning" and known.judges != "row":
        yield "severity is warning, but it judges no row that could be set aside; make it critical or info"
    yield from _arguments(kwargs, known)
    yield from _columns(kwargs, known, columns)
    yield from _values(kwargs)
    if "min_value" in known.arguments:
        yield from _bounds(kwargs)


def _arguments(kwargs: dict[str, Any], known: Expectation) -> Iterator[str]:
    for unknown in sorted(kwargs.keys() - known.arguments):
        yield f"argument {unknown!r} does not exist; it takes {', '.join(sorted(known.arguments))}"
    for argument in (*known.columns, *known.column_lists, *known.required):
        if argument not in kwargs:
            yield f"argument {argument!r} is missing; add it to kwargs"


def _columns(kwargs: dict[str, Any], known: Expectation, columns: dict[str, str]) -> Iterator[str]:
    named = [kwargs[argument] for argument in known.columns if argument in kwargs]
    for argument in known.column_lists:
        listed = kwargs.get(argument, [])
        named += listed if isinstance(listed, list) else [listed]
    for name in named:
        if not isinstance(name, str) or name not in columns:
            yield f"column {name!r} is not declared; meta.columns has {', '.join(columns)}"


def _values(kwargs: dict[str, Any]) -> Iterator[str]:
    for argument in LISTS:
        if argument in kwargs and (not isinstance(kwargs[argument], list) or not kwargs[argument]):
            yield f"{argument} is {kwargs[argument]!r}; write a list with at least one entry"
    mostly = kwargs.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 <= mostly <= 1:
        yield f"mostly is {mostly!r}; write a share from 0 to 1"
    if "regex" in kwargs:
        yield from _regex(kwargs["regex"])
    for argument, value in kwargs.items():
        if isinstance(value, dict) and (list(value) != ["$PARAMETER"] or value["$PARAMETER"] not in PARAMETERS):
            yield f"{argument} is {value!r}; a run gives the parameter {', '.join(PARAMETERS)} and nothing else"


def _regex(pattern: Any) -> Iterator[str]:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        yield f"regex {pattern!r} does not compile: {error}; mend the pattern"


def _bounds(kwargs: dict[str, Any]) -> Iterator[str]:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None and high is None:
        yield "it has no bounds, so nothing can break it; add min_value or max_value"
    for value in (low, high):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float | str | dict)):
            yield f"bound {value!r} is neither a number, a date as text nor a parameter"
    comparable = type(low) is type(high) or (isinstance(low, int | float) and isinstance(high, int | float))
    if comparable and isinstance(low, int | float | str) and low > high:  # pyright: ignore[reportOperatorIssue]
        yield f"min_value {low!r} is above max_value {high!r}; swap them"
