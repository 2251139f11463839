"""What a spreadsheet changes by itself in a CSV is told from what a person writes."""

import pytest

from sluice.operations.mending.spreadsheet_changes import is_error, is_rewritten

REWRITTEN = {
    "numbers": [
        *[
            ("00123", "123"),
            ("+5", "5"),
            ("2.50", "2.5"),
            (" 5", "5"),
            ("1E5", "1.00E+05"),
            ("0.00001234", "1.234E-05"),
        ],
        *[("12345678901234567890", "1.23457E+19"), ("12345678901234567890", "1,23457E+19")],
        *[("12345678901234567890", "12345678901234500000"), ("12345678901234567890", "12345678901234600000")],
        *[("2.50", "2,5"), ("49.99", "49,99"), ("1234567", "1,234,567"), ("1234567.5", "1.234.567,5")],
        *[("1.234", "1234"), ("1,234", "1234"), ("3.14159265358", "3.14159265")],
    ],
    "dates": [
        *[("2026-03-01", shown) for shown in ("01.03.2026", "3/1/2026", "01/03/26", "2026/3/1", "46082")],
        *[("2026-03-01", "1-Mar-26"), ("2026-03-01", "1. Mrz 26"), ("2026-03-01T10:00:00Z", "01.03.2026 10:00")],
        *[("2026-03-01 10:00:59", "3/1/2026 10:00"), ("2026-03-01 22:00:59", "3/1/2026 10:00 PM")],
        *[("01/03/2026", "1/3/2026"), ("01/03/2026", "01.03.2026"), ("2026/03/01", "01.03.2026")],
        *[("1-2", "02. Jan"), ("1-2", "1-Feb"), ("MAR1", "1-Mar"), ("SEPT2", "02. Sep"), ("2.5", "02. Mai")],
        *[("12.2024", "Dez 24"), ("08:05:00", "8:05")],
    ],
    "flags": [("true", "TRUE"), ("True", "WAHR"), ("false", "FALSCH")],
    "letters": [("Łódź", "?ód?"), ("Zürich", "Z_rich"), ("Zürich", "ZÃ¼rich")],
}
WRITTEN = {
    "numbers": [
        *[("2,5", "2.5"), ("1", "2"), ("17", "20"), ("2.505", "2.51"), ("-5", "5"), ("12345678901", "12345678902")],
        *[("1e99999999999999999999", "1"), ("1e999", "2e999"), ("9" * 5000, "1"), ("", "5"), ("5", "")],
    ],
    "dates": [
        *[("01.03.2026", "2026-03-01"), ("01/03/2026", "2026-03-01"), ("01/03/2026", "03/01/2026")],
        *[("2026-03-01", "2026-03-02"), ("2026-03-01", "02.03.2026"), ("2026-13-01", "01.12.2026"), ("1-2", "3-Feb")],
        *[("2026-03-01 10:00:00", "01.03.2026 11:00"), ("10:00", "11:00"), ("2026-03-01", "9" * 5000)],
    ],
    "flags": [("true", "FALSE"), ("true", "yes")],
    "letters": [
        ("Zürich", "Berlin"),
        ("Zurich", "Zürich"),
        (" Zürich", "Zürich"),
        ("CUST199", "CUST101"),
        ("EU", "EU?"),
    ],
}


@pytest.mark.parametrize("kind", REWRITTEN)
def test_a_value_that_a_spreadsheet_shows_in_its_own_way_is_one_that_nobody_changed(kind: str) -> None:
    assert [pair for pair in REWRITTEN[kind] if not is_rewritten(*pair)] == []


@pytest.mark.parametrize("kind", WRITTEN)
def test_another_value_is_one_that_somebody_wrote(kind: str) -> None:
    assert [pair for pair in WRITTEN[kind] if is_rewritten(*pair)] == []


def test_what_a_spreadsheet_shows_for_an_error_is_none_of_the_texts_that_begin_with_a_hash() -> None:
    errors = ["#NAME?", "#WERT!", "########", "#DIV/0!", "#REF!", "#N/A", "#NV", "#BEZUG!", "#¡VALOR!"]
    assert [text for text in [*errors, "#12", "#tag", "a#"] if is_error(text)] == errors
