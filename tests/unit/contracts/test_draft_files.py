"""How a file is written is learnt from its bytes: encoding, delimiter, quotes, lines around the records, header, JSON form."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract.dialect import Encoding
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.column_names import plain_names
from sluice.contracts.profile.csv_dialect import detect_dialect, dialect_entries
from sluice.contracts.profile.sample import Sample, read_sample
from sluice.contracts.profile.sample_files import find_sample_files, read_samples
from sluice.contracts.profile.text_encoding import detect_encoding

DIALECTS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "RFC 4180": ('a,b\n1,"x, y"\n2,z\n', 2, {}),
    "semicolons and decimal commas": ("a;b\n1;2,5\n2;3,5\n3;4,5\n", 2, {"delimiter": ";"}),
    "tabs": ("a\tb\n1\tx, y\n2\tz, k\n", 2, {"delimiter": "\t"}),
    "pipes": ("a|b|c\n1|2025-01-02|x, y\n2|2025-01-03|z, k\n", 3, {"delimiter": "|"}),
    "quotes that quote nothing": ('a\tb\n1\tsays "hi\n2\tx\n3\ty "5" \n', 2, {"delimiter": "\t", "quote": ""}),
    "single quotes": ("a,b\n1,'x, y'\n2,'z, k'\n", 2, {"quote": "'"}),
    "an escape": ('a,b\n1,"x \\"y\\", z"\n2,"k"\n', 2, {"escape": "\\"}),
    "a line break": ('a,b\n1,"x\ny"\n2,z\n', 2, {"multi_line": True}),
    "comments": ("# made by X, y\nid,amount\n1,1.5\n2,2.5\n", 2, {"comment": "#"}),
    "a name with the comment's sign": ("#id,amount\n1,1.5\n2,2.5\n", 2, {}),
    "values with the comment's sign": ("id,amount\n#1,1.5\n#2,2.5\n#3,2.5\n", 2, {}),
    "a remark and such a name": ("# made by X\n#id,amount\n1,1.5\n2,2.5\n", 2, {"skip_rows": 1}),
    "a title": ("Report X\nof 2025\nid;amount\n1;2,5\n2;3,5\n3;4,5\n", 2, {"delimiter": ";", "skip_rows": 2}),
    "blanks": ("weight waist\n191 36.5\n189 37\n193 38\n", 2, {"delimiter": " "}),
    "a column of times": ("at\n2025-01-02 10:00:00\n2025-01-03 11:00:00\n", 1, {}),
    "a column of grouped numbers": ("people\n1 234\n5 678\n9 876\n", 1, {}),
    "a column of names": ("who\nAnna Meier\nBen Huber\n", 1, {}),
    "a column of numbered names": ("store\nstore 1\nstore 2\nstore 3\n", 1, {}),
    "one column": ("word\nhello\nworld, you\nx\ny\n", 1, {}),
}


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_dialect_is_learnt_from_the_first_lines(kind: str) -> None:
    text, columns, expected = DIALECTS[kind]
    dialect, number = detect_dialect(list(io.StringIO(text, newline="")), Encoding.UTF_8)
    entries = {name: value for name, value in dialect_entries(dialect).items() if name != "header"}
    assert (entries, number) == (expected, columns)


ENCODINGS: dict[str, tuple[bytes, str | None]] = {
    "ascii": (b"a,b\n", "utf-8"),
    "utf-8": ("Köln".encode(), "utf-8"),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "utf-16"),
    "latin-1": ("a\nKöln\nZürich\nBesançon\n".encode("latin-1"), "windows-1252"),
    "euro": ("5 €\n".encode("cp1252"), "windows-1252"),
    "cyrillic": ("Москва\nПетербург\n".encode("cp1251"), None),
    "greek": ("Αθήνα\nΘεσσαλονίκη\n".encode("iso-8859-7"), None),
    "utf-32": ("a,b\n".encode("utf-32"), None),
}


@pytest.mark.parametrize("kind", ENCODINGS)
def test_an_encoding_is_learnt_from_the_bytes_and_none_is_taken_for_another(kind: str) -> None:
    content, expected = ENCODINGS[kind]
    assert detect_encoding([content]) == expected


def test_an_accent_at_the_end_of_a_megabyte_decides_too() -> None:
    assert detect_encoding([b"a" * 1000, b"K\xf6ln"]) == "windows-1252"
    assert detect_encoding(["Kö".encode()[:2], "Kö".encode()[2:]]) == "utf-8"


def sample_of(tmp_path: Path, content: str | bytes, name: str = "day.csv") -> Sample:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_sample(tmp_path / name)


def numbered(pattern: str, rows: int = 30) -> str:
    return "".join(pattern.format(number=number, day=1 + number % 28) for number in range(1, rows + 1))


HEADERS: dict[str, tuple[str, bool]] = {
    "names": ("id,city\n" + numbered("{number},x\n"), True),
    "a row of signs": ("".join(f"{chr(0x2600 + n)},:word {n}:\n" for n in range(30)), False),
    "a sign above words": ("★,word\n" + numbered("x{number},y{day}\n"), True),
    "a row of codes and grouped numbers": ("".join(f'"0{n}","  {n * 400:,} "\n' for n in (9, *range(1, 30))), False),
    "a row of numbers": (numbered("{number},store {number},2025-01-{day:02},{number}\n"), False),
    "a row with a time": (numbered("I,{number},C{number},2025-01-{day:02} 03:04:05.000000,{number}.50\n"), False),
    "years as names": ("country,2019,2020,2021\n" + numbered("x,{number}.5,{number},7.25\n"), True),
    "codes without names": (numbered("AB-{number:03},x\n"), False),
    "texts alone": ("city,country\n" + numbered("Oslo,Norway\n"), True),
    "a first row of texts that come again": (numbered("Oslo,Norway\n"), False),
    "mail addresses": (numbered("p{number}@example.com,x\n"), False),
    "an empty name": (",a,b\n" + numbered("{number},{number},x\n"), True),
    "a number that only looks so": ("id,n\n" + numbered("{number},NA\n"), True),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_header_is_doubted_where_each_name_would_be_a_value_of_its_column(kind: str, tmp_path: Path) -> None:
    text, has_header = HEADERS[kind]
    sample = sample_of(tmp_path, text)
    assert sample.dialect is not None
    assert sample.dialect.header is has_header
    assert sample.rows == 30
    if not has_header:
        assert sample.table.column_names[0] == "column_1"
        assert sample.sources["column_1"] == 1


FOOTERS: dict[str, tuple[str, int]] = {
    "none": ("", 0),
    "a total": ("TOTAL,465\n", 1),
    "a number of rows": ("(30 rows)\n", 1),
    "totals and a remark": ("Total,465\nSource: X\n", 2),
    "a sum under texts": ("Summe,465\n", 1),
    "empty fields": (",\n", 1),
}


@pytest.mark.parametrize("kind", FOOTERS)
@pytest.mark.parametrize("first", ["{number}", "city {number}"])
def test_lines_of_totals_and_remarks_are_no_rows(kind: str, first: str, tmp_path: Path) -> None:
    footer, lines = FOOTERS[kind]
    sample = sample_of(tmp_path, "id,amount\n" + numbered(first + ",{number}\n") + footer)
    assert sample.dialect is not None
    assert (sample.dialect.skip_footer, sample.rows) == (lines, 30)
    assert bool([doubt for doubt in sample.doubts if "totals" in doubt]) is bool(lines)


def test_a_last_line_that_is_cut_off_is_no_footer(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"line 32 of .* expected 2 fields, got 1"):
        sample_of(tmp_path, "id,amount\n" + numbered("{number},{number}\n") + "31")


def test_a_line_break_far_below_the_first_lines_is_one(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "id,note\n" + numbered('{number},"fine"\n', 2000) + '2001,"a\nb"\n' + "2002,c\n" * 20)
    assert sample.dialect is not None
    assert sample.dialect.multi_line
    assert sample.table.column("note").to_pylist()[2000] == "a\nb"


@pytest.mark.parametrize(
    ("header", "row", "names"),
    [
        ("id,n,", "{number},5", ["id", "n"]),
        ("id,n,m", "{number},5,6,", ["id", "n", "m", "column_4"]),
        ("id,n,m", "row {number},{number},5,6", ["index", "id", "n", "m"]),
        ("of 2025,all", "{number},5,6,7", ["column_1", "column_2", "column_3", "column_4"]),
    ],
)
def test_a_header_of_another_width_gives_its_names(header: str, row: str, names: list[str], tmp_path: Path) -> None:
    sample = sample_of(tmp_path, f"{header}\n" + numbered(f"{row}\n"))
    assert sample.dialect is not None
    assert (sample.dialect.header, sample.dialect.skip_rows, sample.rows) == (False, 1, 30)
    assert sample.table.column_names == names
    assert [*sample.sources.values()] == [*range(1, len(names) + 1)]


def test_where_names_stand_twice_columns_have_positions(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "# made by X\nid,n,n\n" + numbered("{number},a,b\n"))
    assert sample.dialect is not None
    assert (sample.dialect.header, sample.dialect.skip_rows, sample.rows) == (False, 2, 30)
    assert sample.sources == {"id": 1, "n": 2, "n_2": 3}
    assert sample.table.column("n_2").to_pylist() == ["b"] * 30


@pytest.mark.parametrize(
    ("names", "plain"),
    [
        (["id", "price (EUR)", "tax%", "ship/to", "#items"], ["id", "price_eur", "tax_pct", "ship_to", "items"]),
        (["Unit Price (EUR)", "lineItem/UnblendedCost"], ["unit_price_eur", "line_item_unblended_cost"]),
        (["", "a", ""], ["index", "a", "column_3"]),
        (["a", "A", "a b", "A_b"], ["a", "a_2", "a_b", "a_b_2"]),
        (["Größe", "Zürich", "naïve", "São"], ["groesse", "zuerich", "naive", "sao"]),
        (["2019", "_id", "__index_level_0__"], ["column_2019", "id", "index_level_0"]),
        (["名称", "?"], ["名称", "column_2"]),
        (["PassengerId", "HTTPStatus"], ["passenger_id", "http_status"]),
    ],
)
def test_names_become_plain_ones_and_no_two_are_alike(names: list[str], plain: list[str]) -> None:
    assert plain_names(names) == plain


JSON_FORMS: dict[str, tuple[str, str]] = {
    "lines": ('{"a": 1}\n{"a": 2}\n', ""),
    "one line": ('{"a": 1}\n', ""),
    "an array": ('[{"a": 1}, {"a": 2}]', "array"),
    "pretty-printed": (json.dumps([{"a": 1}, {"a": 2}], indent=2), "array"),
    "objects": ('{"a":\n 1}\n{"a":\n 2}', "objects"),
    "a list in an object": ('{"n": 2, "data": {"rows": [{"a": 1}, {"a": 2}], "errors": []}}', "data.rows"),
    "a list over lines": (json.dumps({"features": [{"a": 1}]}, indent=1), "features"),
}


@pytest.mark.parametrize("kind", JSON_FORMS)
def test_how_json_records_stand_is_learnt_from_the_text(kind: str, tmp_path: Path) -> None:
    text, form = JSON_FORMS[kind]
    sample = sample_of(tmp_path, text, "day.json")
    assert (sample.records, sample.table.column_names) == (form, ["a"])
    assert sample.table.column("a").to_pylist() == ["1", "2"][: sample.rows]


LEFT_OUT: dict[str, tuple[str, str, str]] = {
    "a list here and a text there": (
        '"a": ["x"]',
        '"a": "x"',
        "a left out: an object or a list in one record and something",
    ),
    "objects without fields": ('"a": {}', '"a": {}', "a left out: an object without a field"),
    "a field of another name": (
        '"a": {"b-c": 1}',
        '"a": {"b-c": 2}',
        "a.b-c left out: a field within an object is named",
    ),
    "points and lines": (
        '"a": {"at": [1, 2], "t": "P"}',
        '"a": {"at": [[1, 2]], "t": "L"}',
        "a.at[] left out: an object or a list in one record and something else",
    ),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_a_part_of_json_that_no_type_is_for_is_left_out_and_the_rest_is_drafted(kind: str, tmp_path: Path) -> None:
    first, second, doubt = LEFT_OUT[kind]
    sample = sample_of(tmp_path, f'{{"id": 1, {first}}}\n{{"id": 2, {second}}}\n', "day.jsonl")
    rest = {"a": "struct<t:string>"} if kind == "points and lines" else {}
    assert (sample.table.column_names, sample.nested) == (["id", *rest], rest)
    assert sample.ignores_columns
    assert doubt in sample.doubts[0]


def test_a_file_without_an_ending_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    assert sample_of(tmp_path, "id|n\n1|x\n2|y\n", "0000_part_00").format == "csv"
    assert sample_of(tmp_path, '{"a": 1}\n', "part-1").format == "jsonl"
    assert sample_of(tmp_path, "id\tn\n1\tx\n2\ty\n", "day.tsv").dialect is not None
    with pytest.raises(WrongUse, match="no suffix that tells its format"):
        sample_of(tmp_path, b"\x00\x01\x02\x03" * 9, "paper")


def test_a_file_under_a_name_of_another_format_is_read_as_what_it_is(tmp_path: Path) -> None:
    packed = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), packed)
    assert sample_of(tmp_path, packed.getvalue(), "day.csv").format == "parquet"
    assert sample_of(tmp_path, '{"a": 1}\n{"a": 2}\n', "day.csv").format == "jsonl"
    assert sample_of(tmp_path, '[{"a": 1}]', "day.txt").records == "array"
    assert sample_of(tmp_path, "{x},y\n{1},2\n{3},4\n", "day.csv").format == "csv"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!doctype html>\n<title>Sign in</title>\n", "an HTML page"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "an XML document with the error NoSuchKey"),
        (b"%PDF-1.4\n", "a PDF"),
    ],
)
def test_a_document_is_no_sample(content: bytes, kind: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=f"is {kind}, which no format of a contract is"):
        sample_of(tmp_path, content, "day.csv")


def test_a_folder_a_glob_and_several_files_make_one_sample(tmp_path: Path) -> None:
    for folder, number in (("a", 1), ("a/b", 2)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"day{number}.csv").write_text(f"id,n\n{number},x\n")
    (tmp_path / "a/README.txt").write_text("two files\n")
    (tmp_path / "a/_SUCCESS").touch()
    of_folder = find_sample_files([tmp_path / "a"])
    assert [path.name for path in of_folder.paths] == ["day2.csv", "day1.csv"]
    assert (of_folder.glob, [path.name for path in of_folder.others]) == ("*.csv", ["README.txt"])
    assert [path.name for path in find_sample_files([tmp_path / "a/*.csv"]).paths] == ["day1.csv"]
    sample = read_samples([tmp_path / "a"])
    assert sorted(sample.table.column("id").to_pylist()) == ["1", "2"]
    assert any("README.txt" in doubt for doubt in sample.doubts)
    with pytest.raises(WrongUse, match="names no file"):
        find_sample_files([tmp_path / "a/*.json"])
    (tmp_path / "none").mkdir()
    with pytest.raises(WrongUse, match="holds no file"):
        find_sample_files([tmp_path / "none"])


def test_files_that_are_written_in_two_ways_are_no_one_sample(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,x\n2,y\n")
    (tmp_path / "b.csv").write_text("id;n\n1;x\n2;y\n")
    with pytest.raises(WrongUse, match=r"written otherwise than a\.csv: delimiter ';'"):
        read_samples([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_a_packed_file_is_read_as_a_plain_one(tmp_path: Path) -> None:
    content = "id;stadt\n1;Köln\n2;Zürich\n".encode("cp1252")
    sample = sample_of(tmp_path, gzip.compress(content), "day.csv.gz")
    assert sample.dialect is not None
    assert dialect_entries(sample.dialect) == {"delimiter": ";", "encoding": "windows-1252"}
    assert sample.table.column("stadt").to_pylist() == ["Köln", "Zürich"]
