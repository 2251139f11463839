"""What a sample shows of one column."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from etl.contract.types import family
from sluice.contracts.profile.personal_data import why_personal
from sluice.contracts.profile.sample import Sample
from sluice.contracts.profile.text_shape import known_shape, shape
from sluice.contracts.profile.types import of_arrow, of_texts, typed
from sluice.contracts.suite_files import WrongUse

MOST_CHOICES = 25
ROWS_A_CHOICE = 10  # a set is drafted where each of its values stands in about so many rows
LONGEST_CHOICE = 40
REMEDY = "declare what a contract knows in the export: string, int, bigint, boolean, date or decimal"


@dataclass(frozen=True)
class Column:
    """One column of a sample of `rows` rows.

    Attributes:
        given: the type that the file has, string in a text format.
        declared: the type that its values have.
        values: how many different ones there are, nulls aside.
        personal: why it may be about a person, None where nothing says so; then nothing below holds a value of it.
        low, high: the least and the greatest value, of numbers and dates.
        choices: the values of a text that has few, with the number of rows of each.
        pattern: the regular expression that all texts have in common.
    """

    name: str
    given: str
    declared: str
    rows: int
    nulls: int
    values: int
    personal: str | None
    low: Any = None
    high: Any = None
    choices: dict[str, int] | None = None
    pattern: str | None = None


def columns_of(sample: Sample) -> list[Column]:
    """Return what a sample shows of each of its columns.

    Raises:
        WrongUse: a column has a type that no contract can declare.
    """
    unknown = [f"{one.name} ({one.type})" for one in sample.table.schema if of_arrow(one.type) is None]
    if unknown:
        raise WrongUse(f"{sample.file} has types that no contract can declare: {', '.join(unknown)}; {REMEDY}")
    return [_column(sample, name) for name in sample.table.column_names]


def _column(sample: Sample, name: str) -> Column:
    array = sample.table.column(name)
    values = array.drop_null().unique().to_pylist()
    given = str(of_arrow(array.type))
    texts = values if given == "string" else []
    personal = why_personal(name, texts)
    # A personal number is a telephone or an account: digits, not an amount.
    declared = of_texts(texts) if given == "string" else given
    if personal and given == "string" and family(declared) == "number":
        declared = "string"
    facts = (name, given, declared, sample.rows, array.null_count, len(values), personal)
    if personal:
        return Column(*facts, pattern=known_shape(texts) if declared == "string" else None)
    if declared == "string":
        choices = _choices(array, len(values))
        return Column(*facts, choices=choices, pattern=None if choices else known_shape(texts) or shape(texts))
    ordered = typed(values, declared) if values and family(declared) in ("number", "date") else []
    return Column(*facts, low=min(ordered, default=None), high=max(ordered, default=None))


def _choices(array: pa.ChunkedArray, values: int) -> dict[str, int] | None:
    rows = len(array) - array.null_count
    if not values or values > MOST_CHOICES or rows < ROWS_A_CHOICE * values:
        return None
    counted = {one["values"]: one["counts"] for one in array.drop_null().value_counts().to_pylist()}
    return dict(sorted(counted.items())) if max(map(len, counted)) <= LONGEST_CHOICE else None
