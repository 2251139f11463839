"""What a suite must be before it may run: every fault of one, with its remedy."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import Fault, short_repr
from etl.contract.json_values import is_list, is_object
from etl.contract.severity import ENFORCED, STOPPING, Severity
from etl.contract.stage import Stage
from etl.contract.validation.checked_suite import CheckedSuite, SoundSuite
from etl.contract.validation.field_faults import field_faults
from etl.contract.validation.meta import meta_faults
from etl.contract.validation.rules import rule_faults
from etl.contract.validation.suite_paths import END, Path, PlacedFault, order_of, value_at
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES

MAX_DEPTH = 20


def faults_of(suite: Any) -> list[Fault]:
    """Return what is wrong with a suite (parsed JSON), each fault with a remedy; empty where it may run.

    Faults of fields and of cross-checks are there together, in the order of the file's model.
    """
    if not is_object(suite):
        return [Fault("a suite is a JSON object", "write one with name, meta and expectations")]
    if unfit_faults := list(_unfit_faults(suite)):
        return unfit_faults
    checked = CheckedSuite.from_json(suite)
    faults = [
        *field_faults(checked),
        *meta_faults(checked.sound),
        *rule_faults(checked.sound),
        *_suite_faults(checked.sound),
    ]
    faults.sort(key=lambda fault: order_of(checked.shape, fault.path))
    return [Fault(fault.problem, fault.remedy, fault.rule or _rule_at(suite, fault.path)) for fault in faults]


def _rule_at(suite: dict[str, Any], path: Path) -> str | None:
    """Return what names the rule that a path leads into, None where it leads into none."""
    rule = value_at(suite, path[:2]) if path[:1] == ("expectations",) and len(path) > 1 else None
    if not is_object(rule):
        return None
    name = value_at(rule, ("meta", "rule")) or rule.get("type")
    return name if isinstance(name, str) else short_repr(name)


def _unfit_faults(suite: dict[str, Any]) -> Iterator[Fault]:
    """Yield why nothing else of it should be looked at: what no message could quote and no file could hold."""
    level: list[Any] = [suite]
    for _ in range(MAX_DEPTH):
        level = [
            value
            for holder in level
            for value in (holder.values() if is_object(holder) else holder)
            if is_object(value) or is_list(value)
        ]
    if level:
        yield Fault(f"it is nested more than {MAX_DEPTH} levels deep", "a suite needs seven")
        return
    try:
        json.dumps(suite, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield Fault("it holds half of a surrogate pair, which is no character", "write the character itself")


def _suite_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong with all rules together."""
    ids = [rule["meta"]["rule"] for rule in sound.rules if "rule" in rule.get("meta", {})]
    for rule, times in Counter(ids).items():
        if times > 1:
            yield PlacedFault(END, f"this id stands {times} times", "give each expectation its own", rule)
    if not any(_counts_rows(rule) for rule in sound.rules):
        yield PlacedFault(
            END,
            "there is no critical row-count rule, so an empty day would pass",
            "add expect_table_row_count_to_be_between, min_value 1",
        )
    if sound.stage == Stage.OUTPUT and sound.meta.get("key") != [] and not _has_key_rule(sound):
        yield PlacedFault(
            END,
            "there is no rule that the key is unique",
            "add expect_column_values_to_be_unique (or the compound one) on meta.key",
        )


def _has_key_rule(sound: SoundSuite) -> bool:
    return any(_demands_key(rule, sound.meta.get("key")) for rule in sound.rules)


def _counts_rows(rule: dict[str, Any]) -> bool:
    kwargs = _unconditional_kwargs(rule, ROW_COUNT_TYPES, STOPPING)
    least = kwargs.get("value" if rule.get("type") == ROW_COUNT_TYPES[1] else "min_value")
    return isinstance(least, int) and least >= 1


def _demands_key(rule: dict[str, Any], key: list[str] | None) -> bool:
    kwargs = _unconditional_kwargs(rule, UNIQUE_TYPES, ENFORCED)
    listed = kwargs.get("column_list")
    columns = listed if is_list(listed) else [kwargs.get("column")]
    return key is not None and bool(kwargs) and sorted(map(str, columns)) == sorted(key)


def _unconditional_kwargs(
    rule: dict[str, Any], types: tuple[str, ...], severities: tuple[Severity, ...]
) -> dict[str, Any]:
    """Return the arguments of a rule of these types and severities that every row is held to, else none."""
    kwargs = rule.get("kwargs", {})
    if rule.get("type") not in types or rule.get("severity", Severity.CRITICAL) not in severities:
        return {}
    if kwargs.get("mostly", 1) != 1 or kwargs.get("row_condition") is not None:
        return {}
    return kwargs
