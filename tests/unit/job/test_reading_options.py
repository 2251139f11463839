"""How an input's texts are read, as a contract declares it: patterns, forms of numbers, and what lint refuses."""

import copy
import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from etl.contract.date_patterns import PatternRefused, readings_of
from etl.contract.input_column import InputColumn
from etl.contract.loading import parse_contract
from etl.contract.source_format import SourceFormat
from etl.contract.time_readings import differing_text
from etl.contract.types import ColumnType
from etl.contract.validation.suite import faults_of
from etl.contract.value_forms import plain_text_form, value_form
from tests.csv_contracts import csv_suite
from tests.lake import LAKE

SUITE = json.loads((LAKE / "expectations/trades/input.json").read_text())
DAYS = [date(2000, 1, 1) + timedelta(37 * number) for number in range(900)]
PATTERNS = {
    **{"dd/MM/yyyy": "%d/%m/%Y", "MM-dd-yyyy": "%m-%d-%Y", "yyyyMMdd": "%Y%m%d", "dd.MM.yy": "%d.%m.%y"},
    **{"dd-MMM-yyyy": "%d-%b-%Y", "MMMM dd, yyyy": "%B %d, %Y", "d/M/yyyy": "%d/%m/%Y", "y MM dd": "%Y %m %d"},
}


def suite_with(**options: Any) -> dict[str, Any]:
    """Return an input suite whose column `quantity` has a type and options; `file` is the format of its files."""
    suite = copy.deepcopy(SUITE)
    if "file" in options:
        suite["meta"]["format"] = options.pop("file")
    [column] = [column for column in suite["meta"]["columns"] if column["name"] == "quantity"]
    column |= {"type": "int", **options}
    suite["expectations"] = [rule for rule in suite["expectations"] if "quantity" not in json.dumps(rule["kwargs"])]
    return suite


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_reads_the_day_that_python_reads_and_writes_it(pattern: str) -> None:
    [reading] = readings_of(pattern)
    for day in DAYS:
        text = day.strftime(PATTERNS[pattern])
        assert reading.read_text(text) == datetime.combine(day, datetime.min.time()), text
        assert reading.write_text(datetime(day.year, day.month, day.day)) == text


TIMES = {
    "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]": [
        ("2025-03-05T16:07:08", "2025-03-05T16:07:08"),
        ("2025-03-05T16:07:08.25", "2025-03-05T16:07:08.250"),
        ("2025-03-05T16:07:08Z", "2025-03-05T16:07:08+00:00"),
        ("2025-03-05T16:07:08.001-03:30", "2025-03-05T16:07:08.001-03:30"),
    ],
    "M/d/yyyy h:mm a": [
        ("3/5/2025 12:00 AM", "2025-03-05T00:00"),
        ("03/05/2025 12:30 pm", "2025-03-05T12:30"),
        ("3/5/2025 4:07 PM", "2025-03-05T16:07"),
        ("3/5/2025 04:07 AM", "2025-03-05T04:07"),
    ],
    "yyyyMMdd'T'HHmmssX": [("20250305T160708+02", "2025-03-05T16:07:08+02:00")],
    "yyyy-MM-dd HH:mm:ss'Z'": [("2025-03-05 16:07:08Z", "2025-03-05T16:07:08+00:00")],
}


@pytest.mark.parametrize("pattern", TIMES)
def test_a_pattern_with_a_time_reads_optional_parts_halves_of_days_and_offsets(pattern: str) -> None:
    for text, expected in TIMES[pattern]:
        values = [value for reading in readings_of(pattern) if (value := reading.read_text(text)) is not None]
        assert values == [datetime.fromisoformat(expected)], text


@pytest.mark.parametrize(
    ("pattern", "texts"),
    {
        "dd/MM/yyyy": ("1/2/2025", "01/02/25", "+01/02/2025", "30/02/2025", "31/04/2025", "00/01/2025", "01/13/2025"),
        "yyyy-MM-dd": ("12025-01-01", "0000-01-01", "2025-01-01 ", " 2025-01-01", "2025-01-01\n", "٢٠٢٥-01-01"),
        "dd-MMM-yyyy": ("01-Sept-2025", "01-March-2025", "01-Foo-2025", "01-09-2025"),
        "dd.MM.yyyy HH:mm:ss": ("01.02.2025 24:00:00", "01.02.2025 10:00:60", "01.02.2025", "01.02.2025  10:00:00"),
        "hh:mm a dd/MM/yyyy": ("13:00 PM 01/02/2025", "00:30 AM 01/02/2025", "01:00 XM 01/02/2025"),
    }.items(),
)
def test_what_a_pattern_does_not_say_is_not_read(pattern: str, texts: tuple[str, ...]) -> None:
    assert [text for text in texts for reading in readings_of(pattern) if reading.read_text(text)] == []


@pytest.mark.parametrize(
    ("pattern", "problem"),
    {
        **{"dd/MM": "no year", "MM/yyyy": "no day", "yyyy": "no month", "dMyyyy": "without a fixed number"},
        **{"EEE dd/MM/yyyy": "EEE is not read", "dd/MM/YYYY": "YYYY is not read", "dd/MM/uuuu": "uuuu is not read"},
        **{"dd/MM/yyyy hh:mm": "alone", "dd/MM/yyyy HH:ss": "greater part", "dd/MM/yyyy'": "that is not read"},
        **{"yyyy-MM-dd HH:mm:ss.SSSSSSSSS": "would be lost", "dd/MM/yyyy MMM": "month twice", "dd/MM/yyyy[": "close"},
    }.items(),
)
def test_a_pattern_that_guesses_or_loses_is_refused(pattern: str, problem: str) -> None:
    with pytest.raises(PatternRefused, match=problem):
        readings_of(pattern)


@pytest.mark.parametrize(
    ("patterns", "text"),
    [
        (("dd/MM/yyyy", "MM/dd/yyyy"), "03/02/2001"),
        (("dd/MM/yy", "yy/MM/dd"), "03/02/01"),
        (("d.M.yyyy", "M.d.yyyy"), "03.02.2001"),
        (("dd/MM/yyyy", "dd-MM-yyyy", "dd/MM/yy"), None),
        (("d/M/yyyy", "dd/MM/yyyy"), None),
        (("yyyyMMdd", "ddMMyyyy"), "20010203"),
    ],
)
def test_two_patterns_that_read_one_text_differently_are_seen(patterns: tuple[str, ...], text: str | None) -> None:
    assert differing_text(reading for pattern in patterns for reading in readings_of(pattern)) == text


NUMBERS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "decimal(10,2)": (
        {},
        ("1", "-1.5", "1.50", "1.5000", "007"),
        ("1.", ".5", "1.555", "+1", " 1", "1 ", "1,5", "1e2"),
    ),
    "decimal(9,2)": (
        {"decimal": ",", "group": "."},
        ("1.234,50", "1234,5", "12", "-1.234.567", "123.456"),
        ("12.34,5", "1.2345", "1,234.50", "1234.567", ".123", "1..234", "1.234.56", "0.5"),
    ),
    "smallint": (
        {"strip": (" ", "+")},
        ("5", " 5", "  +5  ", "-5", "5 "),
        ("+ 5", "+-5", "5 5", " ", "5+", "", "\u00a05"),
    ),
    "double": ({"strip": (" ", "+", "$")}, (" $5.", "  -$ .5 ", "+$1e+5", "$+5", "5 $"), ("$ $5", "$", "+-5", "5 5")),
    "int": ({"group": " "}, ("1 234", "1234", "12 345 678", "-1 000"), ("1  234", " 234", "1 23", "12 34", "1 2345")),
    "bigint": (
        {"strip": ("$", "EUR", "%")},
        ("$5", "-$5", "$-5", "5 %", "5%", "EUR 5", "5\u00a0EUR", "$5 EUR", "-5"),
        ("$ -5 ", " 5", "+5", "--5", "5 $ %", "$$5", "5  %", "5 E", "% ", "€5", "-$-5", "$"),
    ),
}


@pytest.mark.parametrize("declared", NUMBERS)
def test_a_number_is_one_in_its_declared_form_alone(declared: str) -> None:
    options, numbers, others = NUMBERS[declared]
    form = re.compile(str(value_form(InputColumn("x", ColumnType(declared), "", **options)))[1:-1])
    assert [text for text in numbers if not form.fullmatch(text)] == []
    assert [text for text in others if form.fullmatch(text)] == []


def test_a_line_may_prove_the_texts_for_null_and_for_flags_too() -> None:
    flag = InputColumn("x", ColumnType("boolean"), "", true_values=("Ja",), false_values=("Nein",), null_values=("-",))
    assert plain_text_form(flag) == r"^(?:\-|Ja|Nein)$"
    assert plain_text_form(InputColumn("x", ColumnType("int"), "", null_values=("NA",))) == "^(?:NA|-?[0-9]+)$"
    assert plain_text_form(InputColumn("x", ColumnType("int"), "")) == ColumnType("int").plain_form


SOUND: list[dict[str, Any]] = [
    {"type": "date", "format": "dd/MM/yyyy"},
    {"type": "date", "format": ["dd/MM/yyyy", "dd.MM.yyyy"], "null_values": ["", "n/a"]},
    {"type": "decimal(10,2)", "decimal": ",", "group": ".", "strip": ["EUR", "%"]},
    {"type": "bigint", "group": "."},
    {"type": "double", "group": " ", "strip": [" ", "+", "$"]},
    {"type": "int", "group": "\u202f"},
    {"type": "boolean", "true_values": ["Ja"], "false_values": ["Nein"]},
    {"type": "string", "null_values": ["NA"]},
    {"type": "timestamp", "format": "dd.MM.yyyy HH:mm[:ss]", "zone": "Europe/Berlin"},
    {"type": "timestamp", "zone": "America/Argentina/Buenos_Aires"},
    {"type": "timestamp", "epoch": "millis"},
    {"type": "timestamp_ntz", "format": "yyyyMMddHHmmss"},
    {"type": "double", "decimal": ",", "group": " "},
    {"type": "int"},
]


@pytest.mark.parametrize("options", SOUND)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_sound_options_load(form: str, options: dict[str, Any]) -> None:
    contract = parse_contract(json.dumps(suite_with(file=form, **options)), "input.json")
    [column] = [column for column in contract.input_columns if column.name == "quantity"]
    written = {key: [*value] if isinstance(value, tuple) else value for key, value in column.reading_options.items()}
    expected = {key: value for key, value in options.items() if key != "type"}
    assert written == {
        key: [value] if key == "format" and isinstance(value, str) else value for key, value in expected.items()
    }
    stored = contract.as_stored_rows()
    assert (stored.format, stored.has_reading_options) == (SourceFormat.JSONL, False)
    assert [column.type for column in stored.columns] == [column.type for column in contract.columns]


FAULTS: dict[str, dict[str, Any]] = {
    "is string and has decimal, which reads decimals alone": {"type": "string", "decimal": ","},
    "is int and has format, which reads days and times alone": {"format": "dd/MM/yyyy"},
    "is date and has zone, which reads timestamps alone": {"type": "date", "zone": "Europe/Berlin"},
    "is timestamp_ntz and has epoch": {"type": "timestamp_ntz", "epoch": "millis"},
    "has zone 'Berlin'; write a name of the IANA": {"type": "timestamp", "zone": "Berlin"},
    "has zone 'Europe/Atlantis'": {"type": "timestamp", "zone": "Europe/Atlantis"},
    "has zone '+01:00'": {"type": "timestamp", "zone": "+01:00"},
    "has epoch 'hours'; it may be seconds or millis": {"type": "timestamp", "epoch": "hours"},
    "has epoch and zone": {"type": "timestamp", "epoch": "seconds", "zone": "Europe/Berlin"},
    "has epoch and format": {"type": "timestamp", "epoch": "seconds", "format": "dd/MM/yyyy"},
    "its offset would be lost": {"type": "timestamp_ntz", "format": "yyyy-MM-dd'T'HH:mm:ssXXX"},
    "every text of its format has an offset": {
        **{"type": "timestamp", "format": "yyyy-MM-dd HH:mmX", "zone": "Europe/Berlin"}
    },
    "is int and has decimal": {"decimal": ","},
    "is date and has true_values": {"type": "date", "true_values": ["Ja"]},
    "is boolean and has strip": {"type": "boolean", "strip": ["%"]},
    "brings values of its own types": {"file": "parquet", "null_values": ["NA"]},
    "both between groups of digits and before the decimals": {"type": "decimal(9,2)", "group": "."},
    "has decimal ',,'; write one character": {"type": "decimal(9,2)", "decimal": ",,"},
    "has group '0'; write one character": {"group": "0"},
    "strips '-'": {"strip": ["-"]},
    "strips ' '": {"type": "double", "decimal": " ", "strip": [" "]},
    "strips 'EUR '": {"strip": ["EUR "]},
    "strips 'm2'": {"strip": ["m2"]},
    "has true_values without false_values": {"type": "boolean", "true_values": ["Ja"]},
    "has 'x' in true_values and in false_values": {"type": "boolean", "true_values": ["x"], "false_values": ["x"]},
    "has '-' in false_values and in null_values": {
        **{"type": "boolean", "true_values": ["x"], "false_values": ["-"], "null_values": ["-"]}
    },
    "two read '03/02/2001' differently": {"type": "date", "format": ["dd/MM/yyyy", "MM/dd/yyyy"]},
    "the time of day would be lost": {"type": "date", "format": "dd/MM/yyyy HH:mm"},
    "it has no year": {"type": "date", "format": "dd/MM"},
    "has format []": {"type": "date", "format": []},
    "has format 5": {"type": "date", "format": 5},
    "has null_values 'NA'; write a list of texts": {"null_values": "NA"},
    "has strip []": {"strip": []},
    "has an unknown key 'fromat'; did you mean 'format'?": {"fromat": "dd/MM/yyyy"},
}


@pytest.mark.parametrize("expected", FAULTS)
def test_options_that_mean_nothing_are_refused_with_what_to_do(expected: str) -> None:
    faults = [str(fault) for fault in faults_of(suite_with(**FAULTS[expected]))]
    assert [fault for fault in faults if fault.startswith("column 'quantity' ") and expected in fault], faults
    assert len(faults) == 1


def test_an_output_has_no_reading_options() -> None:
    suite = json.loads((LAKE / "expectations/trades/output.json").read_text())
    suite["meta"]["columns"][0]["format"] = "dd/MM/yyyy"
    [fault] = faults_of(suite)
    assert "unknown key 'format'" in str(fault)


@pytest.mark.parametrize("declared", ["array<int>", "struct<a:int>"])
def test_a_csv_holds_no_list_and_no_object(declared: str) -> None:
    [fault] = faults_of(csv_suite(["id", {"name": "lines", "type": declared}]))
    assert str(fault) == f"column 'lines' is {declared}, and no field of csv holds a list or an object; write string"
    assert faults_of(csv_suite(["id", {"name": "lines", "type": declared}], format="jsonl")) == []
