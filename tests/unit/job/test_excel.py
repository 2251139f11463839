"""Excel: each cell as the text of its value, and what is none, or cannot be told, refused with its address."""

import io
import json
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.validation.suite import faults_of
from etl.sources import excel_sheet
from etl.sources.excel_rows import iterate_excel_rows, verify_excel
from etl.sources.excel_values import number_text, serial_text
from etl.sources.json_records import BrokenRecords
from sluice.contracts.backtest import files
from sluice.contracts.profile.excel_sample import read_excel_sample
from sluice.contracts.prove.raw_files import file_body, file_line
from tests.csv_contracts import csv_contract, csv_suite

Rows = list[list[Any]]
HEADER = ["id", "amount"]


def workbook_of(rows: Rows, **changes: Any) -> Any:
    book: Any = openpyxl.Workbook()
    if changes.get("epoch"):
        book.epoch = changes["epoch"]
    book.active.title = changes.get("title", "Sheet")
    for row in rows:
        book.active.append(row)
    return book


def content_of(book: Any) -> bytes:
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def excel_file(rows: Rows, **changes: Any) -> bytes:
    return content_of(workbook_of(rows, **changes))


def with_sheet_text(content: bytes, before: str, after: str) -> bytes:
    """Return a workbook whose first sheet has another text in its XML."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(sink, "w") as changed:
        for entry in archive.infolist():
            text = archive.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                assert before.encode() in text
                text = text.replace(before.encode(), after.encode())
            changed.writestr(entry, text)
    return sink.getvalue()


def contract(columns: list[Any] | None = None, **meta: Any) -> Contract:
    return csv_contract(columns or ["id", "amount"], format="excel", **meta)


def rows_of(content: bytes, declared: Contract | None = None) -> list[Any]:
    return [(row.number, row.values) for row in iterate_excel_rows(io.BytesIO(content), declared or contract())]


def why_refused(content: bytes, declared: Contract | None = None) -> tuple[str, str]:
    with pytest.raises(BrokenRecords) as caught:
        verify_excel(io.BytesIO(content), declared or contract())
    return caught.value.rule, caught.value.why


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (7, "7"),
        (0.1 + 0.2, "0.30000000000000004"),
        (29.99, "29.99"),
        (-0.5, "-0.5"),
        (1e-7, "0.0000001"),
        (1e20, "100000000000000000000"),
        (1.5e300, "1.5e+300"),
        (12345678901234567890, "12345678901234567890"),
        (100.0, "100"),
    ],
)
def test_a_number_is_the_shortest_decimal_that_is_stored_as_it(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("serial", "is_of_1904", "text"),
    [
        (45322, False, "2024-01-31"),
        (45322 - 1462, True, "2024-01-31"),
        (45292.520833333336, False, "2024-01-01 12:30:00"),
        (45292.99999999999, False, "2024-01-02"),
        (45292.52083912037, False, "2024-01-01 12:30:00.500"),
        (1, False, "1900-01-01"),
        (59, False, "1900-02-28"),
        (60, False, "60, which is no day of Excel"),
        (61, False, "1900-03-01"),
        (0, True, "1904-01-01"),
        (0.5, False, "12:00:00"),
        (-1, False, "-1, which is no day of Excel"),
        (4e9, False, "4000000000, which is no day of Excel"),
    ],
)
def test_a_serial_number_is_the_day_of_its_calendar(serial: float, is_of_1904: bool, text: str) -> None:
    assert serial_text(serial, is_of_1904) == text


VALUES: list[tuple[Any, str | None]] = [
    ("007", "007"),
    (7, "7"),
    (True, "true"),
    (date(2024, 1, 31), "2024-01-31"),
    (datetime(2024, 1, 31, 8, 5), "2024-01-31 08:05:00"),
    (datetime(2024, 1, 31), "2024-01-31 00:00:00"),
    (time(8, 5), "08:05:00"),
    (timedelta(hours=36), "1.5 days"),
    ("a\nb é", "a\nb é"),
    ("_x0041_x", "Ax"),
    (None, None),
    ("", None),
]


def test_each_cell_is_a_text_and_rows_without_a_value_are_none() -> None:
    rows = [HEADER, *([f"r{index}", value] for index, (value, _) in enumerate(VALUES)), [], [None, None], ["last", 1]]
    read = rows_of(excel_file(rows))
    assert [values[1] for _, values in read[:-1]] == [text for _, text in VALUES]
    assert read[-1] == (len(rows), ["last", "1"])
    assert rows_of(excel_file([HEADER, ["a", date(2024, 1, 31)]], epoch=CALENDAR_MAC_1904)) == [
        (2, ["a", "2024-01-31"])
    ]


def test_options_are_about_texts_and_other_cells_are_written_as_the_column_s_texts_are() -> None:
    columns = [
        {"name": "id", "type": "boolean", "true_values": ["Ja"], "false_values": ["Nein"]},
        {"name": "amount", "type": "decimal(10,2)", "decimal": ",", "group": "."},
        {"name": "day", "type": "date", "format": "dd.MM.yyyy", "null_values": ["#N/A"]},
    ]
    declared = contract(columns)
    wide = declared.with_columns((*declared.input_columns, *excel_rows_typed(declared)))
    rows = [[*HEADER, "day"], [True, 1234.5, date(2024, 1, 31)], ["Nein", "1.234,50", "31.01.2024"], [None, 1, "#N/A"]]
    assert [values for _, values in rows_of(excel_file(rows), wide)] == [
        ["Ja", "1234,5", None, "2024-01-31"],
        ["Nein", "1.234,50", "31.01.2024", None],
        [None, "1", "#N/A", None],
    ]


def test_a_day_s_midnight_is_no_time_of_a_date_and_one_of_a_timestamp() -> None:
    columns = [{"name": "id", "type": "date"}, {"name": "amount", "type": "timestamp", "zone": "Europe/Berlin"}]
    rows = [HEADER, [datetime(2024, 1, 31), date(2024, 1, 31)], [datetime(2024, 1, 31, 8), datetime(2024, 1, 31)]]
    assert [values for _, values in rows_of(excel_file(rows), contract(columns))] == [
        ["2024-01-31", "2024-01-31 00:00:00"],
        ["2024-01-31 08:00:00", "2024-01-31 00:00:00"],
    ]


def excel_rows_typed(declared: Contract) -> Any:
    from etl.sources.excel_rows import typed_cells  # noqa: PLC0415  beside its one use

    return typed_cells(declared)


def test_an_error_has_its_address_and_a_formula_without_a_value_is_one() -> None:
    declared = contract(["id", {"name": "amount", "type": "int"}])
    content = excel_file([HEADER, ["a", "#N/A"], ["b", "=1+1"], ["#REF!", 2]])
    assert rows_of(content, declared) == [
        (2, ["a", "#N/A in B2"]),
        (3, ["b", "a formula without its value in B3"]),
        (4, None),
    ]
    row = [*iterate_excel_rows(io.BytesIO(content), declared)][2]
    assert json.loads(row.line) == {"id": "#REF! in A4", "amount": "2"}
    computed = with_sheet_text(content, "<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    assert rows_of(computed, declared)[1] == (3, ["b", "2"])
    marked = contract([{"name": "id", "null_values": ["#REF!"]}, "amount"])
    assert rows_of(content, marked)[2] == (4, [None, "2"])


def test_the_sheet_is_the_only_one_that_is_shown_or_the_named_one() -> None:
    book = workbook_of([["x"], [], HEADER, ["a", 1]])
    book.create_sheet("Lists").sheet_state = "hidden"
    declared = contract(first_row=3)
    assert rows_of(content_of(book), declared) == [(4, ["a", "1"])]
    book.create_sheet("Totals")
    rule, why = why_refused(content_of(book), declared)
    assert (rule, why) == (
        "format",
        "it has 2 sheets ('Sheet', 'Totals'); write which one is data as \"sheet\"",
    )
    assert rows_of(content_of(book), contract(first_row=3, sheet="Sheet")) == [(4, ["a", "1"])]
    assert (
        why_refused(content_of(book), contract(sheet="Data"))[1]
        == "it has no sheet 'Data', but 'Sheet', 'Lists', 'Totals'"
    )


def merged_file(cells: str) -> bytes:
    book = workbook_of([["title"], HEADER, ["a", 1], ["b", 2]])
    book.active.merge_cells(cells)
    return content_of(book)


def test_merged_cells_among_the_rows_are_refused_and_a_merged_title_is_not() -> None:
    assert why_refused(merged_file("A3:A4"), contract(first_row=2)) == (
        "format",
        "its cells A3:A4 are merged; split them",
    )
    assert rows_of(merged_file("A1:B1"), contract(first_row=2)) == [(3, ["a", "1"]), (4, ["b", "2"])]


def test_a_header_is_matched_as_a_csv_s_is_and_a_value_beside_it_breaks_its_row() -> None:
    assert why_refused(excel_file([["amount", "id"], [1, "a"]]))[0] == "header"
    assert why_refused(excel_file([[*HEADER, "x"], ["a", 1, 2]]))[0] == "header"
    assert why_refused(excel_file([[], HEADER, ["a", 1]])) == (
        "header",
        "row 1 is empty; write first_row, the header's row",
    )
    assert why_refused(excel_file([HEADER])) == ("rows", "a header and no rows")
    by_name = contract([{"name": "id", "source": "The Id"}, "amount"], header_match="by_name", extra_columns="ignore")
    assert rows_of(excel_file([["x", "amount", "The Id"], [0, 1, "a", 9]]), by_name) == [(2, ["a", "1"])]
    assert rows_of(excel_file([HEADER, ["a", 1, "note"]])) == [(2, None)]
    years = contract([{"name": "id", "type": "boolean", "source": "2024"}, "amount"])
    assert rows_of(excel_file([[2024, "amount"], [False, "a"]]), years) == [(2, ["false", "a"])]


def test_a_strict_workbook_is_read_with_its_days_as_texts() -> None:
    book = workbook_of([HEADER, ["a", 1.5], ["b", date(2024, 1, 31)], ["c", datetime(2024, 1, 31, 8, 5)]])
    book.iso_dates = True
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content_of(book))) as archive, zipfile.ZipFile(sink, "w") as strict:
        for entry in archive.infolist():
            text = archive.read(entry)
            for name, other in excel_sheet.NAMES_BY_STRICT.items():
                text = text.replace(other, name)
            strict.writestr(entry, text)
    assert excel_sheet.STRICT in zipfile.ZipFile(sink).read("xl/workbook.xml")
    read = [values[1] for _, values in rows_of(sink.getvalue()) if values]
    assert read == ["1.5", "2024-01-31", "2024-01-31 08:05:00"]


def test_a_draft_says_where_a_sheet_shows_zeros_that_its_cells_do_not_hold(tmp_path: Path) -> None:
    path, book = tmp_path / "a.xlsx", workbook_of([["zip", "price"], [1234, 5], [98765, 6]])
    for address, shown in {"A2": "00000", "A3": "00000", "B2": "0.00", "B3": "#,##0"}.items():
        book.active[address].number_format = shown
    path.write_bytes(content_of(book))
    doubt = "column zip shows 01234 in A2, and the cell holds 1234: zeros before a number are read as texts alone"
    assert read_excel_sample(path).doubts == [doubt]


def test_other_files_are_named_and_too_large_ones_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    good = excel_file([HEADER, ["a", 1]])
    others = {
        ole: "a legacy .xls",
        ole + "EncryptedPackage".encode("utf-16-le"): "protected by a password",
        b"id,amount\n1,2\n": "no excel file but CSV",
        b"Obj\x01" + bytes(99): "no excel file but avro",
        good[:-30]: "cut off",
        with_sheet_text(good, "</sheetData>", "<"): "its sheet is broken",
    }
    path = tmp_path / "a.xlsx"
    for content, why in others.items():
        path.write_bytes(content)
        [look] = [files._preflight_file(raw_object, contract()) for raw_object in files.list_objects([path])]
        assert (look.fault, why in look.detail) == ("format", True), (why, look.detail)
    path.write_bytes(good)
    [raw_object] = files.list_objects([path])
    assert files._preflight_file(raw_object, contract()).fault is None
    monkeypatch.setattr(excel_sheet, "MAX_HELD_BYTES", len(good))
    assert files._preflight_file(raw_object, contract()).fault == "size"


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ({"format": "csv", "sheet": "a"}, "meta.sheet stands in an input of csv, which has no sheets"),
        ({"format": "avro", "first_row": 2}, "meta.first_row stands in an input of avro, which has no sheets"),
        ({"format": "excel", "first_row": 0}, "meta.first_row is 0"),
        ({"format": "excel", "dialect": {"delimiter": ";"}}, "meta.dialect stands in an input of excel"),
        (
            {"format": "excel", "structure": {"cast": "warning"}},
            "meta.structure stands in an input of excel, whose cells are no lines that could be read again",
        ),
        (
            {"format": "excel", "records": "array"},
            "meta.records stands in an input of excel, whose rows stand in one way",
        ),
    ],
)
def test_a_key_that_means_nothing_is_a_fault(meta: dict[str, Any], problem: str) -> None:
    assert [fault.problem for fault in faults_of(csv_suite(["id"], **meta))] == [problem]


def test_a_proof_s_file_comes_back_and_a_stored_row_has_no_sheet() -> None:
    declared = contract(["id", {"name": "amount", "type": "decimal(5,2)", "decimal": ","}], sheet="Data", first_row=2)
    row = {"id": "a", "amount": "1.5"}
    [read] = iterate_excel_rows(io.BytesIO(file_body([row], declared)), declared)
    assert (read.number, read.line) == (3, file_line(row, declared))
    stored = contract_of(declared.suite).as_stored_rows()
    assert (stored.sheet, stored.first_row, stored.format) == ("", 1, "jsonl")


def test_a_draft_sees_texts_below_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = workbook_of([["Prices"], [], ["Unit Price", "id"], [29.99, 1], [None, 2]])
    book.create_sheet("Totals")
    path.write_bytes(content_of(book))
    content = read_excel_sample(path)
    assert (content.sheet, content.first_row) == ("Sheet", 3)
    assert content.doubts == ["the first of its sheets is taken: Sheet, Totals"]
    assert ([*content.names], [*content.table.to_pylist()]) == (
        ["Unit Price", "id"],
        [{"0": "29.99", "1": "1"}, {"0": None, "1": "2"}],
    )


def test_a_draft_takes_a_header_whose_first_column_has_no_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content_of(workbook_of([[None, "2024", "2024"], [None, "price", "city"], [0, 1.5, "Oslo"]])))
    content = read_excel_sample(path)
    assert (content.first_row, [*content.names]) == (2, ["", "price", "city"])
    assert content.table.to_pylist() == [{"0": "0", "1": "1.5", "2": "Oslo"}]


def test_a_draft_passes_over_a_cover_sheet_and_cells_beside_the_table(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = workbook_of([["Read me first"]])
    data = book.create_sheet("Data")
    for row in [["price", "city"], [1.5, "Oslo"], [2.5, "Lund", None, "a remark"], [3.5, "Bergen"]]:
        data.append(row)
    path.write_bytes(content_of(book))
    content = read_excel_sample(path)
    assert (content.sheet, [*content.names], content.ignores_columns) == ("Data", ["price", "city"], True)
    assert content.table.num_rows == 3
    assert content.doubts == [
        "the first with a header and rows of its sheets is taken: Sheet, Data",
        "cells beyond the 2 columns that have names left out",
    ]
