"""What one expectation must agree on with the suite that has it: its id, severity, columns and arguments."""

import re
from collections.abc import Iterator
from typing import Any

from etl.contract.column_paths import ELEMENT_TYPES, has_elements, root_of
from etl.contract.faults import did_you_mean, short_repr
from etl.contract.json_values import is_list
from etl.contract.severity import QUARANTINING
from etl.contract.suite_model import RULE_ID
from etl.contract.types import Family, family_of
from etl.contract.validation.bounds import bounds_faults, condition_faults
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.history import history_use_faults
from etl.contract.validation.suite_paths import PlacedFault
from etl.contract.validation.values import FaultPairs, argument_faults, fits_type
from etl.contract.vocabulary import UNIQUE_TYPES, VOCABULARY, Expectation, Operand

REMEDIES = {
    Family.TEXT: "judge the column in the output, where it is typed",
    Family.NESTED: "judge what is within by its path, such as customer.id or lines[].quantity, or whether the column is null",
}


def rule_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between each expectation and its suite."""
    for index, rule in enumerate(sound.rules):
        for key, faults in (
            ("meta", _meta_faults(rule.get("meta", {}), sound)),
            ("type", _severity_faults(rule)),
            ("kwargs", _kwargs_faults(rule, sound)),
        ):
            for problem, remedy in faults:
                yield PlacedFault(("expectations", index, key), problem, remedy)


def _meta_faults(meta: dict[str, Any], sound: SoundSuite) -> FaultPairs:
    rule = meta.get("rule")
    if rule is not None and re.fullmatch(RULE_ID, rule) and not rule.startswith(f"{sound.dataset}."):
        remedy = f"write a stable id such as {sound.dataset}.<column>.<what>, in lower case"
        yield f"meta.rule is {short_repr(rule)}", remedy
    elif rule is not None and rule.startswith(f"{sound.dataset}.structure."):
        yield f"ids under {sound.dataset}.structure are the gate's own", "choose another"
    columns = sound.judged_columns
    yield from _counterexample_faults(meta.get("counterexample", {}), columns)


def _counterexample_faults(row: dict[str, Any], columns: dict[str, str]) -> FaultPairs:
    for name, value in row.items():
        if name not in columns:
            remedy = f"{did_you_mean(name, columns)}meta.columns has {', '.join(_declared(columns))}"
            yield f"meta.counterexample names {name!r}", remedy
        elif value is not None and not fits_type(value, columns[name]):
            yield (
                f"meta.counterexample has {name} {short_repr(value)}",
                _value_remedy(columns[name]),
            )


def _value_remedy(declared: str) -> str:
    if family_of(declared) is Family.NESTED:
        return "name what is within by its path, such as customer.id or lines[].quantity, or write null"
    return f"write null or a value of type {declared}"


def _declared(columns: dict[str, str]) -> list[str]:
    return [name for name in columns if root_of(name) == name]


def _severity_faults(rule: dict[str, Any]) -> FaultPairs:
    expectation = VOCABULARY.get(rule.get("type", ""))
    if expectation and rule.get("severity") in QUARANTINING and not expectation.judges.is_row:
        yield "severity is warning, but it judges no row that could be set aside", "make it critical or info"


def _kwargs_faults(rule: dict[str, Any], sound: SoundSuite) -> FaultPairs:
    expectation, kwargs = VOCABULARY.get(rule.get("type", "")), rule.get("kwargs")
    if expectation is None or kwargs is None:
        return
    columns = sound.judged_columns
    yield from _path_faults(kwargs, expectation, rule["type"])
    yield from _argument_faults(kwargs, expectation)
    yield from _column_faults(kwargs, expectation, columns)
    yield from _value_faults(kwargs, expectation, sound, columns)
    yield from history_use_faults(rule, sound)
    if rule.get("severity") not in QUARANTINING:
        yield from _helper_faults(kwargs, expectation, sound)


def _helper_faults(kwargs: dict[str, Any], expectation: Expectation, sound: SoundSuite) -> FaultPairs:
    """Yield why a rule on a helper column cannot be judged: it exists only while rows can still be set aside."""
    for name in _judged_columns(kwargs, expectation):
        if isinstance(name, str) and name in sound.helpers:
            yield f"it judges the reference {name!r} and is no warning", "make it one; max_quarantined 0 fails the run"


def _argument_faults(kwargs: dict[str, Any], expectation: Expectation) -> FaultPairs:
    for unknown in sorted(kwargs.keys() - expectation.arguments):
        takes = f"it takes {', '.join(sorted(expectation.arguments))}"
        yield f"argument {unknown!r} does not exist", f"{did_you_mean(unknown, expectation.arguments)}{takes}"
    for argument in (*expectation.columns, *expectation.column_lists, *expectation.required):
        if argument not in kwargs:
            yield f"argument {argument!r} is missing", "add it to kwargs"


def _column_faults(kwargs: dict[str, Any], expectation: Expectation, columns: dict[str, str]) -> FaultPairs:
    for argument in expectation.column_lists:
        if argument in kwargs and (not is_list(kwargs[argument]) or len(kwargs[argument]) < 2):
            yield f"{argument} is {short_repr(kwargs[argument])}", "write a list of at least two columns"
    judged = _judged_columns(kwargs, expectation)
    for name in judged:
        if not isinstance(name, str) or name not in columns:
            remedy = f"{did_you_mean(name, columns)}meta.columns has {', '.join(_declared(columns))}"
            yield f"column {short_repr(name)} is not declared", remedy
        elif (family := family_of(columns[name])) and not expectation.operand.takes(family):
            remedy = REMEDIES.get(family, "drop the rule")
            yield f"column {name!r} is {columns[name]}, which it cannot judge", remedy
    declared = [name for name in judged if isinstance(name, str) and name in columns]
    if len(set(declared)) < len(declared):
        yield f"it names {declared[0]!r} twice", "name different columns"
    elif expectation.operand is Operand.ALIKE and len({family_of(columns[name]) for name in declared} - {None}) > 1:
        yield f"it compares columns of types {', '.join(columns[name] for name in declared)}", "compare columns alike"


def _path_faults(kwargs: dict[str, Any], expectation: Expectation, kind: str) -> FaultPairs:
    """Yield why a rule cannot judge what is within a column."""
    paths = [name for name in _judged_columns(kwargs, expectation) if isinstance(name, str) and root_of(name) != name]
    if not paths:
        return
    if not expectation.judges.is_row or kind in UNIQUE_TYPES:
        remedy = "let the transform make a column of it"
        yield f"it judges {paths[0]!r}, and only rules on one row reach inside a column", remedy
    elif any(map(has_elements, paths)):
        if kind not in ELEMENT_TYPES:
            words = ", ".join(ELEMENT_TYPES)
            yield f"it judges {paths[0]!r}, and it is no rule on elements of a list", f"elements are judged by {words}"
        for argument in ("mostly", "row_condition"):
            if kwargs.get(argument) is not None:
                yield f"it judges {paths[0]!r} with {argument}", "drop it, or let the transform make a column"


def _judged_columns(kwargs: dict[str, Any], expectation: Expectation) -> list[Any]:
    judged = [kwargs[argument] for argument in expectation.columns if argument in kwargs]
    for argument in expectation.column_lists:
        listed_columns = kwargs.get(argument, [])
        judged += listed_columns if is_list(listed_columns) else []
    return judged


def _value_faults(
    kwargs: dict[str, Any], expectation: Expectation, sound: SoundSuite, all_types: dict[str, str]
) -> FaultPairs:
    types = tuple(
        all_types.get(name, "") if isinstance(name, str) else "" for name in _judged_columns(kwargs, expectation)
    )
    for argument, value in kwargs.items():
        if argument == "row_condition" and value is not None:
            yield from condition_faults(value, sound.columns)
        elif argument == "ignore_row_if":
            yield from argument_faults(f"{'pair' if expectation.columns else 'list'}.{argument}", value, types)
        elif argument in expectation.arguments:
            yield from argument_faults(argument, value, types)
    yield from bounds_faults(kwargs, expectation.bounds, types[0] if types else "", sound.meta.get("history", {}))
