"""What a suite must be before it may run: every fault of one, with its remedy."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import Fault, shown
from etl.contract.validation.meta import faults_of_meta
from etl.contract.validation.references import referenced
from etl.contract.validation.rules import faults_of_rule
from etl.contract.vocabulary import ROW_COUNT, UNIQUE

STAGES = ("input", "output")
NAME = re.compile(r"[a-z][a-z0-9_]*")
DEEPEST = 20


def faults_of(suite: Any) -> list[Fault]:
    """Return what is wrong with a suite (parsed JSON), each fault with a remedy; empty where it may run."""
    if not isinstance(suite, dict):
        return [Fault("a suite is a JSON object", "write one with name, meta and expectations")]
    if unfit := list(_unfit(suite)):
        return unfit
    dataset, _, stage = str(suite.get("name", "")).partition(".")
    named = bool(NAME.fullmatch(dataset)) and stage in STAGES
    columns = declared(suite)
    helpers = referenced(suite, columns)
    return [
        *_shape(suite, named),
        *faults_of_meta(suite.get("meta"), dataset, stage if named else "", columns),
        *(
            fault
            for rule in _rules(suite)
            for fault in faults_of_rule(rule, dataset if named else "<dataset>", columns, helpers)
        ),
        *_together(suite, stage),
    ]


def declared(suite: dict[str, Any]) -> dict[str, str]:
    """Return the declared types by column name, as far as they can be read."""
    meta = suite.get("meta")
    listed = meta.get("columns") if isinstance(meta, dict) else None
    columns = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return {one["name"]: str(one.get("type")) for one in columns if isinstance(one.get("name"), str)}


def _unfit(suite: dict[str, Any]) -> Iterator[Fault]:
    """Yield why nothing else of it should be looked at: what no message could quote and no file could hold."""
    level: list[Any] = [suite]
    for _ in range(DEEPEST):
        level = [
            one for holder in level for one in (holder.values() if isinstance(holder, dict) else holder) if _holds(one)
        ]
    if level:
        yield Fault(f"it is nested more than {DEEPEST} levels deep", "a suite needs seven")
        return
    try:
        json.dumps(suite, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield Fault("it holds half of a surrogate pair, which is no character", "write the character itself")


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list)


def _rules(suite: dict[str, Any]) -> list[Any]:
    return suite["expectations"] if isinstance(suite.get("expectations"), list) else []


def _shape(suite: dict[str, Any], named: bool) -> Iterator[Fault]:
    for unknown in sorted(suite.keys() - {"name", "meta", "expectations"}):
        yield Fault(f"{unknown!r} is no part of a suite", "it has name, meta and expectations")
    if not named:
        yield Fault(f"name is {shown(suite.get('name'))}", "write <dataset>.input or <dataset>.output, in lower case")
    if not _rules(suite):
        yield Fault("the suite has no expectations, so it would pass anything", "add at least a row count")


def _together(suite: dict[str, Any], stage: str) -> Iterator[Fault]:
    rules = [rule for rule in _rules(suite) if isinstance(rule, dict)]
    ids = [rule["meta"].get("rule") for rule in rules if isinstance(rule.get("meta"), dict)]
    for rule, times in Counter(one for one in ids if isinstance(one, str)).items():
        if times > 1:
            yield Fault(f"this id stands {times} times", "give each expectation its own", rule)
    if not any(_counts_rows(rule) for rule in rules):
        yield Fault(
            "there is no critical row-count rule, so an empty day would pass",
            "add expect_table_row_count_to_be_between, min_value 1",
        )
    meta = suite.get("meta")
    key = meta.get("key") if isinstance(meta, dict) else None
    if stage == "output" and not any(_demands_key(rule, key) for rule in rules):
        yield Fault(
            "there is no rule that the key is unique",
            "add expect_column_values_to_be_unique (or the compound one) on meta.key",
        )


def _counts_rows(rule: dict[str, Any]) -> bool:
    kwargs = _whole(rule, ROW_COUNT, ("critical",))
    least = kwargs.get("value" if rule.get("type") == ROW_COUNT[1] else "min_value")
    return isinstance(least, int) and least >= 1


def _demands_key(rule: dict[str, Any], key: Any) -> bool:
    kwargs = _whole(rule, UNIQUE, ("critical", "warning"))
    columns = kwargs.get("column_list") or [kwargs.get("column")]
    return isinstance(key, list) and bool(kwargs) and sorted(map(str, columns)) == sorted(map(str, key))


def _whole(rule: dict[str, Any], types: tuple[str, ...], severities: tuple[str, ...]) -> dict[str, Any]:
    """Return the arguments of a rule of these types and severities that every row is held to, else none."""
    kwargs = rule.get("kwargs")
    if rule.get("type") not in types or rule.get("severity", "critical") not in severities:
        return {}
    if not isinstance(kwargs, dict) or kwargs.get("mostly", 1) != 1 or kwargs.get("row_condition") is not None:
        return {}
    return kwargs
