"""What a suite must be before it may run: every fault of one, with its remedy."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import Fault, short_repr
from etl.contract.severity import ENFORCED, STOPPING, Severity
from etl.contract.stage import SUITE_STAGES, Stage
from etl.contract.validation.meta import faults_of_meta
from etl.contract.validation.references import helper_types
from etl.contract.validation.rules import faults_of_rule
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES

NAME = re.compile(r"[a-z][a-z0-9_]*")
MAX_DEPTH = 20


def faults_of(suite: Any) -> list[Fault]:
    """Return what is wrong with a suite (parsed JSON), each fault with a remedy; empty where it may run."""
    if not isinstance(suite, dict):
        return [Fault("a suite is a JSON object", "write one with name, meta and expectations")]
    if unfit_faults := list(_unfit_faults(suite)):
        return unfit_faults
    dataset, _, stage = str(suite.get("name", "")).partition(".")
    is_named = bool(NAME.fullmatch(dataset)) and stage in SUITE_STAGES
    columns = declared_types(suite)
    helpers = helper_types(suite, columns)
    return [
        *_shape_faults(suite, is_named),
        *faults_of_meta(suite.get("meta"), dataset, stage if is_named else "", columns),
        *(
            fault
            for rule in _listed_rules(suite)
            for fault in faults_of_rule(rule, dataset if is_named else "<dataset>", columns, helpers)
        ),
        *_suite_faults(suite, stage),
    ]


def declared_types(suite: dict[str, Any]) -> dict[str, str]:
    """Return the declared types by column name, as far as they can be read."""
    meta = suite.get("meta")
    entries = meta.get("columns") if isinstance(meta, dict) else None
    columns = [column for column in entries if isinstance(column, dict)] if isinstance(entries, list) else []
    return {column["name"]: str(column.get("type")) for column in columns if isinstance(column.get("name"), str)}


def _unfit_faults(suite: dict[str, Any]) -> Iterator[Fault]:
    """Yield why nothing else of it should be looked at: what no message could quote and no file could hold."""
    level: list[Any] = [suite]
    for _ in range(MAX_DEPTH):
        level = [
            value
            for holder in level
            for value in (holder.values() if isinstance(holder, dict) else holder)
            if _is_container(value)
        ]
    if level:
        yield Fault(f"it is nested more than {MAX_DEPTH} levels deep", "a suite needs seven")
        return
    try:
        json.dumps(suite, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield Fault("it holds half of a surrogate pair, which is no character", "write the character itself")


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list)


def _listed_rules(suite: dict[str, Any]) -> list[Any]:
    return suite["expectations"] if isinstance(suite.get("expectations"), list) else []


def _shape_faults(suite: dict[str, Any], is_named: bool) -> Iterator[Fault]:
    for unknown in sorted(suite.keys() - {"name", "meta", "expectations"}):
        yield Fault(f"{unknown!r} is no part of a suite", "it has name, meta and expectations")
    if not is_named:
        yield Fault(
            f"name is {short_repr(suite.get('name'))}", "write <dataset>.input or <dataset>.output, in lower case"
        )
    if not _listed_rules(suite):
        yield Fault("the suite has no expectations, so it would pass anything", "add at least a row count")


def _suite_faults(suite: dict[str, Any], stage: str) -> Iterator[Fault]:
    rules = [rule for rule in _listed_rules(suite) if isinstance(rule, dict)]
    ids = [rule["meta"].get("rule") for rule in rules if isinstance(rule.get("meta"), dict)]
    for rule, times in Counter(rule_id for rule_id in ids if isinstance(rule_id, str)).items():
        if times > 1:
            yield Fault(f"this id stands {times} times", "give each expectation its own", rule)
    if not any(_counts_rows(rule) for rule in rules):
        yield Fault(
            "there is no critical row-count rule, so an empty day would pass",
            "add expect_table_row_count_to_be_between, min_value 1",
        )
    meta = suite.get("meta")
    key = meta.get("key") if isinstance(meta, dict) else None
    if stage == Stage.OUTPUT and not any(_demands_key(rule, key) for rule in rules):
        yield Fault(
            "there is no rule that the key is unique",
            "add expect_column_values_to_be_unique (or the compound one) on meta.key",
        )


def _counts_rows(rule: dict[str, Any]) -> bool:
    kwargs = _unconditional_kwargs(rule, ROW_COUNT_TYPES, STOPPING)
    least = kwargs.get("value" if rule.get("type") == ROW_COUNT_TYPES[1] else "min_value")
    return isinstance(least, int) and least >= 1


def _demands_key(rule: dict[str, Any], key: Any) -> bool:
    kwargs = _unconditional_kwargs(rule, UNIQUE_TYPES, ENFORCED)
    columns = kwargs.get("column_list") or [kwargs.get("column")]
    return isinstance(key, list) and bool(kwargs) and sorted(map(str, columns)) == sorted(map(str, key))


def _unconditional_kwargs(
    rule: dict[str, Any], types: tuple[str, ...], severities: tuple[Severity, ...]
) -> dict[str, Any]:
    """Return the arguments of a rule of these types and severities that every row is held to, else none."""
    kwargs = rule.get("kwargs")
    if rule.get("type") not in types or rule.get("severity", Severity.CRITICAL) not in severities:
        return {}
    if not isinstance(kwargs, dict) or kwargs.get("mostly", 1) != 1 or kwargs.get("row_condition") is not None:
        return {}
    return kwargs
