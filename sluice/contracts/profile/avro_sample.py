"""A sample of Avro as columns of the file's own types."""

from decimal import Decimal
from itertools import accumulate, islice
from math import ceil
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.contract.types import ColumnType, TypeKind
from etl.sources.avro_container import ShortHeader, iterate_avro_records, read_header
from etl.sources.avro_schema import UNITS, AvroField
from etl.sources.avro_values import decimal_text
from etl.sources.json_records import BrokenRecords
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import arrow_type
from sluice.contracts.profile.columnar_sample import LEFT_OUT, PACKED
from sluice.contracts.profile.sample_bytes import SAMPLE_BYTES
from sluice.contracts.profile.sample_content import SampleContent
from sluice.contracts.profile.sampled_lines import is_sampled

MICROSECONDS = 1_000_000


def read_avro_sample(path: Path) -> SampleContent:
    """Read a file whole, or every so many of its records; fields that no contract can declare are left out.

    Raises:
        WrongUse: it cannot be read, or no field is left.
    """
    interval = max(1, ceil(PACKED * path.stat().st_size / SAMPLE_BYTES)) if is_sampled(path) else 1
    try:
        with path.open("rb") as stream:
            header = read_header(stream)
            fields = header.schema.fields
            kept = {name: field for name, field in fields.items() if _is_declarable(field)}
            values: dict[str, list[Any]] = {name: [] for name in kept}
            for record in islice(iterate_avro_records(stream, header), 0, None, interval):
                for name, column in values.items():
                    column.append(record[name])
    except BrokenRecords as error:
        raise WrongUse(f"{path} is no avro that the gate could read: {error.why}") from error
    except ShortHeader:
        raise WrongUse(f"{path} is no avro that the gate could read: it ends within its header") from None
    if not kept:
        types = ", ".join(f"{name} ({field.type})" for name, field in fields.items())
        raise WrongUse(f"{path} has no column that a contract can declare: {types}")
    doubts = [LEFT_OUT.format(f"{name} ({field.type})") for name, field in fields.items() if name not in kept]
    arrays = {name: _typed_array(column, kept[name]) for name, column in values.items()}
    return SampleContent(pa.table(arrays), [*kept], doubts=doubts, ignores_columns=bool(doubts))


def _is_declarable(field: AvroField) -> bool:
    return ColumnType.parse(field.type) is not None


def _typed_array(values: list[Any], field: AvroField) -> pa.Array:
    """Return a field's values, as its numbers and bytes have them, as Arrow's of its type."""
    declared = ColumnType(field.type)
    arrow = arrow_type(declared)
    if field.parts:
        return _nested_array(values, field, declared)
    if field.logical == "decimal":
        texts = (None if value is None else int.from_bytes(value, "big", signed=True) for value in values)
        return pa.array(
            [None if text is None else Decimal(decimal_text(text, declared.scale)) for text in texts], arrow
        )
    if field.logical == "date":
        return pa.array(values, pa.int32()).cast(arrow)
    if field.logical:
        units = UNITS[field.logical.rpartition("-")[2]]
        micros = [None if value is None else value * MICROSECONDS // units for value in values]
        return pa.array(micros, pa.int64()).cast(arrow)
    return pa.array(values, arrow)


def _nested_array(values: list[Any], field: AvroField, declared: ColumnType) -> pa.Array:
    """Return lists or records as Arrow's: their parts as arrays of their own."""
    missing = pa.array([value is None for value in values], pa.bool_())
    if declared.kind is TypeKind.ARRAY:
        ends = [*accumulate(len(value or ()) for value in values)]
        elements = [entry for value in values for entry in value or ()]
        return pa.ListArray.from_arrays(
            pa.array([0, *ends], pa.int32()), _typed_array(elements, field.parts[""]), mask=missing
        )
    parts = [
        _typed_array([None if value is None else value[name] for value in values], part)
        for name, part in field.parts.items()
    ]
    return pa.StructArray.from_arrays(parts, [*field.parts], mask=missing)
