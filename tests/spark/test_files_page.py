"""docs/files.md: each kind of file is written, read by the contract that its section shows, and equal to what was written."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.table_names import LINE, OBJECT
from etl.gate.onepass.line_precompute import LinePrecompute
from etl.gate.structure import StructureRules, is_data_row
from etl.sources import csv_header, preflight, readers
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import BROKEN
from sluice.contracts.backtest import files
from sluice.contracts.prove.raw_files import file_body
from tests.csv_contracts import csv_contract, csv_suite
from tests.unit.job.test_avro import avro_file, schema_of
from tests.unit.job.test_excel import excel_file

PAGE = Path(__file__).parents[2] / "docs/files.md"
SECTION = re.compile(r"^## (.+?)\n(.*?)```json\n(.*?)```", re.MULTILINE | re.DOTALL)
Rows = list[tuple[str | None, ...]]
KINDS: dict[str, tuple[bytes, Rows]] = {
    "Semicolons": (b'id;amount\n1;"2;5"\n2;3,5\n3;\n', [("1", "2;5"), ("2", "3,5"), ("3", None)]),
    "Tabs": (b'id\tamount\n1\t"a\tb"\n2\t\n3\t"x ""y"""\n', [("1", "a\tb"), ("2", None), ("3", 'x "y"')]),
    "Pipes and no quotes": (b'id|amount\n1|5" screw\n"2"|a,b\n', [("1", '5" screw'), ('"2"', "a,b")]),
    "Control-A between fields": (b"id\x01amount\n1\x01a,b\n2\x01\n", [("1", "a,b"), ("2", None)]),
    "Single quotes": (b"id,amount\n1,'a,b'\n2,'it''s'\n3,\"x\n", [("1", "a,b"), ("2", "it's"), ("3", '"x')]),
    "A backslash before quotes": (
        b'id,amount\n1,"a\\"b,c"\n2,"\\\\"\n3,a\\,b\n4,"x""y"\n',
        [("1", 'a"b,c'), ("2", "\\"), ("3", "a,b"), ("4", 'x"y')],
    ),
    "A backslash and no quotes": (
        b'id\tamount\n1\\\t2\ta\\\\b\n3\tc"d\n',
        [("1\t2", "a\\b"), ("3", 'c"d')],
    ),
    "Latin-1": ("id,amount\n1,São\n2,ÿ£\n".encode("latin-1"), [("1", "São"), ("2", "ÿ£")]),
    "Windows": ("id;amount\n1;5 €\n2;“Žižek”\n3;a\n".encode("cp1252"), [("1", "5 €"), ("2", "“Žižek”"), ("3", "a")]),
    "No header": (b"1,a\n2,b\n1,a\n", [("1", "a"), ("2", "b"), ("1", "a")]),
    "No header, columns in another order": (b"1,a\n2,b\n", [("a", "1"), ("b", "2")]),
    "Names that no column can have": (b",Amount (EUR)/total\n0,1.5\n1,\n", [("0", "1.5"), ("1", None)]),
    "Lines before the header": (
        b'exported "today\n\nid,amount\n1,a\n2,b\n',
        [("1", "a"), ("2", "b")],
    ),
    "Comments": (b'# by ERP\nid,amount\n# a, b\n1,#a\n"#2",b\n', [("1", "#a"), ("#2", "b")]),
    "Markers for null": (b'id,amount\n1,NA\nNA,"-"\n-,a-\n', [("1", None), (None, None), (None, "a-")]),
    "A backslash and N for null": (
        b'1\t\\N\n\\N\t"a\\"b"\n2\t\\\\N\n3\tN\n',
        [("1", None), (None, 'a"b'), ("2", "\\N"), ("3", "N")],
    ),
    "Line breaks within quotes": (
        'id,amount\n1,"a\nb"\n\n2,"c\r\n\r\n""d"""\r\n"3\n",é\n4,\n'.encode(),
        [("1", "a\nb"), ("2", 'c\r\n\r\n"d"'), ("3\n", "é"), ("4", None)],
    ),
    "A total at the end": (b'id,amount\n1,a\n2,"b"\nTotal "x,\n\n', [("1", "a"), ("2", "b")]),
    "UTF-16": ('id\tamount\n1\t"Ž\t日"\n2\t\u0a0a\n'.encode("utf-16"), [("1", "Ž\t日"), ("2", "\u0a0a")]),
    "A JSON array": (b'\xef\xbb\xbf[{"id": 1, "amount": 1.10},\n {"amount": "]"}]\n', [("1", "1.10"), (None, "]")]),
    "JSON on several lines": (b'{\n "id": 1,\n "amount": 1E2}{"id": null}\n', [("1", "1E2"), (None, None)]),
    "A list in one JSON object": (
        b'{"n": [], "data": {"items": [{"id": "\xc3\xa9", "amount": true}], "next": "a"}}',
        [("é", "true")],
    ),
    "JSON with names that no column can have": (
        b'{"user.name": "a", "lineItem\\/Cost \\"net\\"": 1.10}\n{"lineItem/Cost \\u0022net\\"": null}\n',
        [("a", "1.10"), (None, None)],
    ),
    "Columns in any order": (b'amount,"id"\na,1\n,2\n', [("1", "a"), ("2", None)]),
    "Names in other capitals": (b"Amount,ID\na,1\n", [("1", "a")]),
    "Columns that nobody needs": (b'x,id,y,y,amount\n"1,2",1,,,a\n,2,"",\xc3\xa9,\n', [("1", "a"), ("2", None)]),
    "Further columns without a header": (b"x,1,y,a,\nx,2,y,b,z\n", [("a", "1"), ("b", "2")]),
    "Keys that nobody needs": (b'{"id":"1","x":2,"amount":"a"}\n{"y":null,"id":"2"}\n', [("1", "a"), ("2", None)]),
    "Days": (
        b"id,amount\n1,31/12/2025\n2,5-jan-24\n3,\n4,29/02/2024\n",
        [("1", "2025-12-31"), ("2", "2024-01-05"), ("3", None), ("4", "2024-02-29")],
    ),
    "Decimal commas and groups": (
        b"id;amount\n1;1.234,5\n2;-0,05\n3;1234567\n4;\n",
        [("1", "1234.50"), ("2", "-0.05"), ("3", "1234567.00"), ("4", None)],
    ),
    "Currency and percent signs": (
        b'id,amount\n1,"$1,234.50"\n2,-$5\n3,5 %\n4,7 EUR\n5,8\n',
        [("1", "1234.50"), ("2", "-5.00"), ("3", "5.00"), ("4", "7.00"), ("5", "8.00")],
    ),
    "Flags": (b"id,amount\n1,Ja\n2,ja\n3,Nein\n4,\n", [("1", "true"), ("2", "true"), ("3", "false"), ("4", None)]),
    "Texts that stand for no value": (b"id,amount\n-,5\nNA,NA\n2,-999\n", [(None, "5"), ("NA", None), ("2", None)]),
    "Times of a time zone": (
        b"id,amount\n1,01.07.2025 12:00\n2,31.12.2024 23:59:59\n3,\n",
        [("1", "2025-07-01 10:00:00"), ("2", "2024-12-31 22:59:59"), ("3", None)],
    ),
    "Seconds or thousandths since 1970": (
        b"id,amount\n1,1735689600123\n2,0\n",
        [("1", "2025-01-01 00:00:00.123"), ("2", "1970-01-01 00:00:00")],
    ),
    "Avro": (
        avro_file(
            [{"amount": "5\n\u20ac", "id": "1"}, {"amount": None, "id": ""}],
            schema_of({"amount": ["null", "string"], "id": "string"}),
        ),
        [("1", "5\n\u20ac"), ("", None)],
    ),
    "Excel": (
        excel_file(
            [
                ["Report"],
                [],
                ["id", "Sold on"],
                [1.0, date(2024, 1, 31)],
                ["a\nb", "29.02.2024"],
                [None, None],
                [0.1, None],
            ],
            title="Data",
        ),
        [("1", "2024-01-31"), ("a\nb", "2024-02-29"), ("0.1", None)],
    ),
    "A value in the folder": (b"id\n1\n2\n", [("1", "2025-01-31"), ("2", "2025-01-31")]),
    "Lists and objects": (
        b'{"id": 1, "amount": [{"sku": "a", "n": 2}, {"n": 3}]}\n{"amount": []}\n{"id": 3}\n',
        [("1", "[{a, 2}, {null, 3}]"), (None, "[]"), ("3", None)],
    ),
}
"""By section: a file, and its rows by the contract's columns."""
FOLDERS = {"A value in the folder": "dt=2025-01-31"}
"""By section: the folder that its file lies in."""
BROKEN_LINES: dict[str, tuple[bytes, dict[str, Any], list[str]]] = {
    "a field more": (b"id;amount\n1;2;3\n1;2\n", {"delimiter": ";"}, ["row", ""]),
    "an escape before a letter": (b"id,amount\n1,a\\nb\n1,2\n", {"escape": "\\"}, ["row", ""]),
    "no character of windows-1252": (b"id,amount\n1,\x81\n1,\x80\n", {"encoding": "windows-1252"}, ["text", ""]),
    "a euro of windows in latin-1": (b"id,amount\n1,\x80\n1,\xa3\n", {"encoding": "iso-8859-1"}, ["text", ""]),
    "no utf-8": (b"id,amount\n1,\xe3\n1,\xc3\xa3\n", {}, ["text", ""]),
    "a quote that never closes": (b'id,amount\n1,"a\n2,b\n', {"multi_line": True}, ["row"]),
    "text after a closing quote": (
        b'id,amount\n1,"a\n2"x,b\n3,c\n4,d"e\n5,f,g\n',
        {"multi_line": True},
        ["row", "", "row", "row"],
    ),
    "a control character between quotes": (b'id,amount\n1,"a\n\x02"\n', {"multi_line": True}, ["text"]),
    "no character of utf-8 between quotes": (b'id,amount\n1,"a\n\xff"\n', {"multi_line": True}, ["text"]),
    "a line break in a file of lines": (b'id,amount\n1,"a\nb"\nx\n', {"skip_footer": 1}, ["row", "row"]),
    "a control character": (b"id\x01amount\n1\x01\x02\n1\x012\n", {"delimiter": "\x01"}, ["text", ""]),
}
"""A file's bytes, its dialect and what each line breaks."""


def sections() -> Iterator[tuple[str, Contract]]:
    """Yield each section's heading, and the contract that it shows for the columns id and amount."""
    for heading, _, block in SECTION.findall(PAGE.read_text(encoding="utf-8")):
        meta = json.loads(block)["meta"]
        yield heading, csv_contract(meta.pop("columns", ["id", "amount"]), **meta)


def read_file(spark: Any, path: Path, contract: Contract, name: str) -> DataFrame:
    """Return the rows of a file in its order: `name`, the values, and what a line breaks."""
    [raw_object] = files.list_objects([path])
    look = preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)
    assert look.fault is None, (name, look.detail)
    precompute = LinePrecompute.for_contracts(contract, contract)
    frame = readers.read_objects(spark, files.DISK, [look], contract, precompute.line_regex, files.STREAMS)
    marks = StructureRules(contract, contract).marks
    broken = F.coalesce(*(F.when(mark, F.lit(rule)) for rule, (_, mark) in marks.items()), F.lit(""))
    values = F.array(*(F.col(f"`{column}`").cast("string") for column in contract.names)).alias("values")
    return frame.where(is_data_row()).select(F.lit(name).alias("name"), values, broken.alias("broken"), BROKEN)


def test_each_section_of_the_page_is_tried() -> None:
    assert [heading for heading, _ in sections()] == [*KINDS]


def test_each_kind_of_file_is_read_as_it_was_written(spark: Any, tmp_path: Path) -> None:
    frames: list[DataFrame] = []
    for number, (heading, contract) in enumerate(sections()):
        path = tmp_path / FOLDERS.get(heading, "") / f"{number}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(KINDS[heading][0])
        frames.append(read_file(spark, path, contract, heading))
    for name, (body, dialect, _) in BROKEN_LINES.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(body)
        frames.append(read_file(spark, path, contract_of(csv_suite(["id", "amount"], dialect=dialect)), name))
    rows = reduce(DataFrame.union, frames).collect()
    read = {name: [tuple(row["values"]) for row in rows if row["name"] == name] for name in KINDS}
    assert read == {name: expected for name, (_, expected) in KINDS.items()}
    broken = {name: [row["broken"] for row in rows if row["name"] == name] for name in BROKEN_LINES}
    assert broken == {name: expected for name, (_, _, expected) in BROKEN_LINES.items()}
    assert {row["broken"] for row in rows if row["name"] in KINDS} == {""}


def test_files_with_columns_in_different_orders_are_read_together_and_each_row_keeps_its_file(
    spark: Any, tmp_path: Path
) -> None:
    contract = csv_contract(["id", "amount"], header_match="by_name", extra_columns="ignore")
    bodies = {"a": "id,amount\n1,x\n", "b": "amount,id\ny,2\n", "c": "z,id,amount\n,3,\n"}
    for name, body in bodies.items():
        (tmp_path / f"{name}.csv").write_text(body)
    raw_objects = files.list_objects(sorted(tmp_path.iterdir()))
    looks = files.preflight_files(spark, raw_objects, contract)
    precompute = LinePrecompute.for_contracts(contract, contract)
    frame = readers.read_objects(spark, files.DISK, looks, contract, precompute.line_regex)
    rows = frame.where(is_data_row()).select("_place", OBJECT, "id", "amount").sort("id").collect()
    assert [(row[0], row[1][-5], row[2], row[3]) for row in rows] == [
        (0, "a", "1", "x"),
        (1, "b", "2", "y"),
        (2, "c", "3", None),
    ]


def test_a_column_of_parquet_that_nobody_needs_is_not_read(spark: Any, tmp_path: Path) -> None:
    parquet.write_table(pa.table({"x": [1], "id": ["1"], "amount": ["a"]}), tmp_path / "a.parquet")
    [raw_object] = files.list_objects([tmp_path / "a.parquet"])
    strict = csv_contract(["id", "amount"], format="parquet")
    [refused] = files.preflight_files(spark, [raw_object], strict)
    assert (refused.fault, "x bigint instead of nothing" in refused.detail) == ("schema", True)
    contract = csv_contract(["id", "amount"], format="parquet", extra_columns="ignore")
    looks = files.preflight_files(spark, [raw_object], contract)
    [row] = readers.read_objects(spark, files.DISK, looks, contract, LineRegex()).collect()
    assert (row["id"], row["amount"], row[LINE]) == ("1", "a", '{"id":"1","amount":"a"}')


@pytest.mark.parametrize("form", ["parquet", "orc", "avro"])
def test_columns_of_a_file_are_read_by_their_sources(spark: Any, tmp_path: Path, form: str) -> None:
    # The library of ORC shows Spark a backtick as the end of a name.
    quote = "`" if form == "parquet" else '"'
    names = {"id": "user.name", "amount": f"lineItem/Cost {quote}net{quote}", "moment": "Été 1", "user": "id"}
    if form == "avro":  # whose names have letters, digits and _ alone
        names |= {"id": "_Id", "amount": "lineItemCost", "moment": "_"}
    columns = [{"name": name, "source": source} for name, source in names.items()]
    path = tmp_path / f"a.{form}"
    row: dict[str, Any] = {"id": "1", "amount": "a", "moment": "2025", "user": "b"}
    contract = csv_contract(columns, format=form)
    path.write_bytes(file_body([row], contract))
    if form == "parquet":
        # Times in nanoseconds, as pandas writes them, are read as whole numbers first.
        columns[2]["type"], row["moment"] = "timestamp", datetime(2025, 1, 2, 3, 4, 5)
        values = [["1"], ["a"], pa.array([row["moment"]], pa.timestamp("ns", "UTC")), ["b"]]
        parquet.write_table(pa.table(dict(zip(names.values(), values, strict=True))), path)
        contract = csv_contract(columns, format=form)
    raw_objects = files.list_objects([path])
    looks = files.preflight_files(spark, raw_objects, contract)
    assert [look.detail for look in looks if look.fault] == []
    [read] = readers.read_objects(spark, files.DISK, looks, contract, LineRegex(), files.STREAMS).collect()
    assert {name: read[name] for name in names} == row
    assert json.loads(read[LINE]).keys() == {*names}
    wider = csv_contract([*columns, "other", {"name": "more", "source": "x/y"}], format=form)
    [refused] = files.preflight_files(spark, raw_objects, wider)
    assert refused.detail.endswith(
        "other missing instead of string, more ('x/y' in the file) missing instead of string"
    )


def test_keys_with_signs_stand_beside_lists_and_unneeded_keys(spark: Any, tmp_path: Path) -> None:
    columns = [
        {"name": "cost", "source": "item/cost"},
        {"name": "net", "source": 'the "net"'},
        {"name": "tags", "source": "all.tags", "type": "array<string>"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"item\\/cost": 1.0, "the \\"net\\"": "n", "all.tags": ["a"]}\n{"all.tags": null, "item/cost": "2"}\n{"cost": 1}\n'
    )
    [raw_object] = files.list_objects([path])
    for extra in ("refuse", "ignore"):
        contract = csv_contract(columns, format="jsonl", extra_columns=extra)
        look = preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)
        frame = readers.read_objects(spark, files.DISK, [look], contract, LineRegex())
        rows = [tuple(row) for row in frame.select("cost", "net", "tags", BROKEN).collect()]
        assert rows == [("1.0", "n", ["a"], False), ("2", None, None, False), (None, None, None, extra == "refuse")]


HEADERS = {
    "another order": ("amount,id", {}),
    "a column more": ("id,x,amount", {}),
    "a column more by name": ("amount,x,id", {"header_match": "by_name"}),
    "another order beside others": ("amount,x,id", {"extra_columns": "ignore"}),
    "a column fewer": ("id,x", {"header_match": "by_name", "extra_columns": "ignore"}),
    "a name twice": ("id,amount,id", {"header_match": "by_name", "extra_columns": "ignore"}),
    "a name twice in other capitals": ("id,amount,ID", {"header_match": "by_name_ignore_case"}),
    "other capitals": ("ID,amount", {"header_match": "by_name"}),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_the_contract_does_not_match_is_refused(name: str) -> None:
    header, meta = HEADERS[name]
    head = csv_header.check_head(f"{header}\n1,2,3\n", True, csv_contract(["id", "amount"], **meta))
    assert (head.fault, head.row) == ("header", 1)


HINTS: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "semicolons": (b"id;amount\n1;2\n", {}, 'its delimiter is ";": write "dialect": {"delimiter": ";"}'),
    "tabs": (b"amount\tid\n1\t2\n", {}, '{"delimiter": "\\t"}'),
    "semicolons without a header": (b"1;2\n", {"dialect": {"header": False}}, '{"delimiter": ";"}'),
    "another order": (b"amount,id\n1,2\n", {}, '"header_match": "by_name"'),
    "capitals": (b"ID,Amount\n1,2\n", {}, '"header_match": "by_name_ignore_case"'),
    "a column more": (b"id,amount,note\n1,2,3\n", {}, '"extra_columns": "ignore"'),
    "lines before": (b"exported\n\nid,amount\n1,2\n", {}, 'its header is line 3: write "dialect": {"skip_rows": 2}'),
    "no header": (b"1,2\n3,4\n", {}, '"dialect": {"header": false}'),
    "another name": (b"id,Amount_\n1,2\n", {}, "missing 'amount' (now 'Amount_'?); write \"source\""),
    "latin-1": ("id,amount,é\n1,2,é\n".encode("latin-1"), {}, '"dialect": {"encoding": "iso-8859-1"}'),
    "windows": ("id;amount €\n1;2\n".encode("cp1252"), {}, '"dialect": {"encoding": "windows-1252"}'),
    "utf-16": ("id,amount\n1,2\n".encode("utf-16"), {}, '"dialect": {"encoding": "utf-16"}'),
    "a source": (
        b"id,amounts\n1,2\n",
        {"columns": [{"name": "id"}, {"name": "total", "source": "the amount"}]},
        "missing 'total' ('the amount' in the file)",
    ),
}
"""A file, what its contract says, and what its refusal says."""


@pytest.mark.parametrize("name", HINTS)
def test_a_refused_file_is_named_as_what_it_is_with_the_line_to_write(tmp_path: Path, name: str) -> None:
    body, meta, expected = HINTS[name]
    (tmp_path / "a.csv").write_bytes(body)
    [raw_object] = files.list_objects([tmp_path / "a.csv"])
    contract = csv_contract(**{"columns": ["id", "amount"], **meta})
    look = preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)
    assert look.fault
    assert expected in look.detail


def test_what_a_refusal_says_names_nothing_of_a_file_about_persons(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"Ada Lovelace;ada@example.org\n")
    [raw_object] = files.list_objects([tmp_path / "a.csv"])
    contract = csv_contract([{"name": "name", "pii": True}, {"name": "mail", "pii": True}])
    look = preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)
    assert (look.fault, "Ada" in look.detail, "ada@" in look.detail) == ("header", False, False)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252"])
def test_a_byte_order_mark_of_utf_8_refuses_another_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfid,amount\n1,2\n")
    [raw_object] = files.list_objects([path])
    contract = csv_contract(["id", "amount"], dialect={"encoding": encoding})
    look = preflight.preflight_object(files._LocalClient(), files.DISK, raw_object, contract)
    assert (look.fault, '"encoding": "utf-8"' in look.detail) == ("encoding", True)
