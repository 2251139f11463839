"""What the keys of a suite's meta must agree on: columns with each other, with the format, the key and the partitions."""

import re
from collections import Counter
from collections.abc import Iterator

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.json_values import is_object
from etl.contract.policies import ConflictPolicy
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import ColumnType, Family, family_of, is_floating, published_type
from etl.contract.validation.arrivals import arrivals_faults
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.dialects import dialect_faults
from etl.contract.validation.folder_sources import folder_faults
from etl.contract.validation.history import history_faults
from etl.contract.validation.loads import load_faults
from etl.contract.validation.reading_options import reading_faults
from etl.contract.validation.references import references_faults
from etl.contract.validation.suite_paths import PlacedFault
from etl.contract.validation.table_sources import reconciles_faults, sources_faults

PARTITION = re.compile(r"(?:(?P<unit>year|month|day|hour)\((?P<dated>[^()]+)\)|(?P<plain>[^()]+))")


def meta_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between the keys of a suite's meta."""
    yield from _column_faults(sound)
    yield from _finite_faults(sound)
    yield from _doubt_faults(sound)
    yield from history_faults(sound)
    if sound.stage == Stage.INPUT:
        yield from reading_faults(sound)
        yield from dialect_faults(sound)
        yield from folder_faults(sound)
        yield from _records_faults(sound)
        yield from arrivals_faults(sound)
        yield from _structure_faults(sound)
        yield from sources_faults(sound)
    elif sound.stage == Stage.OUTPUT:
        yield from _published_type_faults(sound)
        yield from _key_faults(sound)
        yield from load_faults(sound)
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


def _doubt_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    if sound.meta.get("doubts") and not sound.meta.get("draft"):
        yield PlacedFault(
            ("meta", "doubts"), "meta.doubts has what a draft left open", "decide each, and drop it; or keep meta.draft"
        )


def _published_type_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    for index, column in enumerate(sound.entries("columns")):
        declared = ColumnType.parse(column.get("type", ""))
        if declared and any(leaf.kind.table_type for leaf in declared.leaves()):
            yield PlacedFault(
                ("meta", "columns", index, "type"),
                f"column {column.get('name')!r} is published as {declared}, which no table has",
                f"declare {published_type(declared)}",
            )


def _finite_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    for index, column in enumerate(sound.entries("columns")):
        declared = ColumnType.parse(column.get("type", ""))
        if "non_finite" in column and declared and not declared.kind.is_floating:
            yield PlacedFault(
                ("meta", "columns", index, "non_finite"),
                f"column {column.get('name')!r} is {declared}, whose values are all finite",
                "drop non_finite; of a text it is said in the output, where the column is typed",
            )


def _records_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    form = sound.meta.get("format", SourceFormat.CSV)
    if "records" in sound.meta and form in tuple(SourceFormat) and form != SourceFormat.JSONL:
        yield PlacedFault(
            ("meta", "records"),
            f"meta.records stands in an input of {form}, whose rows stand in one way",
            'drop it, or write "format": "jsonl"',
        )


def _structure_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    form, levels = sound.meta.get("format", SourceFormat.CSV), sound.meta.get("structure")
    if is_object(levels) and form == SourceFormat.EXCEL:
        yield PlacedFault(
            ("meta", "structure"),
            "meta.structure stands in an input of excel, whose cells are no lines that could be read again",
            "drop it; null_values of a column may list an error such as #N/A",
        )
        return
    if is_object(levels) and "row" in levels and form in tuple(SourceFormat) and not SourceFormat(form).is_text:
        yield PlacedFault(
            ("meta", "structure", "row"),
            f"meta.structure.row stands in an input of {form}, where only a broken file has rows that are none",
            "drop it: text and cast are what a row there can break",
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
        elif is_floating(sound.columns[name]):
            yield PlacedFault(
                (*path, index),
                f"meta.key names {name!r}, which is {sound.columns[name]}: equal numbers may differ in their last digit",
                "name other columns, or publish it as a decimal",
            )
        elif family_of(sound.columns[name]) is Family.NESTED:
            yield PlacedFault(
                (*path, index),
                f"meta.key names {name!r}, which is {sound.columns[name]}, and no list or object tells rows apart",
                "name other columns, or let the transform make one of a value within it",
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
                f"{did_you_mean(name, sound.columns)}write a declared column, or year, month, day or hour of a declared "
                "date or time",
            )
        elif match and (fault := _part_fault(match, sound.columns[name])):
            yield PlacedFault((*path, index), f"meta.partition_by has {part!r}, but {name!r} {fault[0]}", fault[1])
    for problem, remedy in _overlaps(parts, sound.columns):
        yield PlacedFault((*path, len(parts)), problem, remedy)


def _part_fault(part: re.Match[str], declared: str) -> tuple[str, str] | None:
    """Return why a column of a type makes no such partition, and what to do; None where it does."""
    family = family_of(declared)
    if part["dated"] and family is Family.DATE:
        return ("is a date, which has no hours", "partition by its day") if part["unit"] == "hour" else None
    if part["dated"]:
        return None if family and family.is_time else ("is no date and no time", "partition by the column itself")
    if is_floating(declared) or family in (Family.BINARY, Family.NESTED):
        return f"is {declared}, of which each value would be a partition", "partition by another column"
    return None


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
