"""How the texts of a column are read: types, and the options of the contract that read them; what stays open is a doubt."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sluice.contracts.profile.column_inference import infer_reading
from sluice.contracts.profile.column_reading import ReadingHints

HINTS = ReadingHints(delimiter=",")
Case = tuple[str, list[str], str, dict[str, Any]]


def check_reading(case: Case, hints: ReadingHints = HINTS) -> None:
    name, values, declared, options = case
    reading = infer_reading(name, values, hints)
    assert (reading.declared, reading.options) == (declared, options)


NUMBERS: list[Case] = [
    ("n", ["1", "-20"], "int", {}),
    ("n", [str(2**31 // 100)], "int", {}),
    ("n", [str(2**31 // 100 + 1)], "bigint", {}),
    ("n", ["9" * 18], "bigint", {}),
    ("n", ["9" * 19], "string", {}),
    ("n", ["1.50", "20.25"], "decimal(18,2)", {}),
    ("n", ["007"], "string", {}),
    ("faa", ["04G", "01234"], "string", {}),
    ("zip", ["12345"], "string", {}),
    ("gtin_id", ["4006381333931", "4006381333948"], "string", {}),
    ("n", ["+41"], "string", {}),
    ("n", ["1", "a"], "string", {}),
    ("n", ["1,5", "2,25"], "double", {"decimal": ","}),
    ("n", ["1,50", "2,25"], "decimal(18,2)", {"decimal": ","}),
    ("n", ["1,5", "2,25", "3"], "double", {"decimal": ","}),
    ("plot", ["182", "183", "184", "46,47"], "string", {}),
    ("n", ["1.234,56", "7,00"], "decimal(18,2)", {"decimal": ",", "group": "."}),
    ("n", ["1,234.50", "7.00"], "decimal(18,2)", {"group": ","}),
    ("n", ["1,234", "12"], "int", {"group": ","}),
    ("n", ["1,234,567"], "int", {"group": ","}),
    ("n", ["244,302", "261680"], "int", {"group": ","}),
    ("n", ["66,537,512", "50341811"], "bigint", {"group": ","}),
    ("n", ["1.234,56", "1234,56"], "decimal(18,2)", {"decimal": ",", "group": "."}),
    ("n", ["1.234.567"], "decimal(18,0)", {"decimal": ",", "group": "."}),
    ("n", ["1 234,50", "12,50"], "decimal(18,2)", {"decimal": ",", "group": " "}),
    ("n", ["1'234.50", "12.50"], "decimal(18,2)", {"group": "'"}),
    ("n", ["$1,234.50", "$2.00"], "decimal(18,2)", {"group": ",", "strip": ["$"]}),
    ("n", ["-$1.50", "$2.00"], "decimal(18,2)", {"strip": ["$"]}),
    ("n", ["12,50 EUR", "3,00 EUR"], "decimal(18,2)", {"decimal": ",", "strip": ["EUR"]}),
    ("n", ["12%", "3%"], "int", {"strip": ["%"]}),
    ("n", [" 1", "  -20", "3 "], "int", {"strip": [" "]}),
    ("n", [" 2.50", " 3.75"], "decimal(18,2)", {"strip": [" "]}),
    ("n", [" $2.50", " $3.75"], "decimal(18,2)", {"strip": [" ", "$"]}),
    ("n", ["+1.5", "-2.25", "0"], "double", {"strip": ["+"]}),
    ("n", [" +3", " -2"], "int", {"strip": [" ", "+"]}),
    ("n", ["+4712345", "+4798765"], "string", {}),
    ("n", [" +4712345", " +4798765"], "string", {}),
    ("n", [" 1 234", "   56"], "int", {"group": " ", "strip": [" "]}),
    ("n", [" 05", " 12"], "string", {}),
    # Which of two ways is meant nobody can tell, and a sign that differs is part of the value.
    ("n", ["1,234", "5,678"], "string", {}),
    ("n", ["$1", "€2"], "string", {}),
    ("n", ["5%", "5"], "string", {}),
]


@pytest.mark.parametrize("case", NUMBERS, ids=str)
def test_numbers_are_read_as_they_are_written(case: Case) -> None:
    check_reading(case)


FLOATS: list[Case] = [
    ("n", ["1.5", "20"], "double", {}),
    ("n", ["1.0087731636550115", "0.5"], "double", {}),
    ("n", ["1e5", "2.5E-7"], "double", {}),
    ("n", ["0.5", "-.25"], "double", {}),
    ("n", ["820.85302960000001", "0.10000000000000001"], "double", {}),
    ("n", ["1.123456789012345685"], "decimal(38,18)", {}),
    # Whole numbers so far, of what is measured.
    ("unit_price", ["1", "20"], "double", {}),
    ("lat", ["$5"], "double", {"strip": ["$"]}),
    ("score", ["9" * 16], "bigint", {}),
    ("amount_cents", ["150"], "int", {}),
    ("rate_code", ["1", "2"], "int", {}),
    ("estimate", ["1", "2"], "int", {}),
]


@pytest.mark.parametrize("case", FLOATS, ids=str)
def test_a_number_of_any_decimals_is_a_double_unless_a_double_would_lose_digits(case: Case) -> None:
    check_reading(case)


@pytest.mark.parametrize(
    ("values", "delimiter", "declared"),
    [
        (["1.234", "5.678"], ",", "double"),
        (["1.234", "12"], ";", "string"),
        (["0.234", "12"], ";", "double"),
    ],
)
def test_a_point_before_three_digits_is_a_decimal_but_where_commas_could_be(
    values: list[str], delimiter: str, declared: str
) -> None:
    assert infer_reading("n", values, ReadingHints(delimiter=delimiter)).declared == declared


def test_what_another_column_tells_decides_what_a_column_leaves_open() -> None:
    comma = ReadingHints(delimiter=";", decimal=",")
    check_reading(("n", ["1,234"], "double", {"decimal": ","}), comma)
    check_reading(("n", ["1.234"], "decimal(18,0)", {"decimal": ",", "group": "."}), comma)
    check_reading(("unit_price", ["1", "20"], "double", {"decimal": ","}), comma)
    check_reading(("pieces", ["1", "20"], "int", {}), comma)
    day_first = ReadingHints(day_first=True)
    check_reading(("d", ["02/03/2025"], "date", {"format": "dd/MM/yyyy"}), day_first)
    assert "as in another column" in infer_reading("d", ["02/03/2025"], day_first).doubts[0]


FLAGS: list[Case] = [
    ("f", ["Y", "N"], "boolean", {"true_values": ["Y"], "false_values": ["N"]}),
    ("f", ["t", "f"], "boolean", {"true_values": ["t"], "false_values": ["f"]}),
    ("f", ["True", "False"], "boolean", {"true_values": ["True"], "false_values": ["False"]}),
    ("f", ["TRUE"], "boolean", {"true_values": ["TRUE"], "false_values": ["FALSE"]}),
    ("f", ["Ja", "Nein"], "boolean", {"true_values": ["Ja"], "false_values": ["Nein"]}),
    ("f", ["oui", "non"], "boolean", {"true_values": ["oui"], "false_values": ["non"]}),
    ("f", ["Yes", "no"], "boolean", {"true_values": ["Yes", "yes"], "false_values": ["no", "No"]}),
    ("f", ["true", "false"], "boolean", {}),
    ("is_new", ["0", "1"], "boolean", {"true_values": ["1"], "false_values": ["0"]}),
    ("count", ["0", "1"], "int", {}),
    ("side", ["N"], "string", {}),
    ("side", ["N", "S"], "string", {}),
]


@pytest.mark.parametrize("case", FLAGS, ids=str)
def test_flags_are_read_in_any_spelling(case: Case) -> None:
    check_reading(case)


TIMES: list[Case] = [
    ("d", ["2025-01-31"], "date", {}),
    ("d", ["2025-02-30"], "string", {}),
    ("d", ["02/03/2025", "15/03/2025"], "date", {"format": "dd/MM/yyyy"}),
    ("d", ["2/3/2025", "3/15/2025"], "date", {"format": "M/d/yyyy"}),
    ("d", ["31.12.2025", "01.02.2025"], "date", {"format": "dd.MM.yyyy"}),
    ("d", ["01.02.2025"], "date", {"format": "dd.MM.yyyy"}),
    ("d", ["2025/01/31"], "date", {"format": "yyyy/MM/dd"}),
    ("d", ["05-Jan-2025"], "date", {"format": "dd-MMM-yyyy"}),
    ("d", ["January 5, 2025", "May 15, 2025"], "date", {"format": "MMMM d, yyyy"}),
    ("d", ["Jan 1 2000", "Dec 15 2001"], "date", {"format": "MMM d yyyy"}),
    ("order_date", ["20250131"], "date", {"format": "yyyyMMdd"}),
    ("n", ["20250131"], "int", {}),
    ("d", ["31.12.24"], "date", {"format": "d.M.yy"}),
    ("d", [" 2025-01-31", " 2025-02-28"], "date", {"format": " yyyy-MM-dd"}),
    ("d", [" 15/03/2025", "02/03/2025 "], "date", {"format": [" dd/MM/yyyy", "dd/MM/yyyy "]}),
    ("d", ["31.12.85"], "string", {}),
    ("birth_date", ["31.12.20"], "string", {}),
    ("d", ["02/03/2025", "03/02/2025"], "string", {}),
    ("d", ["13/03/2025", "03/13/2025"], "string", {}),
]


@pytest.mark.parametrize("case", TIMES, ids=str)
def test_days_are_read_by_the_pattern_that_all_have(case: Case) -> None:
    check_reading(case)


CLOCKS: list[Case] = [
    ("t", ["2025-01-02 03:04:05.000000"], "timestamp_ntz", {}),
    ("t", ["2025-01-02 10:00:00 +0100"], "timestamp", {}),
    ("t", ["2025-01-02T10:00:00Z", "2025-01-02T10:00:00.5+02:00"], "timestamp", {}),
    ("t", ["15/01/2025 10:00", "02/01/2025 09:30"], "timestamp_ntz", {"format": "dd/MM/yyyy HH:mm"}),
    ("t", ["1/15/2025 3:04 PM"], "timestamp_ntz", {"format": "M/d/yyyy h:mm a"}),
    ("t", ["09.07.2013 12:00", "15.07.2013"], "timestamp_ntz", {"format": ["dd.MM.yyyy HH:mm", "dd.MM.yyyy"]}),
    ("t", ["2013-07-09", "2013-07-09 00:30:00"], "timestamp_ntz", {"format": ["yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss"]}),
    ("t", ["2013-07-09", "2013-07-09T00:30:00Z"], "string", {}),
    ("t", [" 2025-01-02 03:04:05"], "timestamp_ntz", {"format": " yyyy-MM-dd HH:mm:ss"}),
    ("t", ["2025-01-02 25:00:00"], "string", {}),
    ("created_at", ["1735689600"], "timestamp", {"epoch": "seconds"}),
    ("ts", ["1735689600000"], "timestamp", {"epoch": "millis"}),
    ("visits", ["1735689600"], "bigint", {}),
]


@pytest.mark.parametrize("case", CLOCKS, ids=str)
def test_times_are_read_with_their_offset_or_as_a_clock_shows_them(case: Case) -> None:
    check_reading(case)


NULLS: list[Case] = [
    ("n", ["1.50", "NA"], "decimal(18,2)", {"null_values": ["NA"]}),
    ("d", ["2025-01-02", "N/A", "-"], "date", {"null_values": ["-", "N/A"]}),
    ("f", ["Y", "N", "?"], "boolean", {"true_values": ["Y"], "false_values": ["N"], "null_values": ["?"]}),
    ("n", ["1.50", " ", "  "], "decimal(18,2)", {"null_values": [" ", "  "]}),
    ("n", ["1.50", " NA"], "decimal(18,2)", {"null_values": [" NA"]}),
    (
        "f",
        [" Y", " N", " "],
        "boolean",
        {"true_values": [" Y", "Y"], "false_values": [" N", "N"], "null_values": [" "]},
    ),
    ("x", ["abc", " "], "string", {}),
    ("x", ["abc", "\\N"], "string", {"null_values": ["\\N"]}),
    ("x", ["abc", "NA"], "string", {}),
    ("x", ["NA"], "string", {}),
    ("n", ["1", "a", "NA"], "string", {}),
]


@pytest.mark.parametrize("case", NULLS, ids=str)
def test_what_stands_for_null_among_values_of_a_type_is_null(case: Case) -> None:
    check_reading(case)


def test_a_marker_of_the_file_is_null_among_texts_too_but_among_codes_it_may_be_one() -> None:
    marked = ReadingHints(delimiter=",", markers=frozenset({"NA"}))
    check_reading(("tailnum", ["N14228", "NA"], "string", {"null_values": ["NA"]}), marked)
    check_reading(("country", ["DE", "NA"], "string", {}), marked)
    check_reading(("n", ["1", "2"], "int", {"null_values": ["NA"]}), marked)
    assert "may be a code" in infer_reading("country", ["DE", "NA"], marked).doubts[0]


def test_texts_of_typed_files_have_no_options() -> None:
    typed = ReadingHints(has_options=False)
    check_reading(("d", ["2025-01-02"], "date", {}), typed)
    check_reading(("d", ["13/01/2025"], "string", {}), typed)
    check_reading(("n", ["1", "NA"], "string", {}), typed)


@pytest.mark.parametrize(
    ("name", "values", "doubt"),
    [
        ("d", ["02/03/2025"], "day or month first cannot be told"),
        ("d", ["31.12.85"], "the century cannot be told"),
        ("d", ["31.12.24"], "years of two digits, read as 2000"),
        ("n", ["1,234"], "groups thousands cannot be told"),
        ("n", ["$1", "€2"], "different signs"),
        ("plot", ["182", "183", "184", "46,47"], "may stand between two numbers"),
        ("zip", ["12345"], "digits of a code"),
        ("n", ["1", "NA"], "'NA' read as null"),
        ("t", ["2025-01-02 10:00:00"], "times without an offset"),
        ("ts", ["1735689600"], "seconds since 1970"),
        ("t", ["2025-01-02 10:00", "2025-01-03"], "read as their midnight"),
        ("t", ["2025-01-02 10:00", "2025-01-03T10:00Z"], "in more ways than one pattern reads"),
        ("d", ["2025-01-02", "13/01/2025"], "in more ways than one pattern reads"),
        ("t", ["0:04:15", "14:57:13"], "times of a day"),
        ("t", ["3:04 PM"], "times of a day"),
        ("t", ["0 days 00:00:01", "1 day 00:00:02"], "or durations"),
        ("m", ["1949-01", "1949-12"], "months, for which there is no type"),
        ("n", [*map(str, range(40)), "unbekannt"], "all but 1 different text of 41 look like numbers"),
    ],
)
def test_what_a_sample_leaves_open_is_a_doubt(name: str, values: list[str], doubt: str) -> None:
    assert doubt in " ".join(infer_reading(name, values, HINTS).doubts)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "1.234,50", Decimal("1234.50")),
        ("n", "-$1,234.50", Decimal("-1234.50")),
        ("d", "15/03/2025", date(2025, 3, 15)),
        ("d", "5-Jan-25", date(2025, 1, 5)),
        ("t", "2025-01-02 10:00:00 +0130", datetime(2025, 1, 2, 8, 30, tzinfo=UTC)),
        ("t", "1/15/2025", date(2025, 1, 15)),
        ("t", " 2025-01-15 10:00 ", datetime(2025, 1, 15, 10)),
        ("t", "1/15/2025 12:04 AM", datetime(2025, 1, 15, 0, 4)),
        ("ts", "1735689600000", datetime(2025, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_value_of_a_text_is_what_it_says(name: str, text: str, value: Any) -> None:
    reading = infer_reading(name, [text], HINTS)
    assert reading.value_of is not None
    assert reading.value_of(text) == value
