"""What a sample shows of one column."""

import math
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from etl.contract.types import ColumnType, Family, TypeKind
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import declared_type
from sluice.contracts.profile.personal_data import why_personal
from sluice.contracts.profile.sample import Sample
from sluice.contracts.profile.text_shape import common_shape, known_shape
from sluice.contracts.profile.types import type_from_texts, typed_values

MOST_CHOICES = 25
ROWS_A_CHOICE = 10  # a set is drafted where each of its values stands in about so many rows
LONGEST_CHOICE = 40
REMEDY = f"declare what a contract knows in the export: {', '.join([*TypeKind][:-1])} or {[*TypeKind][-1]}"


@dataclass(frozen=True)
class ColumnProfile:
    """One column of a sample of `rows` rows.

    Attributes:
        file_type: the type that the file has, string in a text format.
        declared: the type that its values have.
        values: how many different ones there are, nulls aside.
        personal: why it may be about a person, None where nothing says so; then nothing below holds a value of it.
        low, high: the least and the greatest value, of numbers and dates.
        choices: the values of a text that has few, with the number of rows of each.
        pattern: the regular expression that all texts have in common.
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


def profile_columns(sample: Sample) -> list[ColumnProfile]:
    """Return what a sample shows of each of its columns.

    Raises:
        WrongUse: a column has a type that no contract can declare.
    """
    unknown = [f"{field.name} ({field.type})" for field in sample.table.schema if declared_type(field.type) is None]
    if unknown:
        raise WrongUse(f"{sample.file} has types that no contract can declare: {', '.join(unknown)}; {REMEDY}")
    types = {field.name: declared_type(field.type) for field in sample.table.schema}
    return [_profile_column(sample, name, declared) for name, declared in types.items() if declared]


def _profile_column(sample: Sample, name: str, file_type: ColumnType) -> ColumnProfile:
    array = sample.table.column(name)
    values = array.drop_null().unique().to_pylist()
    texts = values if file_type.is_text else []
    personal = why_personal(name, texts)
    # A personal number is a telephone or an account: digits, not an amount.
    declared = type_from_texts(texts) if file_type.is_text else file_type
    if personal and file_type.is_text and declared.family is Family.NUMBER:
        declared = file_type
    facts = (name, file_type, declared, sample.rows, array.null_count, len(values), personal)
    if personal:
        return ColumnProfile(*facts, pattern=known_shape(texts) if declared.is_text else None)
    if declared.is_text:
        choices = _value_counts(array, len(values))
        return ColumnProfile(
            *facts, choices=choices, pattern=None if choices else known_shape(texts) or common_shape(texts)
        )
    finite = [value for value in values if not isinstance(value, float) or math.isfinite(value)]
    ordered = typed_values(finite, declared) if finite and declared.family.is_ordered else []
    return ColumnProfile(*facts, low=min(ordered, default=None), high=max(ordered, default=None))


def _value_counts(array: pa.ChunkedArray, values: int) -> dict[str, int] | None:
    rows = len(array) - array.null_count
    if not values or values > MOST_CHOICES or rows < ROWS_A_CHOICE * values:
        return None
    counted = {entry["values"]: entry["counts"] for entry in array.drop_null().value_counts().to_pylist()}
    return dict(sorted(counted.items())) if max(map(len, counted)) <= LONGEST_CHOICE else None
