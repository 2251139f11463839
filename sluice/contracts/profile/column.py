"""What a sample shows of one column."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import pyarrow as pa

from etl.contract.types import ColumnType, Family, TypeKind
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import declared_type
from sluice.contracts.profile.column_inference import infer_reading
from sluice.contracts.profile.column_reading import ColumnReading, Options, ReadingHints
from sluice.contracts.profile.personal_data import holds_numbers_of_persons, why_personal
from sluice.contracts.profile.sample import Sample
from sluice.contracts.profile.text_shape import common_shape, known_shape

MOST_CHOICES = 25
ROWS_A_CHOICE = 10  # a set is drafted where each of its values stands in about so many rows
LONGEST_CHOICE = 40
TEXT = ColumnType(TypeKind.STRING)
KEPT_AS_TEXT = frozenset(("null_values",))
"""Options of a column that stays text in the input: its values are typed by their plain form."""


@dataclass(frozen=True)
class ColumnProfile:
    """One column of a sample of `rows` rows.

    Attributes:
        file_type: the type that the input declares: string where a text's plain form is enough.
        declared: the type that its values have.
        values: how many different ones there are, nulls aside.
        personal: why it may be about a person, None where nothing says so; then nothing below holds a value of it.
        low, high: the least and the greatest value, of numbers and dates.
        choices: the values of a text that has few, with the number of rows of each.
        pattern: the regular expression that all texts have in common.
        source: what the file calls it, or its position; None where that is its name.
        options: how its texts are read, by the contract's keys.
        doubts: what a person has to decide of it.
        non_finite: whether floats among the values are NaN or infinite.
    """

    name: str
    file_type: ColumnType
    declared: ColumnType
    rows: int
    nulls: int
    values: int
    personal: str | None
    low: Any = None
    high: Any = None
    choices: dict[str, int] | None = None
    pattern: str | None = None
    source: Any = None
    options: Options = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    non_finite: bool = False


def profile_columns(sample: Sample) -> list[ColumnProfile]:
    """Return what a sample shows of each of its columns.

    Raises:
        WrongUse: a column has a type that no contract can declare.
    """
    types = {item.name: declared_type(item.type) for item in sample.table.schema}
    types |= {name: ColumnType.parse(declared) for name, declared in sample.nested.items()}
    unknown = [
        f"{item.name} ({sample.nested.get(item.name, item.type)})"
        for item in sample.table.schema
        if types[item.name] is None
    ]
    if unknown:
        raise WrongUse(f"{sample.file} has types that no contract can declare: {', '.join(unknown)}")
    readings = _readings(sample, [name for name, declared in types.items() if declared and declared.is_text])
    return [_profile_column(sample, name, declared, readings.get(name)) for name, declared in types.items() if declared]


def _readings(sample: Sample, names: Sequence[str]) -> dict[str, ColumnReading]:
    """Return how columns of texts are read; what one tells of the file helps with those that leave it open."""
    texts = {name: _different_values(sample.table.column(name)) for name in names}
    hints = ReadingHints(
        delimiter=sample.dialect.delimiter if sample.dialect else "", has_options=sample.format.is_text
    )
    first = {name: infer_reading(name, values, hints) for name, values in texts.items()}
    hints = _hints(list(first.values()), hints)
    tells_more = hints.markers or hints.decimal == ","
    return {
        name: infer_reading(name, texts[name], hints) if reading.declared.is_text or tells_more else reading
        for name, reading in first.items()
    }


def _hints(readings: Sequence[ColumnReading], hints: ReadingHints) -> ReadingHints:
    """Return what all columns that tell it agree on."""
    decided = {
        hint: {reading.decides[hint] for reading in readings if hint in reading.decides}
        for hint in ("decimal", "day_first")
    }
    decimal, day_first = (next(iter(answers)) if len(answers) == 1 else None for answers in decided.values())
    markers = frozenset(marker for reading in readings for marker in reading.decides.get("markers", ()))
    words = frozenset(marker for marker in markers if any(map(str.isalpha, marker)))
    return replace(hints, decimal=decimal or "", day_first=day_first, markers=words)


def _different_values(array: pa.ChunkedArray) -> list[Any]:
    return array.drop_null().unique().to_pylist()


def _profile_column(sample: Sample, name: str, file_type: ColumnType, reading: ColumnReading | None) -> ColumnProfile:
    array = sample.table.column(name)
    values = _different_values(array)
    reading = reading or ColumnReading(file_type, value_of=file_type.family.comparable_value)
    nulls = {*reading.options.get("null_values", ())}
    present = [value for value in values if value not in nulls] if nulls else values
    texts = present if reading.declared.is_text else []
    personal = why_personal(name, texts)
    is_number = file_type.is_text and reading.declared.family is Family.NUMBER
    if personal and is_number and holds_numbers_of_persons(name, personal):
        reading = replace(reading, declared=TEXT, options=_text_options(reading), doubts=())
    counts = _value_counts(array) if nulls else {}
    null_count = array.null_count + sum(counts.get(value, 0) for value in nulls)
    profile = ColumnProfile(
        name,
        _input_type(file_type, reading),
        reading.declared,
        sample.rows,
        null_count,
        len(present),
        personal,
        source=sample.sources.get(name),
        options=reading.options,
        doubts=reading.doubts,
        non_finite=any(isinstance(value, float) and not isfinite(value) for value in present),
    )
    if personal:
        pattern = known_shape(texts) if reading.declared.is_text else None
        return replace(profile, pattern=pattern, doubts=tuple(map(_without_values, profile.doubts)))
    return _with_values(profile, array, present, reading)


def _with_values(
    profile: ColumnProfile, array: pa.ChunkedArray, present: list[Any], reading: ColumnReading
) -> ColumnProfile:
    """Return the profile with what only values tell, of a column that is about nobody."""
    if profile.declared.is_text:
        choices = _choices(array, present)
        return replace(
            profile, choices=choices, pattern=None if choices else known_shape(present) or common_shape(present)
        )
    value_of = reading.value_of
    if value_of is None or not profile.declared.family.is_ordered:
        return profile
    finite: list[Any] = [value for value in present if not isinstance(value, float) or isfinite(value)]
    ordered = [value for value in map(value_of, finite) if value is not None]
    return replace(profile, low=min(ordered, default=None), high=max(ordered, default=None))


def _input_type(file_type: ColumnType, reading: ColumnReading) -> ColumnType:
    """Return what the input declares: text, which has the plain form of the type, or the type that options read."""
    return file_type if reading.options.keys() <= KEPT_AS_TEXT else reading.declared


def _text_options(reading: ColumnReading) -> Options:
    return {name: value for name, value in reading.options.items() if name in KEPT_AS_TEXT}


def _without_values(doubt: str) -> str:
    """Return a doubt without the example that it quotes."""
    return doubt.partition(" such as ")[0]


def _value_counts(array: pa.ChunkedArray) -> dict[Any, int]:
    return {entry["values"]: entry["counts"] for entry in array.drop_null().value_counts().to_pylist()}


def _choices(array: pa.ChunkedArray, present: Sequence[str]) -> dict[str, int] | None:
    if not present or len(present) > MOST_CHOICES:
        return None
    counted = {value: count for value, count in _value_counts(array).items() if value in present}
    if sum(counted.values()) < ROWS_A_CHOICE * len(present):
        return None
    return dict(sorted(counted.items())) if max(map(len, counted)) <= LONGEST_CHOICE else None
