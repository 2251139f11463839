"""What a column's reading options must agree on with its type, with the file's format and with each other."""

from collections.abc import Callable, Iterator
from typing import Any

from etl.contract.date_patterns import PatternRefused, readings_of
from etl.contract.faults import short_repr
from etl.contract.input_column import OPTION_NAMES
from etl.contract.json_values import is_list, is_object
from etl.contract.source_format import SourceFormat
from etl.contract.time_readings import Reading, differing_text
from etl.contract.types import ColumnType, Family, TypeKind
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault
from etl.contract.validation.values import FaultPairs
from etl.contract.value_forms import BLANK, PLUS, SPACES

Column = dict[str, Any]
SIGNS = frozenset('+-"')
READ_TYPES: dict[str, tuple[str, Callable[[ColumnType], bool]]] = {
    "format": ("days and times", lambda declared: declared.has_years),
    "zone": ("timestamps", lambda declared: declared.kind is TypeKind.TIMESTAMP),
    "epoch": ("timestamps", lambda declared: declared.kind is TypeKind.TIMESTAMP),
    "decimal": ("decimals", lambda declared: declared.kind is TypeKind.DECIMAL or declared.kind.is_floating),
    "group": ("numbers", lambda declared: declared.family is Family.NUMBER),
    "strip": ("numbers", lambda declared: declared.family is Family.NUMBER),
    "true_values": ("booleans", lambda declared: declared.family is Family.BOOLEAN),
    "false_values": ("booleans", lambda declared: declared.family is Family.BOOLEAN),
}
"""What each option reads, in words, and of which declared types; an option that is not here reads every type."""


def reading_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong with the reading options of an input's columns."""
    form = sound.meta.get("format", SourceFormat.CSV)
    if form not in tuple(SourceFormat):
        return
    for index, column in enumerate(sound.entries("columns")):
        options = {key: column[key] for key in OPTION_NAMES if key in column}
        is_read = SourceFormat(form).is_text or is_object(column.get("source"))  # a folder of a key is text
        faults = _option_faults(column, options) if is_read else _untyped_faults(options, form)
        name = short_repr(column.get("name"))
        faults = (*faults, *_nested_faults(column, options, SourceFormat(form)))
        for key, problem, remedy in faults:
            yield PlacedFault(("meta", "columns", index, key), f"column {name} {problem}", remedy)


Faults = Iterator[tuple[str, str, str]]
"""By key of the column: what is wrong, and the remedy."""


def _untyped_faults(options: Column, form: str) -> Faults:
    for key in options:
        yield key, f"has {key}, but {form} brings values of its own types, and no text is read", "drop it"


def _nested_faults(column: Column, options: Column, form: SourceFormat) -> Faults:
    declared = ColumnType.parse(column.get("type", ""))
    if declared is None or not declared.is_nested:
        return
    if form.is_positional or form is SourceFormat.EXCEL:
        yield "type", f"is {declared}, and no field of {form} holds a list or an object", "write string"
    elif "null_values" in options and form.is_text:
        yield "null_values", f"is {declared} and has null_values, which are texts", "drop it: a null of JSON is null"


def _option_faults(column: Column, options: Column) -> Faults:
    declared = ColumnType.parse(column.get("type", ""))
    for key, value in options.items():
        words, reads = READ_TYPES.get(key, ("", None))
        if declared and reads and not reads(declared):
            yield (
                key,
                f"is {declared} and has {key}, which reads {words} alone",
                f"declare a type of {words}, or drop it",
            )
        elif check := CHECKS.get(key):
            yield from ((key, problem, remedy) for problem, remedy in check(value, column))


def _format_faults(patterns: Any, column: Column) -> FaultPairs:
    declared, readings = ColumnType.parse(column.get("type", "")), list[Reading]()
    for pattern in patterns if is_list(patterns) else [patterns]:
        if not isinstance(pattern, str):
            return
        try:
            readings += readings_of(pattern)
        except PatternRefused as refused:
            yield f"has format {short_repr(pattern)}: {refused.problem}", refused.remedy
            return
    if declared and declared.kind is TypeKind.DATE and any(reading.has_time for reading in readings):
        yield (
            f"has format {short_repr(patterns)} for a day: the time of day would be lost",
            "declare timestamp, and let the transform take its day",
        )
    elif declared and declared.kind is TypeKind.TIMESTAMP_NTZ and any(reading.has_offset for reading in readings):
        yield f"has format {short_repr(patterns)} for a local time: its offset would be lost", "declare timestamp"
    elif "zone" in column and readings and all(reading.has_offset for reading in readings):
        yield "has a zone, and every text of its format has an offset", "drop zone"
    elif text := differing_text(readings):
        yield f"has formats of which two read {text!r} differently", "keep the one that the file is written in"


def _epoch_faults(_epoch: Any, column: Column) -> FaultPairs:
    for key in ("format", "zone"):
        if key in column:
            yield f"has epoch and {key}, and a number since 1970 is of UTC", "keep the one that the file has"


def _character_faults(key: str) -> Callable[[Any, Column], FaultPairs]:
    def check(value: Any, column: Column) -> FaultPairs:
        if len(value) != 1 or value.isalnum() or (not value.isprintable() and value not in SPACES) or value in SIGNS:
            yield f"has {key} {short_repr(value)}", "write one character that is no digit, letter or sign"
        elif key == "group" and value == column.get("decimal", "." if _has_decimals(column) else None):
            yield (
                f"has {value!r} both between groups of digits and before the decimals",
                "write decimal too, the character before the decimals",
            )

    return check


def _has_decimals(column: Column) -> bool:
    declared = ColumnType.parse(column.get("type", ""))
    return declared is not None and READ_TYPES["decimal"][1](declared)


def _strip_faults(signs: list[str], column: Column) -> FaultPairs:
    characters = {*"+-", column.get("decimal", "."), column.get("group", "")} - {""}
    for sign in signs:
        if sign in (BLANK, PLUS) and sign != column.get("decimal"):
            continue
        if sign != sign.strip() or any(character.isdigit() for character in sign) or {*sign} <= characters:
            yield (
                f"strips {sign!r}, which could be a part of a number",
                "write signs such as $, EUR and %, a blank, or +",
            )


def _truth_faults(key: str, other: str) -> Callable[[Any, Column], FaultPairs]:
    def check(values: list[str], column: Column) -> FaultPairs:
        if other not in column:
            yield f"has {key} without {other}", "write both: which texts are true, and which are false"
        for name in (other, "null_values"):
            both = [text for text in values if text in column.get(name, ())]
            if both and (key, name) != ("false_values", "true_values"):
                yield f"has {both[0]!r} in {key} and in {name}", "keep it in one of them"

    return check


CHECKS: dict[str, Callable[[Any, Column], FaultPairs]] = {
    "format": _format_faults,
    "epoch": _epoch_faults,
    "decimal": _character_faults("decimal"),
    "group": _character_faults("group"),
    "strip": _strip_faults,
    "true_values": _truth_faults("true_values", "false_values"),
    "false_values": _truth_faults("false_values", "true_values"),
}
"""By option, what is wrong with its value beside the column's other keys."""
