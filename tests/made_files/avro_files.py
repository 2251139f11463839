"""Files of Avro that fastavro writes, with every codec that it has here, in blocks of a few records."""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import fastavro
from hypothesis import strategies as st

from tests.made_files.columnar_files import FLOATS
from tests.made_files.made_file import Declared, MadeFile
from tests.made_files.number_texts import as_float
from tests.made_files.texts import PLAIN_TEXTS
from tests.made_files.time_texts import FIRST_YEAR, LAST_YEAR

ROWS = (12, 10, 12, 1)
CODECS = ("null", "deflate", "bzip2", "xz")
"""Those that fastavro writes without a library of their own."""
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
WIDE = Context(prec=80)
NANOSECOND_YEARS = (datetime(1678, 1, 1), datetime(2262, 1, 1))
EXTRA = {"type": {"type": "array", "items": {"type": "map", "values": ["null", "string"]}}, "name": "other"}


@dataclass(frozen=True)
class AvroColumn:
    """A kind of column.

    Attributes:
        type: as a contract has it.
        schema: returns it as Avro has it; the name of a type of its own follows from a number.
        values: makes its values.
        raw: returns a value as the type below the logical one has it.
        non_finite: whether NaN and the infinities are values.
    """

    type: str
    schema: Callable[[int], Any]
    values: st.SearchStrategy[Any]
    raw: Callable[[Any], Any] = lambda value: value
    non_finite: bool = False


def _plain(declared: str, written: str, values: st.SearchStrategy[Any], **changes: Any) -> AvroColumn:
    return AvroColumn(declared, lambda _: written, values, **changes)


def _time(unit: str, is_local: bool) -> AvroColumn:
    """Return times of a unit; local ones, or moments."""
    per_unit, per_micro = {"millis": (1000, 1), "micros": (1, 1), "nanos": (1, 1000)}[unit]
    first, last = NANOSECOND_YEARS if unit == "nanos" else (FIRST_YEAR, LAST_YEAR)
    micros = st.datetimes(first, last).map(lambda value: (value - EPOCH) // MICROSECOND // per_unit * per_unit)
    values = micros.map(lambda number: (EPOCH + number * MICROSECOND).replace(tzinfo=None if is_local else UTC))
    logical = f"{'local-' if is_local else ''}timestamp-{unit}"

    def raw(value: datetime) -> int:
        return (value.replace(tzinfo=None) - EPOCH) // MICROSECOND // per_unit * per_micro

    declared = "timestamp_ntz" if is_local else "timestamp"
    return AvroColumn(declared, lambda _: {"type": "long", "logicalType": logical}, values, raw)


def _decimal(precision: int, scale: int, is_fixed: bool) -> AvroColumn:
    unscaled = st.integers(-(10**precision) + 1, 10**precision - 1)
    values = unscaled.map(lambda number: Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale)))
    logical = {"logicalType": "decimal", "precision": precision, "scale": scale}

    def schema(number: int) -> Any:
        return (
            {"type": "fixed", "name": f"number{number}", "size": 16} | logical
            if is_fixed
            else {"type": "bytes"} | logical
        )

    def raw(value: Decimal) -> bytes:
        number = int(value.scaleb(scale, context=WIDE))
        return number.to_bytes(16 if is_fixed else number.bit_length() // 8 + 1, "big", signed=True)

    return AvroColumn(f"decimal({precision},{scale})", schema, values, raw)


SYMBOLS = ("A", "b_1", "OPEN")
COLUMNS = (
    _plain("string", "string", PLAIN_TEXTS),
    AvroColumn(
        "string",
        lambda number: {"type": "enum", "name": f"state{number}", "symbols": [*SYMBOLS]},
        st.sampled_from(SYMBOLS),
    ),
    AvroColumn("string", lambda _: {"type": "string", "logicalType": "uuid"}, st.uuids().map(str)),
    _plain("int", "int", st.integers(-(2**31), 2**31 - 1)),
    _plain("bigint", "long", st.integers(-(2**63), 2**63 - 1)),
    AvroColumn("bigint", lambda _: ["null", "int", "long"], st.integers(-(2**63), 2**63 - 1)),
    _plain("boolean", "boolean", st.booleans()),
    _plain("double", "double", FLOATS),
    _plain("double", "double", FLOATS | st.sampled_from([math.nan, math.inf, -math.inf]), non_finite=True),
    _plain("float", "float", st.floats(allow_nan=False, allow_infinity=False, width=32).map(as_float)),
    _plain("binary", "bytes", st.binary(max_size=6)),
    AvroColumn(
        "binary",
        lambda number: {"type": "fixed", "name": f"code{number}", "size": 3},
        st.binary(min_size=3, max_size=3),
    ),
    AvroColumn(
        "date",
        lambda _: {"type": "int", "logicalType": "date"},
        st.dates(FIRST_YEAR.date(), LAST_YEAR.date()),
        lambda value: (value - date(1970, 1, 1)).days,
    ),
    *(_time(unit, is_local) for unit in ("millis", "micros", "nanos") for is_local in (False, True)),
    *(_decimal(*digits) for digits in ((1, 0, False), (9, 2, True), (18, 18, False), (38, 10, True), (38, 38, False))),
)


@st.composite
def avro_files(draw: st.DrawFn) -> MadeFile:
    """Make a file of Avro with its contract and its rows."""
    kinds = [_plain("int", "int", st.nothing()), *draw(st.lists(st.sampled_from(COLUMNS), min_size=3, max_size=7))]
    rows = [
        (number, *(None if draw(st.integers(0, 7)) == 0 else draw(kind.values) for kind in kinds[1:]))
        for number in range(draw(st.sampled_from(ROWS)))
    ]
    columns: list[Declared] = [
        {"name": f"c{number}", "type": kind.type} | ({"non_finite": True} if kind.non_finite else {})
        for number, kind in enumerate(kinds)
    ]
    meta: dict[str, Any] = {"format": "avro"}
    fields = [{"name": f"c{number}", "type": _nullable(draw, kind.schema(number))} for number, kind in enumerate(kinds)]
    if draw(st.booleans()):
        fields = [*draw(st.permutations(fields))]
    if draw(st.booleans()):
        meta["extra_columns"] = "ignore"
        fields.insert(draw(st.integers(0, len(fields))), EXTRA)
    records = [
        {
            f"c{number}": value if value is None else kind.raw(value)
            for number, (kind, value) in enumerate(zip(kinds, row, strict=True))
        }
        | {"other": [{"a": None, "b": "x"}]}
        for row in rows
    ]
    sink, codec = io.BytesIO(), draw(st.sampled_from(CODECS))
    schema: Any = {"type": "record", "name": "row", "namespace": draw(st.sampled_from(["", "a.b"])), "fields": fields}
    fastavro.writer(sink, schema, records, codec=codec, sync_interval=draw(st.sampled_from([1, 100, 16_000])))
    return MadeFile(
        "day.avro",
        sink.getvalue(),
        columns,
        rows,
        meta,
        {},
        draw(st.booleans()),
        recipe=f"{codec} {fields} {records}"[:900],
    )


def _nullable(draw: st.DrawFn, schema: Any) -> Any:
    if isinstance(schema, list):
        return schema
    return draw(st.sampled_from([["null", schema], [schema, "null"]]))
