"""What `meta.sources` and `meta.reconciles` must agree on with each other and with the suite that has them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.source_format import SourceFormat
from etl.contract.types import Family, family_of
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault

SOURCES, RECONCILES = ("meta", "sources"), ("meta", "reconciles")


def sources_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between the sources of an input, its columns and its day."""
    if sound.meta.get("format") != SourceFormat.TABLES:
        return
    day = sound.meta.get("day")
    if day is not None and family_of(sound.columns.get(day, "")) is not Family.DATE:
        yield PlacedFault(
            ("meta", "day"),
            f"meta.day is {short_repr(day)}",
            "name the column of type date by which rows are built again",
        )
    sources = sound.entries("sources")
    for index, source in enumerate(sources):
        for key, problem, remedy in _source_faults(source, sound.dataset):
            yield PlacedFault((*SOURCES, index, key), problem, remedy)
    for name, times in Counter(source.get("dataset") for source in sources).items():
        if name is not None and times > 1:
            yield PlacedFault(
                (*SOURCES, len(sources)),
                f"meta.sources names {name!r} {times} times",
                "name it once, with every column that is read",
            )
    if sources and sum("day" in source for source in sources) != 1:
        yield PlacedFault(
            (*SOURCES, len(sources)),
            "meta.sources has not just one source with a day",
            "give it to the one whose days are built again",
        )


def _source_faults(source: dict[str, Any], dataset: str) -> Iterator[tuple[str, str, str]]:
    columns: list[str] = source.get("columns", [])
    if source.get("dataset") == dataset:
        yield "dataset", f"a source's dataset is {dataset} itself", "name another dataset"
    if not columns:
        return
    if len(set(columns)) < len(columns):
        yield "columns", f"a source's columns {short_repr(columns)} name one twice", "keep one of them"
    keys = [key for key in ("day", "on") if key in source]
    if len(keys) != 1:
        yield (
            "day",
            f"source {short_repr(source.get('dataset'))} has {' and '.join(keys) or 'neither day nor on'}",
            "give it day, its column that says which day a row is of; or on, the column by which the other's rows find it",
        )
    for key in keys:
        if source[key] not in columns:
            yield (
                key,
                f"a source's {key} is {short_repr(source[key])}",
                f"{did_you_mean(source[key], columns)}name one of its columns {', '.join(columns)}",
            )


def reconciles_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between the sums that an output shares with a source, its columns and its own name."""
    reconciles = sound.entries("reconciles")
    for index, reconciliation in enumerate(reconciles):
        if reconciliation.get("dataset") == sound.dataset:
            problem = f"a reconciliation's dataset is {sound.dataset} itself"
            yield PlacedFault((*RECONCILES, index, "dataset"), problem, "name another dataset")
        for key in ("by", "sums"):
            for name in _undeclared(reconciliation, key, sound):
                yield PlacedFault(
                    (*RECONCILES, index, key),
                    f"a reconciliation's {key} names {name!r}, which is not declared",
                    f"{did_you_mean(name, sound.columns)}meta.columns has {', '.join(sound.columns)}",
                )
    summed = [name for reconciliation in reconciles for name in reconciliation.get("sums", {})]
    for problem, remedy in _sum_faults(summed, sound.columns):
        yield PlacedFault((*RECONCILES, len(reconciles)), problem, remedy)


def _undeclared(reconciliation: dict[str, Any], key: str, sound: SoundSuite) -> list[str]:
    return [name for name in reconciliation.get(key, {}) if name not in sound.columns]


def _sum_faults(summed: list[str], columns: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in summed:
        if family_of(columns.get(name, "")) not in (None, Family.NUMBER):
            yield f"a reconciliation sums {name!r}, which is {columns[name]}", "sum a column of numbers"
    for name, times in Counter(summed).items():
        if times > 1:
            yield f"meta.reconciles sums {name!r} {times} times", "sum it once: each has a rule of its own"
