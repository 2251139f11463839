"""What `meta.sources` and `meta.reconciles` must be: tables that a dataset is built from, and the sums it shares with them."""

import re
from collections import Counter
from typing import Any

from etl.contract.faults import did_you_mean, shown
from etl.contract.types import family, is_known
from etl.contract.validation.values import Found

TABLES = "tables"  # the format of a dataset that is built from published tables
DATASET = re.compile(r"[a-z][a-z0-9_]*")
OF_A_SOURCE = ("dataset", "columns", "day", "on")
OF_A_RECONCILIATION = ("dataset", "by", "sums")


def of_sources(meta: dict[str, Any], columns: dict[str, str], dataset: str) -> Found:
    """Yield what is wrong with the sources of `dataset`'s input, and with the column that says which day a row is of."""
    if meta.get("format") != TABLES:
        for key in sorted({"sources", "day"} & meta.keys()):
            yield f"meta.{key} stands in an input of files", f'write "format": "{TABLES}", or drop it'
        return
    if "on_poison" in meta:
        yield "meta.on_poison stands in an input of tables, which no object can poison", "drop it"
    if columns.get(str(meta.get("day"))) != "date":
        yield f"meta.day is {shown(meta.get('day'))}", "name the column of type date by which rows are built again"
    sources = meta.get("sources")
    if not isinstance(sources, list) or not sources:
        yield "meta.sources is missing", f"list the tables that it is built from, objects with {', '.join(OF_A_SOURCE)}"
        return
    for source in sources:
        yield from _of_source(source, dataset)
    named = [one for one in sources if isinstance(one, dict)]
    for name, times in Counter(str(one.get("dataset")) for one in named).items():
        if times > 1:
            yield f"meta.sources names {name!r} {times} times", "name it once, with every column that is read"
    if sum("day" in one for one in named) != 1:
        yield "meta.sources has not just one source with a day", "give it to the one whose days are built again"


def _of_source(source: Any, dataset: str) -> Found:
    if not isinstance(source, dict) or source.keys() - set(OF_A_SOURCE) or not {"dataset", "columns"} <= source.keys():
        yield f"meta.sources holds {shown(source)}", f"write an object with {', '.join(OF_A_SOURCE)}"
        return
    yield from _name(source["dataset"], "a source's dataset", dataset)
    columns = source["columns"]
    if not isinstance(columns, list) or not columns or not all(isinstance(name, str) and name for name in columns):
        yield f"a source's columns are {shown(columns)}", "list the columns that are read: a change in others is none"
        return
    if len(set(columns)) < len(columns):
        yield f"a source's columns {shown(columns)} name one twice", "keep one of them"
    keys = [key for key in ("day", "on") if key in source]
    if len(keys) != 1:
        yield (
            f"source {shown(source['dataset'])} has {' and '.join(keys) or 'neither day nor on'}",
            "give it day, its column that says which day a row is of; or on, the column by which the other's rows find it",
        )
    for key in keys:
        if source[key] not in columns:
            yield (
                f"a source's {key} is {shown(source[key])}",
                f"{did_you_mean(source[key], columns)}name one of its columns {', '.join(columns)}",
            )


def of_reconciles(reconciles: Any, columns: dict[str, str], dataset: str) -> Found:
    """Yield what is wrong with the sums that `dataset`'s output shares with a source."""
    if not isinstance(reconciles, list):
        yield (
            f"meta.reconciles is {shown(reconciles)}",
            f"write a list of objects with {', '.join(OF_A_RECONCILIATION)}",
        )
        return
    summed: list[str] = []
    for one in reconciles:
        if not isinstance(one, dict) or sorted(one) != sorted(OF_A_RECONCILIATION):
            yield f"meta.reconciles holds {shown(one)}", f"write an object with {', '.join(OF_A_RECONCILIATION)}"
            continue
        yield from _name(one["dataset"], "a reconciliation's dataset", dataset)
        for key in ("by", "sums"):
            yield from _pairs(one[key], key, columns)
        summed += one["sums"] if isinstance(one["sums"], dict) else ()
    for name in summed:
        if is_known(columns.get(name, "")) and family(columns[name]) != "number":
            yield f"a reconciliation sums {name!r}, which is {columns[name]}", "sum a column of numbers"
    for name, times in Counter(summed).items():
        if times > 1:
            yield f"meta.reconciles sums {name!r} {times} times", "sum it once: each has a rule of its own"


def _pairs(pairs: Any, key: str, columns: dict[str, str]) -> Found:
    if not isinstance(pairs, dict) or not pairs or not all(isinstance(one, str) and one for one in pairs.values()):
        yield (
            f"a reconciliation's {key} is {shown(pairs)}",
            "write an object: a column here, and what the source calls it",
        )
        return
    for name in pairs:
        if name not in columns:
            yield (
                f"a reconciliation's {key} names {name!r}, which is not declared",
                f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}",
            )


def _name(name: Any, what: str, dataset: str) -> Found:
    if not isinstance(name, str) or not DATASET.fullmatch(name):
        yield f"{what} is {shown(name)}", "name another dataset, such as sales"
    elif name == dataset:
        yield f"{what} is {dataset} itself", "name another dataset"
