"""What reads a column's text, as it is told: in a version's difference, on a page, in a document, and in files of a proof."""

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from etl.contract.dialect import Dialect, Encoding, ExtraColumns, HeaderMatch
from etl.contract.input_column import Epoch, FolderSource, InputColumn
from etl.contract.loading import contract_of as parsed
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import ColumnType, TypeKind
from sluice.contracts.diff.changes import LOOSENED, PRODUCERS
from sluice.contracts.export.odcs import build_document
from sluice.contracts.prove.raw_files import file_body, is_writable
from sluice.contracts.prove.raw_texts import RawText, raw_text
from sluice.site.derived_rules import type_rules
from sluice.site.promises import input_terms
from tests.lake.mutations import TRADES, change_column
from tests.unit.contracts.changed import apply_all, changes_after

QUANTITY = 3  # the place of the column in the shipped input
DATES = {"type": "date", "format": "dd/MM/yyyy"}
CHANGES: list[tuple[dict[str, Any], dict[str, Any], str, Any]] = [
    (DATES, {"format": ["dd/MM/yyyy", "dd-MM-yyyy"]}, "format: 'dd/MM/yyyy' → 'dd/MM/yyyy', 'dd-MM-yyyy'", LOOSENED),
    (DATES, {"format": "yyyy-MM-dd"}, "format: 'dd/MM/yyyy' → 'yyyy-MM-dd'", PRODUCERS),
    (DATES, {"null_values": ["NA"]}, "null_values: none → 'NA'", LOOSENED),
    ({"type": "decimal(9,2)", "decimal": ","}, {"decimal": "'"}, "decimal: ',' → \"'\"", PRODUCERS),
    ({"type": "int"}, {"group": "."}, "group: none → '.'", PRODUCERS),
    ({"type": "int", "strip": ["%", "$"]}, {"strip": ["%"]}, "strip: '%', '$' → '%'", PRODUCERS),
]


@pytest.mark.parametrize(("before", "after", "words", "label"), CHANGES)
def test_a_change_of_how_texts_are_read_is_told(before: Any, after: Any, words: str, label: Any) -> None:
    typed = change_column(QUANTITY, **before)
    [change] = changes_after(apply_all(typed, change_column(QUANTITY, **after)), typed, "input")
    assert (f"{change.subject}: {change.words}", change.label) == (f"column quantity: {words}", label)


COLUMNS = (
    InputColumn("price", ColumnType("decimal(10,2)"), "p", decimal=",", group=".", strip=("EUR",)),
    InputColumn("on", ColumnType("date"), "d", format=("dd/MM/yy", "dd/MM/yyyy")),
    InputColumn("paid", ColumnType("boolean"), "b", true_values=("Ja",), false_values=("Nein",)),
    InputColumn("n", ColumnType("int"), "n"),
)
ROWS: list[dict[str, Any]] = [
    {"price": Decimal("-1234.50"), "on": date(2025, 12, 31), "paid": True, "n": 5},
    {"price": Decimal("0.05"), "on": date(1999, 1, 2), "paid": False, "n": None},
]


def contract_of(form: SourceFormat) -> Contract:
    about = {"dataset": "trips", "version": "1.0.0", "owner": "us", "description": "Trips.", "rules": ()}
    return Contract(stage=Stage.INPUT, columns=COLUMNS, format=form, **about)  # pyright: ignore[reportArgumentType]


def test_a_proof_writes_texts_as_the_options_say() -> None:
    assert file_body(ROWS, contract_of(SourceFormat.CSV)).decode().splitlines() == [
        "price,on,paid,n",
        '"-1.234,50 EUR",31/12/25,Ja,5',
        '"0,05 EUR",02/01/1999,Nein,',
    ]
    first, second = (json.loads(line) for line in file_body(ROWS, contract_of(SourceFormat.JSONL)).splitlines())
    assert first == {"price": "-1.234,50 EUR", "on": "31/12/25", "paid": "Ja", "n": 5}
    assert second == {"price": "0,05 EUR", "on": "02/01/1999", "paid": "Nein", "n": None}


def test_what_no_text_of_the_options_says_is_in_no_file() -> None:
    column = InputColumn("on", ColumnType("date"), "d", format=("dd/MM/yy",))
    contract = replace(contract_of(SourceFormat.CSV), columns=(column, COLUMNS[3]))
    assert is_writable({"on": date(2025, 1, 2), "n": 1}, contract)
    assert not is_writable({"on": date(1999, 1, 2), "n": 1}, contract)


def test_a_page_says_how_a_column_is_written() -> None:
    words = {
        name: words
        for name, (words, _) in type_rules(contract_of(SourceFormat.CSV), contract_of(SourceFormat.CSV)).items()
    }
    assert words == {
        "price": "price is written as decimal(10,2) with decimal ,, group ., strip EUR and fits it whole",
        "on": "on is written as date with format dd/MM/yy or dd/MM/yyyy and fits it whole",
        "paid": "paid is written as boolean with true_values Ja, false_values Nein and fits it whole",
        "n": "n is written plainly as int and fits it whole",
    }


MOMENT = datetime(2025, 7, 1, 22, 30, 0, 250_000, UTC)
TIMES: list[tuple[str, dict[str, Any], Any, str | None]] = [
    ("timestamp", {"zone": "Europe/Berlin"}, MOMENT, "2025-07-02 00:30:00.250000"),
    ("timestamp", {"zone": "Europe/Berlin"}, datetime(2025, 10, 26, 0, 30, tzinfo=UTC), None),  # a clock shows it twice
    (
        "timestamp",
        {"format": ("dd.MM.yyyy HH:mm:ss.SSS",), "zone": "America/New_York"},
        MOMENT,
        "01.07.2025 18:30:00.250",
    ),
    (
        "timestamp",
        {"format": ("yyyy-MM-dd HH:mm:ss.SSSXXX",), "zone": "Asia/Tokyo"},
        MOMENT,
        "2025-07-01 22:30:00.250Z",
    ),
    ("timestamp", {"epoch": Epoch.SECONDS}, MOMENT, "1751409000.25"),
    ("timestamp", {"epoch": Epoch.MILLIS}, MOMENT, "1751409000250"),
    ("timestamp", {}, MOMENT, "2025-07-01 22:30:00.250000+00:00"),
    ("timestamp_ntz", {"format": ("yyyyMMdd HHmmss",)}, datetime(2025, 7, 1, 4, 5, 6), "20250701 040506"),
    ("double", {"decimal": ","}, 1.5, "1,5"),
    ("double", {"decimal": ","}, float("nan"), "NaN"),
    ("double", {}, float("-inf"), "-Infinity"),
    ("double", {"decimal": ",", "group": "."}, 1e22, "10.000.000.000.000.000.000.000"),
    ("binary", {}, b"\xff\x00", "/wA="),
    ("int", {"null_values": ("-9",)}, -9, None),
    ("int", {"null_values": ("-9",)}, RawText("many"), "many"),
]


@pytest.mark.parametrize(("kind", "options", "value", "text"), TIMES)
def test_a_proof_writes_the_text_that_the_reader_takes_for_the_value(
    kind: str, options: dict[str, Any], value: Any, text: str | None
) -> None:
    assert raw_text(value, InputColumn("x", ColumnType(kind), "x", **options)) == text


def test_a_page_says_how_files_are_written_and_what_they_call_columns() -> None:
    csv_input = contract_of(SourceFormat.CSV)
    assert input_terms(csv_input)["Format"] == "CSV with a header, UTF-8, plain or gzipped"
    dialect = Dialect(delimiter=";", header=False, encoding=Encoding.WINDOWS_1252, null_values=("NA",))
    in_key = replace(COLUMNS[1], source=FolderSource("dt"))
    sources = replace(csv_input, dialect=dialect, columns=(replace(COLUMNS[0], source=2), in_key))
    terms = input_terms(sources)
    assert terms["Format"] == (
        'CSV without a header, delimiter ";", null_values ["NA"], WINDOWS-1252, plain or gzipped'
    )
    assert terms["Names in the file"] == "price is 2, on is the folder dt= of the key"
    any_order = replace(csv_input, header_match=HeaderMatch.BY_NAME, extra_columns=ExtraColumns.IGNORE)
    assert input_terms(any_order)["Names in the file"] == "columns in any order, others are ignored"


def test_a_document_of_every_type_and_of_rows_without_a_key_is_one_of_the_standard() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text())
    published, written = copy.deepcopy(TRADES["output"]), copy.deepcopy(TRADES["input"])
    with_parameters = (TypeKind.DECIMAL, TypeKind.ARRAY, TypeKind.STRUCT)
    kinds = [kind for kind in TypeKind if kind not in with_parameters]
    kinds = [*kinds, "decimal(10,2)", "array<int>", "struct<a:int,b:array<double>>"]
    published["meta"]["columns"] = [
        {"name": f"c{place}", "type": kind, "description": "x"} for place, kind in enumerate(kinds)
    ]
    published["meta"] |= {"key": [], "partition_by": []}
    published["expectations"] = published["expectations"][:1]
    files = {"dialect": {"delimiter": ";"}, "header_match": "by_name", "extra_columns": "ignore", "files": "*.csv"}
    written["meta"] |= files
    document = build_document(parsed(written), parsed(published))
    jsonschema.validate(document, schema)
    properties = {column["physicalType"]: column for column in document["schema"][0]["properties"]}
    assert properties["timestamp"]["logicalTypeOptions"] == {"timezone": True}
    assert properties["timestamp_ntz"]["logicalTypeOptions"] == {"timezone": False}
    assert not [column for column in properties.values() if "primaryKey" in column]
    custom = {entry["property"]: entry["value"] for entry in document["customProperties"]}
    assert custom["inputContract"]["meta"].items() >= files.items()


def test_a_document_says_how_files_are_read() -> None:
    suite = copy.deepcopy(TRADES["input"])
    change_column(QUANTITY, type="int", group=".", null_values=["NA"])(suite)
    document = build_document(parsed(suite), parsed(TRADES["output"]))
    custom = {entry["property"]: entry["value"] for entry in document["customProperties"]}
    assert custom["inputContract"]["meta"]["columns"][QUANTITY].items() >= {"group": ".", "null_values": ["NA"]}.items()
