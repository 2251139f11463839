"""What one expectation of a suite must be: its type, id, severity, columns and arguments."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from etl.contract.faults import Fault, did_you_mean, shown
from etl.contract.types import family, is_known
from etl.contract.validation.bounds import of_bounds, of_condition
from etl.contract.validation.values import Found, fits, of_argument
from etl.contract.vocabulary import REFUSED, VOCABULARY, Expectation

SEVERITIES = ("critical", "warning", "info")
KEYS = {"type", "kwargs", "severity", "meta"}
META = {"rule", "why", "counterexample"}
NO_HELPERS: Mapping[str, str] = MappingProxyType({})
OF = {"text": ("text",), "numbers": ("number",), "ordered": ("number", "date")}


def faults_of_rule(
    rule: Any, dataset: str, columns: dict[str, str], helpers: Mapping[str, str] = NO_HELPERS
) -> Iterator[Fault]:
    """Yield what is wrong with one expectation (parsed JSON) of `dataset`.

    `columns` are the declared types, `helpers` those of the references' helper columns.
    """
    if not isinstance(rule, dict):
        yield Fault(f"expectations holds {shown(rule)}", "write an object with type, kwargs, severity and meta")
        return
    meta = rule.get("meta") if isinstance(rule.get("meta"), dict) else {}
    name = (meta or {}).get("rule") or rule.get("type")
    about = name if isinstance(name, str) else shown(name)
    every = {**columns, **helpers}
    body = (*_body(rule, columns, every), *_before(rule, helpers))
    for found, remedy in (*_head(rule, dataset), *_meta(meta or {}, dataset, every), *body):
        yield Fault(found, remedy, about)


def _head(rule: dict[str, Any], dataset: str) -> Found:
    for unknown in sorted(rule.keys() - KEYS):
        yield f"{unknown!r} is unknown", f"{did_you_mean(unknown, KEYS)}an expectation has {', '.join(sorted(KEYS))}"
    if not isinstance(rule.get("meta"), dict):
        yield "meta is missing", f'write {{"rule": "{dataset}.<column>.<what>", "why": "..."}}'
    severity = rule.get("severity", "critical")
    if severity not in SEVERITIES:
        yield f"severity is {shown(severity)}", f"{did_you_mean(severity, SEVERITIES)}it may be {', '.join(SEVERITIES)}"


def _meta(meta: dict[str, Any], dataset: str, columns: dict[str, str]) -> Found:
    for unknown in sorted(meta.keys() - META):
        yield (
            f"meta.{unknown} is unknown",
            f"{did_you_mean(unknown, META)}an expectation's meta has {', '.join(sorted(META))}",
        )
    rule = meta.get("rule")
    if not isinstance(rule, str) or not re.fullmatch(rf"{re.escape(dataset)}(\.[a-z0-9_]+)+", rule):
        yield f"meta.rule is {shown(rule)}", f"write a stable id such as {dataset}.<column>.<what>, in lower case"
    elif rule.startswith(f"{dataset}.structure."):
        yield f"ids under {dataset}.structure are the gate's own", "choose another"
    if not isinstance(meta.get("why"), str) or not meta["why"].strip():
        yield "meta.why is missing", "give the reviewer one sentence"
    yield from _counterexample(meta.get("counterexample", {}), columns)


def _counterexample(row: Any, columns: dict[str, str]) -> Found:
    if not isinstance(row, dict):
        yield f"meta.counterexample is {shown(row)}", "write an object of columns and the values that break the rule"
        return
    for name, value in row.items():
        if name not in columns:
            remedy = f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}"
            yield f"meta.counterexample names {name!r}", remedy
        elif value is not None and not fits(value, columns[name]):
            yield f"meta.counterexample has {name} {shown(value)}", f"write null or a value of type {columns[name]}"


def _before(rule: dict[str, Any], helpers: Mapping[str, str]) -> Found:
    """Yield why a rule on a helper column cannot be judged: it exists only while rows can still be set aside."""
    known, kwargs = VOCABULARY.get(str(rule.get("type"))), rule.get("kwargs")
    if known is None or not isinstance(kwargs, dict) or rule.get("severity") == "warning":
        return
    for name in _named(kwargs, known):
        if isinstance(name, str) and name in helpers:
            yield f"it judges the reference {name!r} and is no warning", "make it one; max_quarantined 0 fails the run"


def _body(rule: dict[str, Any], columns: dict[str, str], every: dict[str, str]) -> Found:
    kind, kwargs = rule.get("type"), rule.get("kwargs")
    known = VOCABULARY.get(kind) if isinstance(kind, str) else None
    if isinstance(kind, str) and kind in REFUSED:
        yield f"type {kind}: {REFUSED[kind][0]}", REFUSED[kind][1]
    elif known is None:
        yield (
            f"type {shown(kind)} is unknown",
            f"{did_you_mean(kind, VOCABULARY)}the gate knows {', '.join(VOCABULARY)}",
        )
    if known and rule.get("severity") == "warning" and known.judges != "row":
        yield "severity is warning, but it judges no row that could be set aside", "make it critical or info"
    if not isinstance(kwargs, dict):
        yield "kwargs is missing", "write the expectation's arguments as an object"
    elif known:
        yield from _arguments(kwargs, known)
        yield from _columns(kwargs, known, every)
        yield from _values(kwargs, known, columns, every)


def _arguments(kwargs: dict[str, Any], known: Expectation) -> Found:
    for unknown in sorted(kwargs.keys() - known.arguments):
        takes = f"it takes {', '.join(sorted(known.arguments))}"
        yield f"argument {unknown!r} does not exist", f"{did_you_mean(unknown, known.arguments)}{takes}"
    for argument in (*known.columns, *known.column_lists, *known.required):
        if argument not in kwargs:
            yield f"argument {argument!r} is missing", "add it to kwargs"


def _columns(kwargs: dict[str, Any], known: Expectation, columns: dict[str, str]) -> Found:
    for argument in known.column_lists:
        if argument in kwargs and (not isinstance(kwargs[argument], list) or len(kwargs[argument]) < 2):
            yield f"{argument} is {shown(kwargs[argument])}", "write a list of at least two columns"
    named = _named(kwargs, known)
    for name in named:
        if not isinstance(name, str) or name not in columns:
            remedy = f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}"
            yield f"column {shown(name)} is not declared", remedy
        elif known.of in OF and is_known(columns[name]) and family(columns[name]) not in OF[known.of]:
            yield (
                f"column {name!r} is {columns[name]}, which it cannot judge",
                "judge the column in the output, where it is typed" if columns[name] == "string" else "drop the rule",
            )
    declared = [name for name in named if isinstance(name, str) and name in columns]
    if len(set(declared)) < len(declared):
        yield f"it names {declared[0]!r} twice", "name different columns"
    elif known.of == "alike" and len({family(columns[name]) for name in declared}) > 1:
        yield f"it compares columns of types {', '.join(columns[name] for name in declared)}", "compare columns alike"


def _named(kwargs: dict[str, Any], known: Expectation) -> list[Any]:
    named = [kwargs[argument] for argument in known.columns if argument in kwargs]
    for argument in known.column_lists:
        listed = kwargs.get(argument, [])
        named += listed if isinstance(listed, list) else []
    return named


def _values(kwargs: dict[str, Any], known: Expectation, columns: dict[str, str], every: dict[str, str]) -> Found:
    types = tuple(every.get(name, "") if isinstance(name, str) else "" for name in _named(kwargs, known))
    for argument, value in kwargs.items():
        if argument == "row_condition" and value is not None:
            yield from of_condition(value, columns)
        elif argument == "ignore_row_if":
            yield from of_argument(f"{'pair' if known.columns else 'list'}.{argument}", value, types)
        elif argument in known.arguments:
            yield from of_argument(argument, value, types)
    if known.bounds:
        yield from of_bounds(kwargs, known.bounds, types[0] if types else "")
