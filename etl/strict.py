"""What a suite must be before it may run: every fault of one, with its remedy."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.columns import KNOWN, is_known
from etl.strict_rules import faults_of_rule
from etl.vocabulary import ROW_COUNT, UNIQUE

Suite = dict[str, Any]
STAGES = ("input", "output")
FORMATS = ("csv",)
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
NAME = re.compile(r"[a-z][a-z0-9_]*")
PARTITION = re.compile(r"(?:(?:year|month|day)\((?P<dated>\w+)\)|(?P<plain>\w+))")
TEXTS = ("version", "owner", "description")
META = {
    "input": {*TEXTS, "columns", "format", "max_quarantined"},
    "output": {*TEXTS, "columns", "key", "partition_by", "freshness_hours", "max_quarantined"},
}
COLUMN = {"name": str, "type": str, "description": str, "pii": bool}
LONGEST_WATCH = 168  # CloudWatch evaluates at most seven days of hourly periods


def faults_of(suite: Any) -> list[str]:
    """Return what is wrong with a suite (parsed JSON), each as one sentence with a remedy; empty where it may run."""
    if not isinstance(suite, dict):
        return ["a suite is a JSON object with name, meta and expectations"]
    shape = list(_shape(suite))
    if shape:
        return shape
    columns = {column["name"]: column["type"] for column in suite["meta"]["columns"]}
    dataset, stage = suite["name"].split(".")
    rules = [fault for rule in suite["expectations"] for fault in faults_of_rule(rule, dataset, columns)]
    return [*_meta(suite["meta"], stage, columns), *rules, *_together(suite, stage)]


def _shape(suite: Suite) -> Iterator[str]:
    for unknown in sorted(suite.keys() - {"name", "meta", "expectations"}):
        yield f"{unknown!r} is no part of a suite; it has name, meta and expectations"
    dataset, _, stage = str(suite.get("name", "")).partition(".")
    if not NAME.fullmatch(dataset) or stage not in STAGES:
        yield f"name is {suite.get('name')!r}; write <dataset>.input or <dataset>.output, in lower case"
    if not isinstance(suite.get("expectations"), list) or not suite["expectations"]:
        yield "the suite has no expectations, so it would pass anything; add at least a row count"
    meta = suite.get("meta")
    if not isinstance(meta, dict):
        yield "meta is missing; it holds version, owner, description and columns"
    elif not isinstance(meta.get("columns"), list) or not meta["columns"]:
        yield "meta.columns is missing; list each column's name, type and description"
    else:
        yield from (fault for column in meta["columns"] for fault in _column(column))


def _column(column: Any) -> Iterator[str]:
    if not isinstance(column, dict):
        yield f"meta.columns holds {column!r}; a column is an object with name, type and description"
        return
    for key in ("name", "type", "description"):
        if not isinstance(column.get(key), str) or not column[key].strip():
            yield f"column {column.get('name')!r} has no {key}; give it as text"
    for key, value in column.items():
        if key not in COLUMN:
            yield f"column {column.get('name')!r} has an unknown key {key!r}; it may have {', '.join(COLUMN)}"
        elif key == "pii" and not isinstance(value, bool):
            yield f"column {column.get('name')!r} has pii {value!r}; write true or false"


def _meta(meta: Suite, stage: str, columns: dict[str, str]) -> Iterator[str]:
    for unknown in sorted(meta.keys() - META[stage]):
        yield f"meta.{unknown} is unknown in an {stage} suite; it may have {', '.join(sorted(META[stage]))}"
    for key in TEXTS:
        if not isinstance(meta.get(key), str) or not meta[key].strip():
            yield f"meta.{key} is missing; give it as text"
    if isinstance(meta.get("version"), str) and not VERSION.fullmatch(meta["version"]):
        yield f"meta.version is {meta['version']!r}; write a semantic version such as 1.0.0"
    if len(columns) < len(meta["columns"]):
        yield "meta.columns declares a name twice; keep one of them"
    for name, declared in columns.items():
        if name.startswith("_"):
            yield f"column {name!r} starts with _, which is kept for Sluice's own columns; rename it"
        if not is_known(declared):
            yield f"column {name!r} has type {declared!r}; declare one of {KNOWN}"
    share = meta.get("max_quarantined", 0)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        yield f"meta.max_quarantined is {share!r}; write a share from 0 to 1"
    yield from _input_meta(meta, columns) if stage == "input" else _output_meta(meta, columns)


def _input_meta(meta: Suite, columns: dict[str, str]) -> Iterator[str]:
    if meta.get("format", "csv") not in FORMATS:
        yield f"meta.format is {meta['format']!r}; it may be {', '.join(FORMATS)}"
    for name, declared in columns.items():
        if declared != "string":
            yield f"column {name!r} has type {declared!r}; raw csv columns are strings, the output declares their types"


def _output_meta(meta: Suite, columns: dict[str, str]) -> Iterator[str]:
    key = meta.get("key")
    if not isinstance(key, list) or not key:
        yield "meta.key is missing; list the columns that tell one row from another"
    else:
        yield from (
            f"meta.key names {name!r}, which meta.columns does not declare" for name in key if name not in columns
        )
    for part in meta.get("partition_by", []):
        found = PARTITION.fullmatch(str(part))
        name = found and (found["dated"] or found["plain"])
        if name not in columns:
            yield f"meta.partition_by has {part!r}; write a declared column or year, month or day of a declared date"
        elif found and found["dated"] and columns[name] != "date":
            yield f"meta.partition_by has {part!r}, but {name!r} is no date; partition by the column itself"
    hours = meta.get("freshness_hours")
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= LONGEST_WATCH:
        yield f"meta.freshness_hours is {hours!r}; write whole hours from 1 to {LONGEST_WATCH}"


def _together(suite: Suite, stage: str) -> Iterator[str]:
    rules = [rule for rule in suite["expectations"] if isinstance(rule, dict)]
    metas = [rule["meta"] for rule in rules if isinstance(rule.get("meta"), dict)]
    for rule, times in Counter(str(meta.get("rule")) for meta in metas).items():
        if times > 1:
            yield f"rule {rule}: this id stands {times} times; give each expectation its own"
    if not any(_counts_rows(rule) for rule in rules):
        yield "there is no row-count rule, so an empty day would pass; add expect_table_row_count_to_be_between, min_value 1"
    if stage == "output" and not any(_demands_key(rule, suite["meta"].get("key")) for rule in rules):
        yield "there is no rule that the key is unique; add expect_column_values_to_be_unique (or the compound one) on meta.key"


def _counts_rows(rule: Suite) -> bool:
    kwargs = rule.get("kwargs") if isinstance(rule.get("kwargs"), dict) else {}
    least = (kwargs or {}).get("value" if rule.get("type") == ROW_COUNT[1] else "min_value")
    return _is_critical(rule) and rule.get("type") in ROW_COUNT and isinstance(least, int) and least >= 1


def _demands_key(rule: Suite, key: Any) -> bool:
    kwargs = rule.get("kwargs")
    if rule.get("type") not in UNIQUE or not isinstance(kwargs, dict) or not isinstance(key, list):
        return False
    columns = kwargs.get("column_list") or [kwargs.get("column")]
    return _is_critical(rule) and sorted(map(str, columns)) == sorted(map(str, key)) and "mostly" not in kwargs


def _is_critical(rule: Suite) -> bool:
    return rule.get("severity", "critical") == "critical"
