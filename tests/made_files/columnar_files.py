"""Files of Parquet and ORC that pyarrow writes."""

import io
import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st
from pyarrow import orc, parquet

from tests.made_files.made_file import Declared, MadeFile, table_type
from tests.made_files.nested_columns import NestedType, nested_types
from tests.made_files.number_texts import as_float
from tests.made_files.texts import PLAIN_TEXTS
from tests.made_files.time_texts import FIRST_YEAR, LAST_YEAR

NOT_IN_ORC = re.compile("date|timestamp|.struct")
"""Parts of types that pyarrow's ORC does not bring whole: days and times, and objects within others, some of them as zeros."""
ROWS = (12, 10, 12, 1)
EPOCH = datetime(1970, 1, 1)
CALENDAR_START = date(1582, 10, 15)
NANOSECOND_YEARS = (datetime(1678, 1, 1), datetime(2262, 1, 1))


@dataclass(frozen=True)
class ColumnarColumn:
    """A kind of column: its type in the contract, in Arrow, and its values."""

    type: str
    arrow: pa.DataType
    values: st.SearchStrategy[Any]
    non_finite: bool = False


def times(unit: str, zone: str | None) -> ColumnarColumn:
    """Return times of a unit, moments where there is a zone."""
    first, last = NANOSECOND_YEARS if unit == "ns" else (FIRST_YEAR, LAST_YEAR)
    micros = {"s": 1_000_000, "ms": 1000}.get(unit, 1)

    def cut(value: datetime) -> datetime:
        cut_value = (
            value.replace(microsecond=value.microsecond // micros * micros)
            if micros < 1_000_000
            else value.replace(microsecond=0)
        )
        return cut_value.replace(tzinfo=UTC) if zone else cut_value

    return ColumnarColumn(
        "timestamp" if zone else "timestamp_ntz", pa.timestamp(unit, zone), st.datetimes(first, last).map(cut)
    )


def _decimals(precision: int, scale: int) -> ColumnarColumn:
    values = st.integers(-(10**precision) + 1, 10**precision - 1)
    return ColumnarColumn(
        f"decimal({precision},{scale})",
        pa.decimal128(precision, scale),
        values.map(lambda number: Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale))),
    )


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
COMMON = [
    ColumnarColumn("string", pa.string(), PLAIN_TEXTS),
    ColumnarColumn("string", pa.large_string(), PLAIN_TEXTS),
    ColumnarColumn("int", pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    ColumnarColumn("bigint", pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    ColumnarColumn("smallint", pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    ColumnarColumn("tinyint", pa.int8(), st.integers(-128, 127)),
    ColumnarColumn("boolean", pa.bool_(), st.booleans()),
    ColumnarColumn("double", pa.float64(), FLOATS),
    ColumnarColumn("double", pa.float64(), FLOATS | st.sampled_from([math.nan, math.inf, -math.inf]), True),
    ColumnarColumn("float", pa.float32(), st.floats(allow_nan=False, allow_infinity=False, width=32).map(as_float)),
    ColumnarColumn("date", pa.date32(), st.dates(FIRST_YEAR.date(), LAST_YEAR.date())),
    ColumnarColumn("binary", pa.binary(), st.binary(max_size=6)),
    *(_decimals(*digits) for digits in ((1, 0), (9, 2), (18, 18), (19, 4), (38, 10), (38, 38))),
]


def is_in_orc(value: Any) -> bool:
    """Say whether pyarrow's ORC has a value for Spark: no day by an unknown calendar, no fraction of a second before 1970."""
    if isinstance(value, datetime):
        is_fraction = value.microsecond and value.replace(tzinfo=None) < EPOCH
        return value.date() >= CALENDAR_START and not is_fraction
    return not isinstance(value, date) or value >= CALENDAR_START


ORC_COMMON = [
    replace(column, values=column.values.filter(is_in_orc)) if column.type == "date" else column for column in COMMON
]
PARQUET_TIMES = [times(unit, zone) for unit in ("ms", "us", "ns") for zone in (None, "UTC", "Europe/Berlin")]
ORC_TIMES = [
    replace(times(unit, "UTC"), arrow=pa.timestamp(unit), values=times(unit, "UTC").values.filter(is_in_orc))
    for unit in ("s", "ms", "us")
]
"""ORC's times have no zone, and Spark reads them as moments; those that have one it does not read."""


def _nested(is_orc: bool = False) -> st.SearchStrategy[ColumnarColumn]:
    """Make columns of lists and objects; those of ORC are what pyarrow writes of them."""

    def column(kind: NestedType) -> ColumnarColumn:
        return ColumnarColumn(kind.declared, kind.arrow, kind.values)

    types = nested_types()
    return (types.filter(lambda kind: not NOT_IN_ORC.search(kind.declared)) if is_orc else types).map(column)


@st.composite
def parquet_files(draw: st.DrawFn) -> MadeFile:
    """Make a file of Parquet with its contract and its rows."""
    kinds = draw(st.lists(st.sampled_from([*COMMON, *PARQUET_TIMES]) | _nested(), min_size=3, max_size=7))
    options: dict[str, Any] = {
        "compression": draw(st.sampled_from(["snappy", "gzip", "zstd", "lz4", "none"])),
        "version": draw(st.sampled_from(["1.0", "2.4", "2.6"])),
        "use_dictionary": draw(st.booleans()),
        "data_page_version": draw(st.sampled_from(["1.0", "2.0"])),
        "row_group_size": draw(st.sampled_from([1, 5, 1000])),
        "store_schema": draw(st.booleans()),
        "store_decimal_as_integer": draw(st.booleans()),
    }
    if options["version"] != "2.6":  # what has no nanoseconds is written in microseconds
        options["coerce_timestamps"], options["allow_truncated_timestamps"] = draw(st.sampled_from(["us", None])), True
    table, file = _table(draw, kinds, "parquet")
    sink = io.BytesIO()
    parquet.write_table(table, sink, **options)
    return _written(file, sink.getvalue(), f"{table.schema.to_string()} {options}")


@st.composite
def orc_files(draw: st.DrawFn) -> MadeFile:
    """Make a file of ORC with its contract and its rows."""
    kinds = draw(st.lists(st.sampled_from([*ORC_COMMON, *ORC_TIMES]) | _nested(is_orc=True), min_size=3, max_size=7))
    table, file = _table(draw, kinds, "orc")
    sink = io.BytesIO()
    options: dict[str, Any] = {"compression": draw(st.sampled_from(["snappy", "zlib", "uncompressed", "zstd"]))}
    orc.write_table(table, sink, **options)
    return _written(file, sink.getvalue(), f"{table.schema.to_string()} {options}")


def _table(draw: st.DrawFn, kinds: list[ColumnarColumn], form: str) -> tuple[Any, MadeFile]:
    """Return a table, and a file without content that has its contract and its rows."""
    kinds = [ColumnarColumn("int", pa.int32(), st.nothing()), *kinds]
    rows = [
        (
            number,
            *(
                draw(st.none() | kind.values) if draw(st.integers(0, 6)) == 0 else draw(kind.values)
                for kind in kinds[1:]
            ),
        )
        for number in range(draw(st.sampled_from(ROWS)))
    ]
    columns: list[Declared] = []
    published: dict[str, str] = {}
    for number, kind in enumerate(kinds):
        column: Declared = {"name": f"c{number}", "type": kind.type}
        if kind.non_finite:
            column["non_finite"] = True
        published[column["name"]] = table_type(kind.type)
        columns.append(column)
    arrays = [_array([row[index] for row in rows], kind.arrow) for index, kind in enumerate(kinds)]
    order, meta = [*range(len(kinds))], {"format": form}
    if draw(st.booleans()):
        order = draw(st.permutations(order))
    names = [columns[index]["name"] for index in order]
    table: Any = pa.table([arrays[index] for index in order], names)
    if draw(st.booleans()):
        meta["extra_columns"] = "ignore"
        table = table.append_column("other", pa.array([[1, 2]] * len(rows)))
    return table, MadeFile(f"day.{form}", b"", columns, rows, meta, published, draw(st.booleans()))


def _array(values: list[Any], arrow: Any) -> Any:
    if pa.types.is_timestamp(arrow) and arrow.unit == "ns":
        moments = [value and value.replace(tzinfo=None) - EPOCH for value in values]
        units = [None if moment is None else moment // timedelta(microseconds=1) * 1000 for moment in moments]
        return pa.array(units, pa.int64()).cast(arrow)
    return pa.array(values, arrow)


def _written(file: MadeFile, content: bytes, recipe: str) -> MadeFile:
    return MadeFile(file.name, content, file.columns, file.rows, file.meta, file.published, file.has_key, recipe=recipe)
