"""Workbooks that openpyxl writes: cells of each kind, and texts that a column's options read."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.made_files.made_file import Declared, MadeFile, table_type
from tests.made_files.text_columns import TextColumn
from tests.made_files.texts import TYPED
from tests.made_files.time_texts import is_a_moment

ROWS = (12, 10, 12, 1)
LETTERS = "aZ09 _-/.,;:\t\n'\"\\é€日🎉\u00a0"
ODD_TEXTS = ("007", "1e5", "=1+1", "TRUE", "#x", "2024-01-31", " a ", "1.10", "NULL")
DAYS = st.dates(date(1904, 1, 2), date(9999, 12, 30))
ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class ExcelColumn:
    """A kind of column: its type, its options, and cells with the values that they are."""

    type: str
    cells: st.SearchStrategy[tuple[Any, Any]]
    options: dict[str, Any] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    non_finite: bool = False


def _cells_of(values: st.SearchStrategy[Any], write: Callable[[Any], Any] = lambda value: value) -> Any:
    return values.map(lambda value: (write(value), value))


MILLIS = st.datetimes(datetime(1904, 1, 2), datetime(9999, 12, 30)).map(
    lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)
)
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2036, 12, 31)).map(lambda value: value.replace(microsecond=0))
CENTS = st.integers(-(10**12), 10**12).map(lambda number: Decimal(number).scaleb(-2))
DOUBLES = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: float(f"{value:.16g}"))
"""openpyxl writes sixteen digits."""
STRINGS = (st.text(st.sampled_from(LETTERS), min_size=1, max_size=8) | st.sampled_from(ODD_TEXTS)).map(
    lambda text: (text, text)
)
CELLS = (
    ExcelColumn("string", STRINGS),
    ExcelColumn("int", _cells_of(st.integers(-(2**31), 2**31 - 1))),
    ExcelColumn("bigint", _cells_of(st.integers(-(2**53), 2**53), float)),
    ExcelColumn("boolean", _cells_of(st.booleans())),
    ExcelColumn("boolean", _cells_of(st.booleans()), {"true_values": ["Ja"], "false_values": ["Nein"]}),
    ExcelColumn("double", _cells_of(DOUBLES)),
    ExcelColumn("decimal(15,2)", _cells_of(CENTS, float), {"decimal": ","}),
    ExcelColumn("decimal(15,2)", _cells_of(CENTS)),
    ExcelColumn("date", _cells_of(DAYS)),
    ExcelColumn("date", _cells_of(DAYS), {"format": "dd.MM.yyyy"}),
    ExcelColumn("timestamp_ntz", _cells_of(MILLIS)),
    ExcelColumn(
        "timestamp",
        _cells_of(MILLIS.map(lambda value: value.replace(tzinfo=UTC)), lambda value: value.replace(tzinfo=None)),
    ),
    ExcelColumn(
        "timestamp",
        MOMENTS.filter(lambda local: is_a_moment(local, ZoneInfo(ZONE))).map(
            lambda local: (local, local.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC))
        ),
        {"zone": ZONE},
    ),
)


def _texts_of(column: TextColumn) -> ExcelColumn:
    """Return a column whose cells are texts."""
    return ExcelColumn(column.type, column.pairs, column.options, column.nulls, column.non_finite)


@st.composite
def excel_files(draw: st.DrawFn) -> MadeFile:
    """Make a workbook with its contract and its rows."""
    kinds = draw(st.lists(st.sampled_from(CELLS) | TYPED.map(_texts_of), min_size=3, max_size=7))
    kinds = [ExcelColumn("int", st.nothing()), *kinds]
    pairs = [
        [(number + 100, number + 100), *(_drawn_cell(draw, kind) for kind in kinds[1:])]
        for number in range(draw(st.sampled_from(ROWS)))
    ]
    columns: list[Declared] = [
        {"name": f"c{number}", "type": kind.type, **kind.options} | ({"non_finite": True} if kind.non_finite else {})
        for number, kind in enumerate(kinds)
    ]
    published = {column["name"]: table_type(column["type"]) for column in columns}
    columns[1]["source"] = draw(st.sampled_from(["Unit Price (€)", "2024", " x ", "c1"]))
    meta: dict[str, Any] = {"format": "excel"}
    order = [*range(len(kinds))]
    if draw(st.booleans()):
        order, meta["header_match"] = [*draw(st.permutations(order))], "by_name"
    names = [columns[index].get("source", columns[index]["name"]) for index in order]
    cells = [[row[index][0] for index in order] for row in pairs]
    if draw(st.booleans()):
        meta["extra_columns"] = "ignore"
        names, cells = [*names, "other"], [[*row, draw(st.sampled_from([None, 1, "x"]))] for row in cells]
    book = _workbook(draw, meta, names, cells)
    sink = io.BytesIO()
    book.save(sink)
    rows = [tuple(value for _, value in row) for row in pairs]
    recipe = f"{names} {cells}"[:900]
    return MadeFile("day.xlsx", sink.getvalue(), columns, rows, meta, published, draw(st.booleans()), recipe=recipe)


def _drawn_cell(draw: st.DrawFn, kind: ExcelColumn) -> tuple[Any, Any]:
    if draw(st.integers(0, 7)) == 0:
        return draw(st.sampled_from([None, *kind.nulls])), None
    return draw(kind.cells)


def _workbook(draw: st.DrawFn, meta: dict[str, Any], names: list[str], cells: list[list[Any]]) -> Any:
    """Return a workbook with a sheet of these rows, beside others and below a title where the meta says so then."""
    book: Any = openpyxl.Workbook()
    book.iso_dates = draw(st.booleans())
    if draw(st.booleans()):
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    if draw(st.booleans()):
        sheet.title = meta["sheet"] = draw(st.sampled_from(["Data", "Größe 1", "a b"]))
        book.create_sheet("Notes", draw(st.integers(0, 1)))["A1"] = "x"
    title = draw(st.integers(0, 2))
    if title:
        meta["first_row"] = title + 1
        sheet["A1"] = "Prices"
    lines = [names, *cells]
    if draw(st.booleans()):
        lines.insert(draw(st.integers(1, len(lines))), [None] * len(names))  # a blank row is none
    for number, line in enumerate(lines, title + 1):
        for place, value in enumerate(line, 1):
            if value is not None:
                cell = sheet.cell(number, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # also what looks like a formula or an error
    return book
