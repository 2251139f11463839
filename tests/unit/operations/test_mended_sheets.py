"""Rows that were set aside as a CSV or a workbook: what a spreadsheet opens, and what is taken back of it."""

import csv
import io
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from etl.contract.input_column import InputColumn
from etl.contract.masking import Masking
from etl.contract.sample_values import MASK
from etl.contract.source_format import SourceFormat
from sluice.cli.errors import WrongUse
from sluice.operations.mending import mended_rows, row_files
from sluice.operations.mending.cell_text import fits_cell, is_same_text, plain_text
from sluice.operations.mending.mended_rows import MendedRows
from sluice.operations.mending.shown_rows import Rewritten, ShownRows

Grid = list[list[str]]
Edit = Callable[[Grid], Any]
PageEdit = Callable[[Worksheet], Any]
COLUMNS = ("id", "day", "name", "note", "lines")
SALE = {"id": "00123", "day": "2026-03-01", "name": "Łódź", "note": None, "lines": [{"n": "1"}]}
SOURCES: dict[str, Any] = {
    "r1": SALE,
    "r2": {"id": "12345678901234567890", "day": "", "name": "-5", "note": "=1+1"},
    "r3": None,
    "r4": {**SALE, "id": "7", "name": "'s-Gravenhage", "note": "two\r\nlines"},
}
RAWS = {"r3": "1;2026-03-01"}
RULES = ["trades.day.early", "trades.structure.row"]
REASONS = {"trades.day.early": "A sale is of its day.", "trades.structure.row": "A row has one field a column."}
ROWS = [
    {
        "row": row,
        "rules": RULES[: 1 + (source is None)],
        "source": source,
        "raw": RAWS.get(row),
        "object": f"trades/{row}.csv",
    }
    | {"ordinal": 7}
    for row, source in SOURCES.items()
]
SHOWN = ShownRows(SOURCES, COLUMNS, RAWS, frozenset({"lines"}))
ENDINGS = pytest.mark.parametrize("ending", ["csv", "xlsx"])


def write_rows(tmp_path: Path, ending: str, rows: list[dict[str, Any]] = ROWS) -> Path:
    file = tmp_path / f"rows.{ending}"
    row_files.write_row_file(file, rows, COLUMNS, REASONS)
    return file


def read_grid(file: Path) -> Grid:
    """Return the texts of a file's cells."""
    if file.suffix == ".csv":
        return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    page = openpyxl.load_workbook(file)["rows"]
    return [["" if cell.value is None else str(cell.value) for cell in line] for line in page.iter_rows()]


def write_grid(file: Path, grid: Grid, delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
    if file.suffix == ".csv":
        with file.open("w", encoding=encoding, newline="") as sink:
            csv.writer(sink, delimiter=delimiter).writerows(grid)
        return
    book = openpyxl.Workbook()
    page: Any = book.active
    for number, line in enumerate(grid, 1):
        for place, text in enumerate(line, 1):
            cell = page.cell(number, place, text or None)
            cell.data_type = "s" if text else "n"
    book.save(file)


def place_of(grid: Grid, row: str, column: str) -> tuple[int, int]:
    header = grid[0]
    return next(n for n, line in enumerate(grid) if line[header.index("row")] == row), header.index(column)


def put(row: str, column: str, text: str) -> Edit:
    """Return what writes a text into a cell."""

    def edit(grid: Grid) -> None:
        line, place = place_of(grid, row, column)
        grid[line][place] = text

    return edit


def mend(tmp_path: Path, ending: str, *edits: Edit, rewritten: Rewritten | None = None) -> MendedRows:
    file = write_rows(tmp_path, ending)
    grid = read_grid(file)
    for edit in edits:
        edit(grid)
    write_grid(file, grid)
    return mended_rows.read_mended_rows(file, SHOWN, rewritten)


def refusal(tmp_path: Path, ending: str, *edits: Edit, rewritten: Rewritten | None = None) -> list[str]:
    with pytest.raises(WrongUse) as refused:
        mend(tmp_path, ending, *edits, rewritten=rewritten)
    return [line.removeprefix(f"{tmp_path}/rows.{ending}") for line in str(refused.value).splitlines()]


def mend_page(tmp_path: Path, *edits: PageEdit, rewritten: Rewritten | None = None) -> MendedRows:
    """Write a workbook, change it as Excel would, and read it back."""
    file = write_rows(tmp_path, "xlsx")
    book = openpyxl.load_workbook(file)
    for edit in edits:
        edit(book["rows"])
    book.save(file)
    return mended_rows.read_mended_rows(file, SHOWN, rewritten)


def set_cell(row: str, column: str, value: Any) -> PageEdit:
    def edit(page: Worksheet) -> None:
        line, place = place_of([[str(cell.value) for cell in cells] for cells in page.iter_rows()], row, column)
        page.cell(line + 1, place + 1).value = value

    return edit


@ENDINGS
def test_a_row_is_shown_in_plain_columns_with_its_object_and_why(tmp_path: Path, ending: str) -> None:
    header, first, second, unread, _ = read_grid(write_rows(tmp_path, ending))
    assert header == ["row", "object", "object row", "rules", "why", "raw", *COLUMNS]
    assert first == [
        *("r1", "trades/r1.csv", "7", "trades.day.early", "A sale is of its day.", ""),
        *("00123", "2026-03-01", "Łódź", "", '[{"n": "1"}]'),
    ]
    assert unread[4:6] == [
        "trades.day.early: A sale is of its day.; trades.structure.row: A row has one field a column.",
        "1;2026-03-01",
    ]
    assert second[6:] == ["12345678901234567890", '""', *(("'-5", "'=1+1") if ending == "csv" else ("-5", "=1+1")), ""]


def test_excel_reads_the_csv_as_utf_8_and_each_cell_of_the_workbook_as_text(tmp_path: Path) -> None:
    assert write_rows(tmp_path, "csv").read_bytes().startswith(b"\xef\xbb\xbfrow,object")
    page = openpyxl.load_workbook(write_rows(tmp_path, "xlsx"))["rows"]
    cells = [cell for line in page.iter_rows() for cell in line]
    assert {cell.number_format for cell in cells} == {"@"}
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert page.freeze_panes == "A2"


@ENDINGS
def test_a_file_that_nobody_changed_mends_nothing(tmp_path: Path, ending: str) -> None:
    with pytest.raises(WrongUse, match="no row differs from what is set aside; mend it, or replay without --rows"):
        mended_rows.read_mended_rows(write_rows(tmp_path, ending), SHOWN)


CONTROL = st.sampled_from("\0\t\r\n\x1f\x85\u2028\ufeff\uffff\ud800'\"=+-@;,*_x0041_＝")
TEXTS = st.one_of(
    st.text(st.one_of(CONTROL, st.characters()), max_size=12),
    st.sampled_from(
        ["", "***", '""', "'***", "''=1", "'", "_x000D_", "true", "1.50", "2026-03-01", "[1]", " =1", "x" * 40_000]
    ),
)
VALUES = st.one_of(
    st.none(), TEXTS, st.booleans(), st.lists(TEXTS, max_size=2), st.dictionaries(TEXTS, TEXTS, max_size=2)
)
NAMES = st.one_of(TEXTS, st.sampled_from(["row", "object", "object row", "'row", "why", "raw", "rules", "id"]))
ANY_SOURCE = st.one_of(st.none(), TEXTS, st.dictionaries(NAMES, VALUES, max_size=4))


@ENDINGS
@settings(max_examples=60, deadline=None)
@given(sources=st.lists(ANY_SOURCE, min_size=1, max_size=3), raw=st.one_of(st.none(), TEXTS), unmask=st.booleans())
def test_any_row_comes_back_as_it_was(ending: str, sources: list[Any], raw: str | None, unmask: bool) -> None:
    column = InputColumn(**{"name": "name", "type": "string", "description": "x", "pii": True})
    masking = Masking() if unmask else Masking.from_columns([column], SourceFormat.CSV)
    rows = [{**ROWS[0], "row": f"r{number}", "source": source, "raw": raw} for number, source in enumerate(sources)]
    shown = ShownRows(
        {row["row"]: row["source"] for row in rows}, COLUMNS, {row["row"]: raw for row in rows}, SHOWN.nested, masking
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"rows.{ending}"
        row_files.write_row_file(file, row_files.masked_rows(rows, masking), COLUMNS, REASONS)
        with pytest.raises(WrongUse, match="no row differs"):
            mended_rows.read_mended_rows(file, shown)


@settings(max_examples=40, deadline=None)
@given(before=st.one_of(st.none(), TEXTS), after=st.one_of(st.none(), TEXTS))
def test_any_text_can_be_written_into_a_cell_of_a_workbook(before: str | None, after: str | None) -> None:
    assume(plain_text(after) not in (MASK, f"'{before}") and fits_cell(plain_text(after)) and "\r" not in (after or ""))
    assume(before != after and (not before or not after or not is_same_text(before, after)))
    rows = [{**ROWS[0], "source": {"name": value}} for value in (before, after)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.xlsx"
        row_files.write_row_file(file, rows[1:], COLUMNS, REASONS)
        shown = ShownRows({"r1": rows[0]["source"]}, COLUMNS)
        assert mended_rows.read_mended_rows(file, shown).sources == {"r1": {"name": after}}


@pytest.mark.parametrize(
    ("row", "column", "text", "expected"),
    [
        ("r1", "name", "Gdańsk", "Gdańsk"),
        ("r1", "name", "", None),
        ("r1", "name", '""', ""),
        ("r1", "name", "'***", "***"),
        ("r1", "note", '""', ""),
        ("r1", "note", '\'""', '""'),
        ("r2", "day", "", None),
        ("r2", "day", "2026-03-02", "2026-03-02"),
        ("r2", "name", "-6", "-6"),
        ("r4", "name", "'t Zand", "'t Zand"),
        ("r1", "lines", '[{"n": 2}]', [{"n": "2"}]),
        ("r1", "lines", "", None),
    ],
)
@ENDINGS
def test_a_cell_that_somebody_wrote_is_taken(
    tmp_path: Path, ending: str, row: str, column: str, text: str, expected: object
) -> None:
    assert mend(tmp_path, ending, put(row, column, text)).sources == {row: {**SOURCES[row], column: expected}}


@ENDINGS
def test_a_line_that_could_not_be_read_is_what_its_cells_say(tmp_path: Path, ending: str) -> None:
    mended = mend(tmp_path, ending, put("r3", "id", "1"), put("r3", "day", "2026-03-01"))
    assert mended.sources == {"r3": {"id": "1", "day": "2026-03-01", "name": None, "note": None, "lines": None}}


def test_what_only_a_formula_would_need_an_apostrophe_for_is_text_in_a_workbook(tmp_path: Path) -> None:
    assert mend(tmp_path, "csv", put("r1", "name", "'=x")).sources["r1"]["name"] == "=x"
    (tmp_path / "rows.csv").rename(tmp_path / "old.csv")
    assert mend(tmp_path, "xlsx", put("r1", "name", "=x")).sources["r1"]["name"] == "=x"


@ENDINGS
def test_a_masked_cell_is_the_rows_own_value_and_another_beside_it_is_taken(tmp_path: Path, ending: str) -> None:
    column = InputColumn(**{"name": "name", "type": "string", "description": "x", "pii": True})
    file = write_rows(tmp_path, ending, row_files.masked_rows(ROWS, Masking.from_columns([column], SourceFormat.JSONL)))
    grid = read_grid(file)
    assert [line[grid[0].index("name")] for line in grid] == ["name", "***", "***", "", "***"]
    put("r1", "id", "8")(grid)
    put("r4", "name", "Delft")(grid)
    write_grid(file, grid)
    mended = mended_rows.read_mended_rows(file, SHOWN)
    assert mended.sources == {"r1": {**SALE, "id": "8"}, "r4": {**SOURCES["r4"], "name": "Delft"}}


@ENDINGS
def test_lines_may_be_sorted_and_left_out_and_so_may_columns(tmp_path: Path, ending: str) -> None:
    def shuffle(grid: Grid) -> None:
        header, *lines = grid
        order = [header.index(name) for name in ("name", "row", "id")]
        grid[:] = [[line[place] for place in order] for line in (header, *lines[2::-1])]

    mended = mend(tmp_path, ending, put("r1", "name", "x"), shuffle)
    assert mended == MendedRows({"r1": {**SALE, "name": "x"}}, absent=1, absent_columns=("day", "note", "lines"))


@ENDINGS
def test_a_column_may_have_the_name_of_what_stands_before_the_rows(tmp_path: Path, ending: str) -> None:
    rows = [{**ROWS[0], "source": {"row": "5", "object": "chair", "'row": "6"}}]
    file = tmp_path / f"rows.{ending}"
    row_files.write_row_file(file, rows, ("row", "object"), REASONS)
    header, line = read_grid(file)
    assert (header[5:], line[5:]) == (["'row", "'object", "''row"], ["5", "chair", "6"])
    line[7] = "7"
    write_grid(file, [header[::-1], line[::-1]])
    shown = ShownRows({"r1": rows[0]["source"]}, ("row", "object"))
    assert mended_rows.read_mended_rows(file, shown).sources == {"r1": {"row": "5", "object": "chair", "'row": "7"}}


@ENDINGS
def test_every_fault_is_named_by_line_at_once(tmp_path: Path, ending: str) -> None:
    faults = refusal(
        tmp_path,
        ending,
        lambda grid: grid.append([*grid[1]]),
        lambda grid: grid.append(["", *grid[1][1:]]),
        lambda grid: grid.append(["r9", *grid[1][1:]]),
        lambda grid: grid[1].append("x"),
        put("r3", "name", "***"),
        put("r3", "raw", "1,2026-03-01"),
        put("r4", "lines", "[1"),
        put("r4", "lines", '{"a": 1, "a": 2}'),
    )
    assert faults == [
        ", line 2: L2 stands under no name; remove it",
        ", line 4: F4, raw: it is only shown; write what it means in the row's columns",
        ", line 4: I4, name: *** is the row's own value, and this line has none",
        ", line 5: K5, lines: it is no JSON: 'a' stands twice; keep one; the column holds lists or objects",
        ", line 6: row r1 stands twice, first in line 2; keep one",
        ", line 7: it has no `row`, and rows cannot be added here; put new ones in a file of their own",
        ", line 8: 'r9' is no row of this run; keep `row` as it was written",
    ]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda grid: grid[0].__setitem__(8, "nam"),
            ", header: 'nam' is no column of the contract; did you mean 'name'; ",
        ),
        (
            lambda grid: grid[0].append("remark"),
            ", header: 'remark' is no column of the contract; there are: id, day, ",
        ),
        (lambda grid: grid[0].append("id"), ", header: 'id' stands twice; keep one"),
        (lambda grid: grid[0].__setitem__(0, "Row"), ": the first line has no column 'row'; keep the header"),
        (lambda grid: grid.clear(), ": the first line has no column 'row'"),
    ],
)
@ENDINGS
def test_columns_that_were_renamed_doubled_or_added_are_named(
    tmp_path: Path, ending: str, edit: Edit, expected: str
) -> None:
    [fault] = refusal(tmp_path, ending, edit)
    assert fault.startswith(expected)


def test_a_column_that_another_row_has_and_the_contract_lacks_is_named_by_line(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "source": {**SALE, "colour": "red"}}, ROWS[1]]
    shown = ShownRows({row["row"]: row["source"] for row in rows}, COLUMNS)
    file = write_rows(tmp_path, "csv", rows)
    grid = read_grid(file)
    put("r2", "colour", "blue")(grid)
    write_grid(file, grid)
    with pytest.raises(WrongUse, match=r"line 3: K3: 'colour' is no column of the contract; there are: [^;]*lines$"):
        mended_rows.read_mended_rows(file, shown)


@pytest.mark.parametrize("more", [0, 5])
def test_many_faults_are_counted_behind_the_first_hundred(tmp_path: Path, more: int) -> None:
    faults = refusal(tmp_path, "csv", lambda grid: grid.extend([["r9"]] * (100 + more)))
    assert (len(faults), faults[-1].startswith("and 5 more")) == (100 + bool(more), bool(more))


SPREADSHEET = [put("r1", "id", "123"), put("r1", "day", "01.03.2026"), put("r2", "id", "1,23457E+19")]


def test_what_a_spreadsheet_changes_in_a_csv_is_told_with_cell_and_both_values(tmp_path: Path) -> None:
    *faults, remedy = refusal(tmp_path, "csv", *SPREADSHEET, put("r4", "name", "x"))
    rewritten = "a spreadsheet may have rewritten it by itself"
    assert faults == [
        f", line 2: G2, id: {rewritten} ('00123' came back as '123')",
        f", line 2: H2, day: {rewritten} ('2026-03-01' came back as '01.03.2026')",
        f", line 3: G3, id: {rewritten} ('12345678901234567890' came back as '1,23457E+19')",
    ]
    assert remedy.startswith("--rewritten keep leaves what a spreadsheet rewrote as it was, --rewritten take")


def test_an_operator_says_whether_rewritten_cells_stay_or_are_meant(tmp_path: Path) -> None:
    kept = mend(tmp_path, "csv", *SPREADSHEET, put("r4", "name", "x"), rewritten=Rewritten.KEEP)
    assert (kept.sources, kept.kept) == ({"r4": {**SOURCES["r4"], "name": "x"}}, 3)
    (tmp_path / "rows.csv").unlink()
    taken = mend(tmp_path, "csv", *SPREADSHEET, rewritten=Rewritten.TAKE)
    assert taken.sources == {
        "r1": {**SALE, "id": "123", "day": "01.03.2026"},
        "r2": {**SOURCES["r2"], "id": "1,23457E+19"},
    }


def test_the_same_texts_typed_into_a_workbook_are_meant(tmp_path: Path) -> None:
    assert mend(tmp_path, "xlsx", *SPREADSHEET).sources["r1"] == {**SALE, "id": "123", "day": "01.03.2026"}


def test_a_fault_does_not_show_a_personal_value(tmp_path: Path) -> None:
    column = InputColumn(**{"name": "id", "type": "string", "description": "x", "pii": True})
    shown = ShownRows(SOURCES, COLUMNS, RAWS, SHOWN.nested, Masking.from_columns([column], SourceFormat.CSV))
    file = write_rows(tmp_path, "csv")
    grid = read_grid(file)
    put("r1", "id", "123")(grid)
    write_grid(file, grid)
    with pytest.raises(WrongUse, match=r"'\*\*\*' came back as '\*\*\*'"):
        mended_rows.read_mended_rows(file, shown)


@pytest.mark.parametrize("text", ["=SUM(A1:A2)", " =1", "#NAME?", "#WERT!", "########"])
def test_a_formula_or_an_error_of_a_csv_is_refused(tmp_path: Path, text: str) -> None:
    [fault] = refusal(tmp_path, "csv", put("r1", "name", text), rewritten=Rewritten.TAKE)
    assert fault.startswith(", line 2: I2, name: it ")


@pytest.mark.parametrize(
    ("delimiter", "encoding", "first"),
    [(";", "utf-8-sig", ""), ("\t", "utf-16", ""), (",", "utf-8", ""), (";", "utf-8-sig", "sep=;\r\n")],
)
def test_a_csv_is_read_as_spreadsheets_save_it(tmp_path: Path, delimiter: str, encoding: str, first: str) -> None:
    file = write_rows(tmp_path, "csv")
    grid = read_grid(file)
    put("r1", "name", "Łódź; a, b")(grid)
    write_grid(file, [[*line, "", ""] for line in grid] + [[""] * 3], delimiter, encoding)
    if first:
        file.write_bytes(b"\xef\xbb\xbf" + first.encode() + file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    assert mended_rows.read_mended_rows(file, SHOWN).sources == {"r1": {**SALE, "name": "Łódź; a, b"}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("row;name\nr1;Zürich\n".encode("cp1252"), ", line 2: it is not in UTF-8; save it as `CSV UTF-8`, or as .xlsx"),
        ("row,name\nr1,x\n".encode("utf-16-le"), ": it is no CSV in UTF-8; save it as `CSV UTF-8`, or as .xlsx"),
        (b'row,name\nr1,"x\n', ", line 2: it is no line of a CSV: unexpected end of data; mend its quotes"),
        (b"row,id,name\nr1,5\n", ", line 2: it ends before name; it must have as many cells as the header"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    with pytest.raises(WrongUse) as refused:
        mended_rows.read_mended_rows(file, SHOWN)
    assert str(refused.value) == f"{file}{expected}"


def test_a_line_may_end_before_cells_that_are_empty_anyway(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("row,name,note\nr1,x\n")
    assert mended_rows.read_mended_rows(file, SHOWN).sources == {"r1": {**SALE, "name": "x"}}


def hide(page: Worksheet) -> None:
    page.row_dimensions[2].hidden = True
    page.column_dimensions["G"].hidden = True


def test_a_hidden_row_of_a_workbook_is_read_and_other_sheets_are_not(tmp_path: Path) -> None:
    def add_sheet(page: Worksheet) -> None:
        other: Any = page.parent
        other.create_sheet("notes", 0)["A1"] = "row"

    assert mend_page(tmp_path, set_cell("r1", "name", "x"), hide, add_sheet).sources == {"r1": {**SALE, "name": "x"}}


@pytest.mark.parametrize(
    ("row", "column", "value", "text"),
    [
        ("r1", "id", 123, "123"),
        ("r1", "day", datetime(2026, 3, 1), None),
        ("r2", "id", 1.23456789012346e19, "12345678901234600000"),
        ("r2", "name", -5, None),
        ("r1", "name", 2.5, "2.5"),
        ("r1", "name", datetime(2026, 3, 1, 10), "2026-03-01 10:00:00"),
        ("r1", "name", True, "true"),
    ],
)
def test_a_typed_cell_of_a_workbook_is_refused_but_for_the_rows_own_value(
    tmp_path: Path, row: str, column: str, value: object, text: str | None
) -> None:
    edits = (set_cell(row, column, value), set_cell("r4", "name", "x"))
    if text is None:
        assert [*mend_page(tmp_path, *edits).sources] == ["r4"]
        return
    with pytest.raises(WrongUse, match=rf"line \d: [GI]\d, {column}: (it is a number|a spreadsheet may)"):
        mend_page(tmp_path, *edits)
    (tmp_path / "rows.xlsx").unlink()
    assert mend_page(tmp_path, *edits, rewritten=Rewritten.TAKE).sources[row][column] == text


def test_a_formula_and_an_error_of_a_workbook_are_refused_by_cell(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as refused:
        mend_page(tmp_path, set_cell("r1", "id", "=1+1"), set_cell("r2", "name", "#REF!"), rewritten=Rewritten.TAKE)
    first, second = str(refused.value).splitlines()
    assert first.endswith("line 2: G2, id: it holds a formula; write the value as text")
    assert second.endswith("line 3: I3, name: it holds the error #REF!; write the value as text")


def test_merged_cells_are_refused_by_their_area(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"cells are merged: G2:G3; split them"):
        mend_page(tmp_path, lambda page: page.merge_cells("G2:G3"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "rows.xlsx cannot be read: No such file"),
        (b"row,name\n", "rows.xlsx is no workbook that can be read; save it as .xlsx, without a password"),
        (["a", "b"], "it has no sheet 'rows'; give the sheet of the rows this name; there are: a, b"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes | list[str] | None, expected: str
) -> None:
    file = tmp_path / "rows.xlsx"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name in content:
            book.create_sheet(name)
        book.save(file)
    with pytest.raises(WrongUse, match=expected):
        mended_rows.read_mended_rows(file, SHOWN)


def test_a_csv_that_was_saved_as_a_workbook_keeps_its_apostrophes_to_itself(tmp_path: Path) -> None:
    grid = read_grid(write_rows(tmp_path, "csv"))
    put("r1", "name", "x")(grid)
    write_grid(tmp_path / "rows.xlsx", grid)
    assert mended_rows.read_mended_rows(tmp_path / "rows.xlsx", SHOWN).sources == {"r1": {**SALE, "name": "x"}}


@ENDINGS
def test_a_value_that_no_cell_holds_whole_is_not_shown_and_stays(tmp_path: Path, ending: str) -> None:
    rows = [{**ROWS[0], "source": {**SALE, "name": "x" * 32_768, "lines": "\0"}}]
    file = tmp_path / f"rows.{ending}"
    assert row_files.write_row_file(file, rows, COLUMNS, REASONS) == 2
    grid = read_grid(file)
    assert (grid[1][7], grid[1][9]) == ("***", "***")
    put("r1", "id", "8")(grid)
    write_grid(file, grid)
    shown = ShownRows({"r1": rows[0]["source"]}, COLUMNS)
    assert mended_rows.read_mended_rows(file, shown).sources == {"r1": {**rows[0]["source"], "id": "8"}}


@ENDINGS
def test_a_file_that_is_there_is_not_written_over(tmp_path: Path, ending: str) -> None:
    file = write_rows(tmp_path, ending)
    with pytest.raises(WrongUse, match="File exists; name a file that does not exist yet"):
        write_rows(tmp_path, ending)
    assert file.stat().st_size


@pytest.mark.parametrize("ending", ["xls", "ods", "TSV"])
def test_a_spreadsheets_file_of_another_kind_is_neither_written_nor_read(tmp_path: Path, ending: str) -> None:
    with pytest.raises(WrongUse, match=r"a spreadsheet's file ends in \.xlsx or \.csv here; save it so"):
        write_rows(tmp_path, ending)
    with pytest.raises(WrongUse, match=r"a spreadsheet's file ends in \.xlsx or \.csv here; save it so"):
        mended_rows.read_mended_rows(tmp_path / f"rows.{ending}", SHOWN)
