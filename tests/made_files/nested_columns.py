"""Columns of lists and objects: their types, as a contract and as Arrow have them, and values with their texts in JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tests.made_files.text_columns import TextColumn
from tests.made_files.texts import PLAIN_TEXTS
from tests.made_files.time_texts import FIRST_YEAR, LAST_YEAR

MAX_LEVELS = 3
FIELDS = ("id", "Name", "b_2", "from", "x")


@dataclass(frozen=True)
class NestedType:
    """A type within a column.

    Attributes:
        declared: as a contract has it.
        arrow: as Arrow has it.
        values: makes values.
        text_of: returns a value's text in JSON, with `draw` for what may be written in more than one way.
    """

    declared: str
    arrow: Any
    values: st.SearchStrategy[Any]
    text_of: Callable[[st.DrawFn, Any], str]


def _literal(draw: st.DrawFn, text: str) -> str:
    """Return a number or a flag as JSON has it, bare or as a text."""
    return text if draw(st.booleans()) else json.dumps(text)


def _text(draw: st.DrawFn, value: str) -> str:
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


def _leaf(declared: str, arrow: Any, values: st.SearchStrategy[Any], write: Callable[[Any], str]) -> NestedType:
    return NestedType(declared, arrow, values, lambda draw, value: _literal(draw, write(value)))


def _time(declared: str, zone: str | None) -> NestedType:
    values = st.datetimes(FIRST_YEAR, LAST_YEAR).map(lambda value: value.replace(tzinfo=UTC) if zone else value)
    ending = "Z" if zone else ""
    return NestedType(
        declared,
        pa.timestamp("us", zone),
        values,
        lambda draw, value: json.dumps(value.replace(tzinfo=None).isoformat() + ending),
    )


def _decimal(precision: int, scale: int) -> NestedType:
    unscaled = st.integers(-(10**precision) + 1, 10**precision - 1)
    values = unscaled.map(lambda number: Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale)))
    return _leaf(f"decimal({precision},{scale})", pa.decimal128(precision, scale), values, lambda value: f"{value:f}")


LEAVES = (
    NestedType("string", pa.string(), PLAIN_TEXTS, _text),
    _leaf("int", pa.int32(), st.integers(-(2**31), 2**31 - 1), str),
    _leaf("bigint", pa.int64(), st.integers(-(2**63), 2**63 - 1), str),
    _leaf("double", pa.float64(), st.floats(allow_nan=False, allow_infinity=False), repr),
    _leaf("boolean", pa.bool_(), st.booleans(), json.dumps),
    NestedType(
        "date",
        pa.date32(),
        st.dates(FIRST_YEAR.date(), LAST_YEAR.date()),
        lambda draw, value: json.dumps(value.isoformat()),
    ),
    _time("timestamp", "UTC"),
    _time("timestamp_ntz", None),
    *(_decimal(*digits) for digits in ((9, 2), (18, 0), (38, 10))),
)


def _list_of(element: NestedType) -> NestedType:
    def written(draw: st.DrawFn, values: list[Any]) -> str:
        space = draw(st.sampled_from(["", " ", "\t"]))
        return f"[{space}{f',{space}'.join(_text_of(draw, element, value) for value in values)}{space}]"

    values = st.lists(st.none() | element.values, max_size=3)
    return NestedType(f"array<{element.declared}>", pa.list_(element.arrow), values, written)


def _object_of(fields: dict[str, NestedType]) -> NestedType:
    def written(draw: st.DrawFn, value: dict[str, Any]) -> str:
        members = [
            f"{json.dumps(name)}:{draw(st.sampled_from(['', ' ']))}{_text_of(draw, part, value[name])}"
            for name, part in fields.items()
            if value[name] is not None or draw(st.booleans())
        ]
        return f"{{{', '.join(draw(st.permutations(members)))}}}"

    declared = ",".join(f"{name}:{part.declared}" for name, part in fields.items())
    values = st.fixed_dictionaries({name: st.none() | part.values for name, part in fields.items()})
    arrow = pa.struct([(name, part.arrow) for name, part in fields.items()])
    return NestedType(f"struct<{declared}>", arrow, values, written)


def _text_of(draw: st.DrawFn, kind: NestedType, value: Any) -> str:
    if value is None:
        return draw(st.sampled_from(["null", '""'] if kind in LEAVES and kind.declared != "string" else ["null"]))
    return kind.text_of(draw, value)


@st.composite
def nested_types(draw: st.DrawFn, levels: int = MAX_LEVELS) -> NestedType:
    """Make types of lists and objects, of so many levels at most."""
    parts = st.sampled_from(LEAVES)
    parts = parts if levels == 1 else parts | nested_types(levels=levels - 1)
    if draw(st.booleans()):
        return _list_of(draw(parts))
    names = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3, unique=True))
    return _object_of({name: draw(parts) for name in names})


@st.composite
def nested_columns(draw: st.DrawFn) -> TextColumn:
    """Make columns of lists and objects as JSON has them."""
    kind = draw(nested_types())

    @st.composite
    def pairs(draw_value: st.DrawFn) -> tuple[str, Any]:
        value = draw_value(kind.values)
        return kind.text_of(draw_value, value), value

    return TextColumn(kind.declared, pairs())
