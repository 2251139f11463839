"""What the meta of a suite must be: texts, version, columns, and what only an input or an output declares."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import Fault, did_you_mean, short_repr
from etl.contract.policies import ConflictPolicy, FailedNeedPolicy, PoisonPolicy
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import DECLARABLE_TYPES, ColumnType, Family, family_of
from etl.contract.validation.references import references_faults
from etl.contract.validation.table_sources import reconciles_faults, sources_faults
from etl.contract.validation.values import is_share

VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
PARTITION = re.compile(r"(?:(?P<unit>year|month|day)\((?P<dated>[^()]+)\)|(?P<plain>[^()]+))")
# What Spark, Iceberg and a CSV header can all carry; a dot or a backtick would be read as syntax.
COLUMN_NAME = re.compile(r"[^\W_][\w -]*(?<! )")
REQUIRED_TEXTS = ("version", "owner", "description")
SHARED_KEYS = {*REQUIRED_TEXTS, "columns", "max_quarantined", "draft"}
META: dict[str, set[str]] = {
    Stage.INPUT: {*SHARED_KEYS, "format", "on_poison", "sources", "day"},
    Stage.OUTPUT: {
        *(*SHARED_KEYS, "key", "partition_by", "freshness_hours"),
        *("references", "on_conflict", "on_failed_need", "reconciles", "transform"),
    },
}
# What Glue takes as a column's comment (AWS Glue API, Column).
COMMENT = re.compile(r"[^\r\n\u2028\u2029]{1,255}")
CHOICES = {
    "on_conflict": tuple(ConflictPolicy),
    "on_poison": tuple(PoisonPolicy),
    "on_failed_need": tuple(FailedNeedPolicy),
}
MODULE = re.compile(r"[a-z][a-z0-9_]*")
COLUMN = ("name", "type", "description", "pii")
MAX_FRESHNESS_HOURS = 168  # CloudWatch evaluates at most seven days of hourly periods


def faults_of_meta(meta: Any, dataset: str, stage: str, columns: dict[str, str]) -> Iterator[Fault]:
    """Yield what is wrong with the meta of an input or output suite ("" where unknown), whose types are `columns`."""
    if not isinstance(meta, dict):
        yield Fault("meta is missing", "it holds version, owner, description and columns")
        return
    allowed = META.get(stage, META[Stage.INPUT] | META[Stage.OUTPUT])
    for unknown in sorted(meta.keys() - allowed):
        yield Fault(
            f"meta.{unknown} is unknown in an {stage or 'unnamed'} suite",
            f"{did_you_mean(unknown, allowed)}it may have {', '.join(sorted(allowed))}",
        )
    yield from _text_faults(meta)
    yield from _column_list_faults(meta.get("columns"))
    if not is_share(meta.get("max_quarantined", 0)):
        yield Fault(f"meta.max_quarantined is {short_repr(meta['max_quarantined'])}", "write a share from 0 to 1")
    if not isinstance(meta.get("draft", False), bool):
        yield Fault(f"meta.draft is {short_repr(meta['draft'])}", "write true, or leave it out")
    for name, choices in CHOICES.items():
        if meta.get(name, choices[0]) not in choices:
            yield Fault(
                f"meta.{name} is {short_repr(meta[name])}",
                f"{did_you_mean(meta[name], choices)}it may be {' or '.join(choices)}",
            )
    if stage == Stage.INPUT:
        yield from _input_faults(meta, columns)
        yield from (Fault(*fault) for fault in sources_faults(meta, columns, dataset))
    elif stage == Stage.OUTPUT:
        yield from _transform_faults(meta)
        yield from _key_faults(meta.get("key"), columns)
        yield from _partition_faults(meta.get("partition_by", []), columns)
        yield from _freshness_faults(meta.get("freshness_hours"))
        yield from (Fault(*fault) for fault in references_faults(meta.get("references", []), columns, dataset))
        yield from (Fault(*fault) for fault in reconciles_faults(meta.get("reconciles", []), columns, dataset))


def _transform_faults(meta: dict[str, Any]) -> Iterator[Fault]:
    name = meta.get("transform", "x")
    if not isinstance(name, str) or not MODULE.fullmatch(name):
        yield Fault(
            f"meta.transform is {short_repr(name)}",
            "name a module of etl/datasets, such as orders; or drop it, and the dataset has one of its own",
        )


def _text_faults(meta: dict[str, Any]) -> Iterator[Fault]:
    for key in REQUIRED_TEXTS:
        if not isinstance(meta.get(key), str) or not meta[key].strip():
            yield Fault(f"meta.{key} is missing", "give it as text")
        elif key == "version" and not VERSION.fullmatch(meta[key]):
            yield Fault(f"meta.version is {short_repr(meta[key])}", "write a semantic version such as 1.0.0")


def _column_list_faults(columns: Any) -> Iterator[Fault]:
    if not isinstance(columns, list) or not columns:
        yield Fault("meta.columns is missing", "list each column's name, type and description")
        return
    names = [entry["name"] for entry in columns if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
    # Spark finds columns whatever their case, so two that differ in it alone are one.
    for name, times in Counter(name.lower() for name in names).items():
        if times > 1:
            yield Fault(
                f"meta.columns declares {name!r} {times} times", "keep one of them; case does not tell two apart"
            )
    for column in columns:
        yield from _column_faults(column)


def _column_faults(column: Any) -> Iterator[Fault]:
    if not isinstance(column, dict):
        yield Fault(f"meta.columns holds {short_repr(column)}", "a column is an object with name, type and description")
        return
    name = column.get("name")
    about = f"column {short_repr(name)}"
    for key in COLUMN[:3]:
        if not isinstance(column.get(key), str) or not column[key].strip():
            yield Fault(f"{about} has no {key}", "give it as text")
    if (meaning := column.get("description")) and isinstance(meaning, str) and not COMMENT.fullmatch(meaning):
        yield Fault(
            f"{about} has a description that the catalog cannot keep", "write one line of at most 255 characters"
        )
    for key in sorted(column.keys() - set(COLUMN)):
        yield Fault(
            f"{about} has an unknown key {key!r}", f"{did_you_mean(key, COLUMN)}it may have {', '.join(COLUMN)}"
        )
    if not isinstance(column.get("pii", False), bool):
        yield Fault(f"{about} has pii {short_repr(column['pii'])}", "write true or false")
    if isinstance(name, str) and name.startswith("_"):
        yield Fault(f"{about} starts with _, which is kept for Sluice's own columns", "rename it")
    elif isinstance(name, str) and name.strip() and not COLUMN_NAME.fullmatch(name):
        yield Fault(f"{about} is no name that Spark can carry", "write letters, digits, _, - and inner spaces")
    declared = column.get("type")
    if isinstance(declared, str) and declared.strip() and not ColumnType.parse(declared):
        yield Fault(f"{about} has type {short_repr(declared)}", f"declare one of {DECLARABLE_TYPES}")


def _input_faults(meta: dict[str, Any], columns: dict[str, str]) -> Iterator[Fault]:
    form = meta.get("format", SourceFormat.CSV)
    if form not in tuple(SourceFormat):
        yield Fault(f"meta.format is {short_repr(form)}", f"it may be {', '.join(SourceFormat)}")
        return
    for name, declared in columns.items():
        if SourceFormat(form).is_text and family_of(declared) not in (None, Family.TEXT):
            yield Fault(
                f"column {name!r} has type {declared!r}, but a raw {form} value is text",
                "write string; the output declares its type",
            )


def _key_faults(key: Any, columns: dict[str, str]) -> Iterator[Fault]:
    if not isinstance(key, list) or not key:
        yield Fault("meta.key is missing", "list the columns that tell one row from another")
        return
    for name in key:
        if not isinstance(name, str) or name not in columns:
            yield Fault(
                f"meta.key names {short_repr(name)}, which is not declared",
                f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}",
            )
    if len({str(name) for name in key}) < len(key):
        yield Fault(f"meta.key {short_repr(key)} names a column twice", "keep one of them")


def _partition_faults(parts: Any, columns: dict[str, str]) -> Iterator[Fault]:
    if not isinstance(parts, list):
        yield Fault(f"meta.partition_by is {short_repr(parts)}", "write a list of columns, or leave it out")
        return
    for part in parts:
        match = PARTITION.fullmatch(part) if isinstance(part, str) else None
        name = match and (match["dated"] or match["plain"])
        if name not in columns:
            yield Fault(
                f"meta.partition_by has {short_repr(part)}",
                f"{did_you_mean(name, columns)}write a declared column or year, month or day of a declared date",
            )
        elif match and match["dated"] and family_of(columns[name]) is not Family.DATE:
            yield Fault(f"meta.partition_by has {part!r}, but {name!r} is no date", "partition by the column itself")
    if len({str(part) for part in parts}) < len(parts):
        yield Fault(f"meta.partition_by {short_repr(parts)} names a part twice", "keep one of them")
    dated = [
        (match["unit"], match["dated"])
        for part in parts
        if (match := PARTITION.fullmatch(str(part))) and match["dated"]
    ]
    for name, times in Counter(name for _, name in dated).items():
        if times > 1 and len({str(part) for part in parts}) == len(parts):
            yield Fault(
                f"meta.partition_by has {times} parts of {name!r}", "keep the finest: it serves the coarser too"
            )
    for unit, name in dated:
        if f"{name}_{unit}" in columns:
            yield Fault(
                f"column {f'{name}_{unit}'!r} has the name of the partition {unit}({name})", "rename the column"
            )


def _freshness_faults(hours: Any) -> Iterator[Fault]:
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= MAX_FRESHNESS_HOURS:
        yield Fault(
            f"meta.freshness_hours is {short_repr(hours)}", f"write whole hours from 1 to {MAX_FRESHNESS_HOURS}"
        )
