"""What one expectation of a suite must be: its type, id, severity, columns and arguments."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from etl.contract.faults import Fault, did_you_mean, short_repr
from etl.contract.severity import QUARANTINING, Severity
from etl.contract.types import Family, family_of
from etl.contract.validation.bounds import bounds_faults, condition_faults
from etl.contract.validation.values import FaultPairs, argument_faults, fits_type
from etl.contract.vocabulary import REFUSED, VOCABULARY, Expectation, Operand

SEVERITIES = tuple(Severity)
KEYS = {"type", "kwargs", "severity", "meta"}
META = {"rule", "why", "counterexample"}
NO_HELPERS: Mapping[str, str] = MappingProxyType({})


def faults_of_rule(
    rule: Any, dataset: str, columns: dict[str, str], helpers: Mapping[str, str] = NO_HELPERS
) -> Iterator[Fault]:
    """Yield what is wrong with one expectation (parsed JSON) of `dataset`.

    `columns` are the declared types, `helpers` those of the references' helper columns.
    """
    if not isinstance(rule, dict):
        yield Fault(f"expectations holds {short_repr(rule)}", "write an object with type, kwargs, severity and meta")
        return
    meta = rule.get("meta") if isinstance(rule.get("meta"), dict) else {}
    name = (meta or {}).get("rule") or rule.get("type")
    about = name if isinstance(name, str) else short_repr(name)
    all_types = {**columns, **helpers}
    body = (*_body_faults(rule, columns, all_types), *_helper_faults(rule, helpers))
    for problem, remedy in (*_head_faults(rule, dataset), *_meta_faults(meta or {}, dataset, all_types), *body):
        yield Fault(problem, remedy, about)


def _head_faults(rule: dict[str, Any], dataset: str) -> FaultPairs:
    for unknown in sorted(rule.keys() - KEYS):
        yield f"{unknown!r} is unknown", f"{did_you_mean(unknown, KEYS)}an expectation has {', '.join(sorted(KEYS))}"
    if not isinstance(rule.get("meta"), dict):
        yield "meta is missing", f'write {{"rule": "{dataset}.<column>.<what>", "why": "..."}}'
    severity = rule.get("severity", Severity.CRITICAL)
    if severity not in SEVERITIES:
        yield (
            f"severity is {short_repr(severity)}",
            f"{did_you_mean(severity, SEVERITIES)}it may be {', '.join(SEVERITIES)}",
        )


def _meta_faults(meta: dict[str, Any], dataset: str, columns: dict[str, str]) -> FaultPairs:
    for unknown in sorted(meta.keys() - META):
        yield (
            f"meta.{unknown} is unknown",
            f"{did_you_mean(unknown, META)}an expectation's meta has {', '.join(sorted(META))}",
        )
    rule = meta.get("rule")
    if not isinstance(rule, str) or not re.fullmatch(rf"{re.escape(dataset)}(\.[a-z0-9_]+)+", rule):
        yield f"meta.rule is {short_repr(rule)}", f"write a stable id such as {dataset}.<column>.<what>, in lower case"
    elif rule.startswith(f"{dataset}.structure."):
        yield f"ids under {dataset}.structure are the gate's own", "choose another"
    if not isinstance(meta.get("why"), str) or not meta["why"].strip():
        yield "meta.why is missing", "give the reviewer one sentence"
    yield from _counterexample_faults(meta.get("counterexample", {}), columns)


def _counterexample_faults(row: Any, columns: dict[str, str]) -> FaultPairs:
    if not isinstance(row, dict):
        yield (
            f"meta.counterexample is {short_repr(row)}",
            "write an object of columns and the values that break the rule",
        )
        return
    for name, value in row.items():
        if name not in columns:
            remedy = f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}"
            yield f"meta.counterexample names {name!r}", remedy
        elif value is not None and not fits_type(value, columns[name]):
            yield (
                f"meta.counterexample has {name} {short_repr(value)}",
                f"write null or a value of type {columns[name]}",
            )


def _helper_faults(rule: dict[str, Any], helpers: Mapping[str, str]) -> FaultPairs:
    """Yield why a rule on a helper column cannot be judged: it exists only while rows can still be set aside."""
    expectation, kwargs = VOCABULARY.get(str(rule.get("type"))), rule.get("kwargs")
    if expectation is None or not isinstance(kwargs, dict) or rule.get("severity") in QUARANTINING:
        return
    for name in _judged_columns(kwargs, expectation):
        if isinstance(name, str) and name in helpers:
            yield f"it judges the reference {name!r} and is no warning", "make it one; max_quarantined 0 fails the run"


def _body_faults(rule: dict[str, Any], columns: dict[str, str], all_types: dict[str, str]) -> FaultPairs:
    kind, kwargs = rule.get("type"), rule.get("kwargs")
    expectation = VOCABULARY.get(kind) if isinstance(kind, str) else None
    if isinstance(kind, str) and kind in REFUSED:
        yield f"type {kind}: {REFUSED[kind][0]}", REFUSED[kind][1]
    elif expectation is None:
        yield (
            f"type {short_repr(kind)} is unknown",
            f"{did_you_mean(kind, VOCABULARY)}the gate knows {', '.join(VOCABULARY)}",
        )
    if expectation and rule.get("severity") in QUARANTINING and not expectation.judges.is_row:
        yield "severity is warning, but it judges no row that could be set aside", "make it critical or info"
    if not isinstance(kwargs, dict):
        yield "kwargs is missing", "write the expectation's arguments as an object"
    elif expectation:
        yield from _argument_faults(kwargs, expectation)
        yield from _column_faults(kwargs, expectation, all_types)
        yield from _value_faults(kwargs, expectation, columns, all_types)


def _argument_faults(kwargs: dict[str, Any], expectation: Expectation) -> FaultPairs:
    for unknown in sorted(kwargs.keys() - expectation.arguments):
        takes = f"it takes {', '.join(sorted(expectation.arguments))}"
        yield f"argument {unknown!r} does not exist", f"{did_you_mean(unknown, expectation.arguments)}{takes}"
    for argument in (*expectation.columns, *expectation.column_lists, *expectation.required):
        if argument not in kwargs:
            yield f"argument {argument!r} is missing", "add it to kwargs"


def _column_faults(kwargs: dict[str, Any], expectation: Expectation, columns: dict[str, str]) -> FaultPairs:
    for argument in expectation.column_lists:
        if argument in kwargs and (not isinstance(kwargs[argument], list) or len(kwargs[argument]) < 2):
            yield f"{argument} is {short_repr(kwargs[argument])}", "write a list of at least two columns"
    judged = _judged_columns(kwargs, expectation)
    for name in judged:
        if not isinstance(name, str) or name not in columns:
            remedy = f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}"
            yield f"column {short_repr(name)} is not declared", remedy
        elif (family := family_of(columns[name])) and not expectation.of.takes(family):
            is_text = family is Family.TEXT
            remedy = "judge the column in the output, where it is typed" if is_text else "drop the rule"
            yield f"column {name!r} is {columns[name]}, which it cannot judge", remedy
    declared = [name for name in judged if isinstance(name, str) and name in columns]
    if len(set(declared)) < len(declared):
        yield f"it names {declared[0]!r} twice", "name different columns"
    elif expectation.of is Operand.ALIKE and len({family_of(columns[name]) for name in declared} - {None}) > 1:
        yield f"it compares columns of types {', '.join(columns[name] for name in declared)}", "compare columns alike"


def _judged_columns(kwargs: dict[str, Any], expectation: Expectation) -> list[Any]:
    judged = [kwargs[argument] for argument in expectation.columns if argument in kwargs]
    for argument in expectation.column_lists:
        listed_columns = kwargs.get(argument, [])
        judged += listed_columns if isinstance(listed_columns, list) else []
    return judged


def _value_faults(
    kwargs: dict[str, Any], expectation: Expectation, columns: dict[str, str], all_types: dict[str, str]
) -> FaultPairs:
    types = tuple(
        all_types.get(name, "") if isinstance(name, str) else "" for name in _judged_columns(kwargs, expectation)
    )
    for argument, value in kwargs.items():
        if argument == "row_condition" and value is not None:
            yield from condition_faults(value, columns)
        elif argument == "ignore_row_if":
            yield from argument_faults(f"{'pair' if expectation.columns else 'list'}.{argument}", value, types)
        elif argument in expectation.arguments:
            yield from argument_faults(argument, value, types)
    if expectation.bounds:
        yield from bounds_faults(kwargs, expectation.bounds, types[0] if types else "")
