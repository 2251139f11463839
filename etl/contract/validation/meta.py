"""What the keys of a suite's meta must agree on: columns with each other, with the format, the key and the partitions."""

import re
from collections import Counter
from collections.abc import Iterator

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.policies import ConflictPolicy
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import Family, family_of
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.dialects import dialect_faults
from etl.contract.validation.references import references_faults
from etl.contract.validation.suite_paths import PlacedFault
from etl.contract.validation.table_sources import reconciles_faults, sources_faults

PARTITION = re.compile(r"(?:(?P<unit>year|month|day)\((?P<dated>[^()]+)\)|(?P<plain>[^()]+))")


def meta_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between the keys of a suite's meta."""
    yield from _column_faults(sound)
    if sound.stage == Stage.INPUT:
        yield from _raw_type_faults(sound)
        yield from dialect_faults(sound)
        yield from sources_faults(sound)
    elif sound.stage == Stage.OUTPUT:
        yield from _key_faults(sound)
        yield from _partition_faults(sound)
        yield from references_faults(sound)
        yield from reconciles_faults(sound)


def _column_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    # Spark finds columns whatever their case, so two that differ in it alone are one.
    names = [column["name"].lower() for column in sound.entries("columns") if "name" in column]
    for name, times in Counter(names).items():
        if times > 1:
            yield PlacedFault(
                ("meta", "columns"),
                f"meta.columns declares {name!r} {times} times",
                "keep one of them; case does not tell two apart",
            )


def _raw_type_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    form = sound.meta.get("format", SourceFormat.CSV)
    if form not in tuple(SourceFormat):
        return
    for name, declared in sound.columns.items():
        if SourceFormat(form).is_text and family_of(declared) not in (None, Family.TEXT):
            yield PlacedFault(
                ("meta", "format"),
                f"column {name!r} has type {declared!r}, but a raw {form} value is text",
                "write string; the output declares its type",
            )


def _key_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    key, path = sound.meta.get("key", []), ("meta", "key")
    for index, name in enumerate(key):
        if name not in sound.columns:
            yield PlacedFault(
                (*path, index),
                f"meta.key names {short_repr(name)}, which is not declared",
                f"{did_you_mean(name, sound.columns)}meta.columns has {', '.join(sound.columns)}",
            )
    if len(set(key)) < len(key):
        yield PlacedFault((*path, len(key)), f"meta.key {short_repr(key)} names a column twice", "keep one of them")
    if sound.meta.get("key") == [] and sound.meta.get("on_conflict") == ConflictPolicy.REPLACE:
        yield PlacedFault(
            ("meta", "on_conflict"),
            "meta.on_conflict is replace, but meta.key is [], and rows without a key replace none",
            "drop it, or name the columns of a key",
        )


def _partition_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    parts, path = sound.meta.get("partition_by", []), ("meta", "partition_by")
    for index, part in enumerate(parts):
        match = PARTITION.fullmatch(part)
        name = match and (match["dated"] or match["plain"])
        if name not in sound.columns:
            yield PlacedFault(
                (*path, index),
                f"meta.partition_by has {short_repr(part)}",
                f"{did_you_mean(name, sound.columns)}write a declared column or year, month or day of a declared date",
            )
        elif match and match["dated"] and family_of(sound.columns[name]) is not Family.DATE:
            yield PlacedFault(
                (*path, index),
                f"meta.partition_by has {part!r}, but {name!r} is no date",
                "partition by the column itself",
            )
    for problem, remedy in _overlaps(parts, sound.columns):
        yield PlacedFault((*path, len(parts)), problem, remedy)


def _overlaps(parts: list[str], columns: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong between partitions, and between these and the columns."""
    if len(set(parts)) < len(parts):
        yield f"meta.partition_by {short_repr(parts)} names a part twice", "keep one of them"
    dated = [
        (match["unit"], match["dated"]) for part in parts if (match := PARTITION.fullmatch(part)) and match["dated"]
    ]
    for name, times in Counter(name for _, name in dated).items():
        if times > 1 and len(set(parts)) == len(parts):
            yield f"meta.partition_by has {times} parts of {name!r}", "keep the finest: it serves the coarser too"
    for unit, name in dated:
        if f"{name}_{unit}" in columns:
            yield f"column {f'{name}_{unit}'!r} has the name of the partition {unit}({name})", "rename the column"
