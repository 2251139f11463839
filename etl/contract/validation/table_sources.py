"""What `meta.sources` and `meta.reconciles` must be: tables that a dataset is built from, and the sums it shares with them."""

import re
from collections import Counter
from typing import Any

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.source_format import SourceFormat
from etl.contract.types import Family, family_of
from etl.contract.validation.values import FaultPairs

DATASET = re.compile(r"[a-z][a-z0-9_]*")
SOURCE_KEYS = ("dataset", "columns", "day", "on")
RECONCILIATION_KEYS = ("dataset", "by", "sums")


def sources_faults(meta: dict[str, Any], columns: dict[str, str], dataset: str) -> FaultPairs:
    """Yield what is wrong with the sources of `dataset`'s input, and with the column that says which day a row is of."""
    if meta.get("format") != SourceFormat.TABLES:
        for key in sorted({"sources", "day"} & meta.keys()):
            yield f"meta.{key} stands in an input of files", f'write "format": "{SourceFormat.TABLES}", or drop it'
        return
    if "on_poison" in meta:
        yield "meta.on_poison stands in an input of tables, which no object can poison", "drop it"
    if family_of(columns.get(str(meta.get("day")), "")) is not Family.DATE:
        yield f"meta.day is {short_repr(meta.get('day'))}", "name the column of type date by which rows are built again"
    sources = meta.get("sources")
    if not isinstance(sources, list) or not sources:
        yield "meta.sources is missing", f"list the tables that it is built from, objects with {', '.join(SOURCE_KEYS)}"
        return
    for source in sources:
        yield from _source_faults(source, dataset)
    entries = [entry for entry in sources if isinstance(entry, dict)]
    for name, times in Counter(str(entry.get("dataset")) for entry in entries).items():
        if times > 1:
            yield f"meta.sources names {name!r} {times} times", "name it once, with every column that is read"
    if sum("day" in entry for entry in entries) != 1:
        yield "meta.sources has not just one source with a day", "give it to the one whose days are built again"


def _source_faults(source: Any, dataset: str) -> FaultPairs:
    if not isinstance(source, dict) or source.keys() - set(SOURCE_KEYS) or not {"dataset", "columns"} <= source.keys():
        yield f"meta.sources holds {short_repr(source)}", f"write an object with {', '.join(SOURCE_KEYS)}"
        return
    yield from _dataset_name_faults(source["dataset"], "a source's dataset", dataset)
    columns = source["columns"]
    if not isinstance(columns, list) or not columns or not all(isinstance(name, str) and name for name in columns):
        yield (
            f"a source's columns are {short_repr(columns)}",
            "list the columns that are read: a change in others is none",
        )
        return
    if len(set(columns)) < len(columns):
        yield f"a source's columns {short_repr(columns)} name one twice", "keep one of them"
    keys = [key for key in ("day", "on") if key in source]
    if len(keys) != 1:
        yield (
            f"source {short_repr(source['dataset'])} has {' and '.join(keys) or 'neither day nor on'}",
            "give it day, its column that says which day a row is of; or on, the column by which the other's rows find it",
        )
    for key in keys:
        if source[key] not in columns:
            yield (
                f"a source's {key} is {short_repr(source[key])}",
                f"{did_you_mean(source[key], columns)}name one of its columns {', '.join(columns)}",
            )


def reconciles_faults(reconciles: Any, columns: dict[str, str], dataset: str) -> FaultPairs:
    """Yield what is wrong with the sums that `dataset`'s output shares with a source."""
    if not isinstance(reconciles, list):
        yield (
            f"meta.reconciles is {short_repr(reconciles)}",
            f"write a list of objects with {', '.join(RECONCILIATION_KEYS)}",
        )
        return
    summed: list[str] = []
    for reconciliation in reconciles:
        if not isinstance(reconciliation, dict) or sorted(reconciliation) != sorted(RECONCILIATION_KEYS):
            yield (
                f"meta.reconciles holds {short_repr(reconciliation)}",
                f"write an object with {', '.join(RECONCILIATION_KEYS)}",
            )
            continue
        yield from _dataset_name_faults(reconciliation["dataset"], "a reconciliation's dataset", dataset)
        for key in ("by", "sums"):
            yield from _pair_faults(reconciliation[key], key, columns)
        summed += reconciliation["sums"] if isinstance(reconciliation["sums"], dict) else ()
    for name in summed:
        if family_of(columns.get(name, "")) not in (None, Family.NUMBER):
            yield f"a reconciliation sums {name!r}, which is {columns[name]}", "sum a column of numbers"
    for name, times in Counter(summed).items():
        if times > 1:
            yield f"meta.reconciles sums {name!r} {times} times", "sum it once: each has a rule of its own"


def _pair_faults(pairs: Any, key: str, columns: dict[str, str]) -> FaultPairs:
    if (
        not isinstance(pairs, dict)
        or not pairs
        or not all(isinstance(source_name, str) and source_name for source_name in pairs.values())
    ):
        yield (
            f"a reconciliation's {key} is {short_repr(pairs)}",
            "write an object: a column here, and what the source calls it",
        )
        return
    for name in pairs:
        if name not in columns:
            yield (
                f"a reconciliation's {key} names {name!r}, which is not declared",
                f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}",
            )


def _dataset_name_faults(name: Any, subject: str, dataset: str) -> FaultPairs:
    if not isinstance(name, str) or not DATASET.fullmatch(name):
        yield f"{subject} is {short_repr(name)}", "name another dataset, such as orders"
    elif name == dataset:
        yield f"{subject} is {dataset} itself", "name another dataset"
