"""What a file holds: columns as texts or typed values, what it calls them, and how it is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa
from pyarrow.lib import StringBuilder

from etl.contract.dialect import Dialect

BATCH_ROWS = 1 << 16  # rows that are lists of Python's texts at a time, which take ten times the room


@dataclass(frozen=True)
class SampleContent:
    """What a file holds.

    Attributes:
        table: its columns; their names say nothing.
        names: what the file calls them, empty where they have positions alone.
        dialect: how a CSV is written, None of other formats.
        records: how JSON records stand, "" of other formats: lines, objects, array, or the path to the list.
        has_positions: whether columns are told by their positions though they have names.
        sheet, first_row: the sheet of Excel that was read, "" for the only one, and the row of its header.
        ignores_columns: whether columns are left out.
        nested: by a column's index, the type of its values, of which the table has the JSON.
        doubts: what of the file as a whole a person has to decide.
    """

    table: pa.Table
    names: Sequence[str]
    dialect: Dialect | None = None
    records: str = ""
    has_positions: bool = False
    sheet: str = ""
    first_row: int = 1
    ignores_columns: bool = False
    nested: Mapping[int, str] = field(default_factory=dict[int, str])
    doubts: Sequence[str] = field(default_factory=list[str])


def build_table(columns: int, rows: Iterator[list[str | None]]) -> pa.Table:
    """Return rows of texts as a table."""
    schema = pa.schema([(f"{index}", pa.string()) for index in range(columns)])
    batches: list[pa.RecordBatch] = []
    while batch := list(islice(rows, BATCH_ROWS)):
        arrays = [text_array(column) for column in zip(*batch, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema)


def text_array(texts: Iterable[str | None]) -> pa.Array:
    """Return texts as an array."""
    builder = StringBuilder()  # `pa.array` imports pandas, half a second
    builder.append_values(list(texts))
    return builder.finish()
