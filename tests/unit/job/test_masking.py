"""What may be shown of a dataset with values about persons, decided by the text: on plain data."""

from typing import Any

import pytest

from etl.contract.masking import Masking
from etl.contract.model import ColumnSpec
from etl.contract.sample_values import MASK
from etl.contract.source_format import SourceFormat
from etl.contract.types import ColumnType
from tests.csv_contracts import csv_contract

NAME, MAIL, PHONE = "Ada Lovelace", "ada@example.org", "+44 20 7946 0958"
PERSON = (NAME, MAIL, PHONE, "020 79460958", "442079460958", "442079460958.0", "O'Neill", "Ada, Countess of L.")


def make_masking(form: str = "csv", **types: str) -> Masking:
    """Return what suites with a personal text column say, and with personal columns of these types."""
    columns = [ColumnSpec("email", ColumnType("string"), "", True), ColumnSpec("country", ColumnType("string"), "")]
    return Masking.from_columns(
        [*columns, *(ColumnSpec(name, ColumnType(kind), "", True) for name, kind in types.items())], SourceFormat(form)
    )


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("value", PERSON)
def test_a_persons_value_is_masked_under_whatever_column_it_stands(value: str, form: str) -> None:
    assert make_masking(form).mask_samples([value], ["country"]) == (MASK,)
    assert make_masking(form).mask_samples([(value, 1)], ["country", "amount"]) == (MASK,)
    assert make_masking(form).mask_samples([{"country": value, "amount": 1}]) == (MASK,)
    assert make_masking(form).mask_key([value, 1], ["country", "amount"]) == f"{MASK}, 1"


@pytest.mark.parametrize("value", [None, "", "-1", "12.50", 7, True, "false"])
def test_what_no_person_has_stays_open_under_a_column_that_is_not_marked(value: Any) -> None:
    assert make_masking().mask_samples([value], ["amount"]) == (None if value is None else str(value),)
    assert make_masking().mask_samples([value], ["email"]) == (None if value is None else MASK,)


def test_words_and_days_stay_open_where_each_row_names_its_columns() -> None:
    values = ["Britain", "2025-01-31"]
    assert make_masking("jsonl").mask_samples(values, ["country"]) == tuple(values)
    assert make_masking("csv").mask_samples(values, ["country"]) == (MASK,)


@pytest.mark.parametrize(("kind", "value"), [("int", "42"), ("decimal(10,2)", "4.20"), ("date", "1815-12-10")])
def test_a_number_or_a_day_is_masked_where_a_person_has_one(kind: str, value: str) -> None:
    assert make_masking("jsonl", theirs=kind).mask_samples([value], ["amount"]) == (MASK,)
    assert make_masking("jsonl").mask_samples([value], ["amount"]) == (value,)


def test_nothing_is_masked_where_no_suite_marks_a_column() -> None:
    assert Masking().mask_samples([NAME, MAIL], ["country"]) == (NAME, MAIL)
    assert Masking().mask_lines([f"1,{MAIL}"]) == (f"1,{MAIL}",)
    assert Masking().mask_error("The value 'x' is malformed", "SparkException") == "The value 'x' is malformed"
    assert Masking().mask_error("", "OverflowError") == "OverflowError"


def test_a_whole_line_is_masked() -> None:
    assert make_masking().mask_lines([f"1,{MAIL}", None]) == (MASK, None)


def test_of_an_engines_words_its_class_and_condition_are_told_and_no_value() -> None:
    engine_message = (
        f"org.apache.spark.SparkDateTimeException: [CAST_INVALID_INPUT] The value '{MAIL}' of {NAME} [{PHONE}]"
    )
    masked = make_masking().mask_error(engine_message, "Py4JJavaError")
    assert masked.startswith("Py4JJavaError, CAST_INVALID_INPUT, org.apache.spark.SparkDateTimeException; ")
    assert not [value for value in (MAIL, NAME, PHONE) if value in masked]


def test_a_line_that_may_hold_what_no_suite_declares_is_masked_and_its_declared_values_are_not() -> None:
    masking = csv_contract(["a"], extra_columns="ignore").masking | Masking()
    assert masking.mask_lines(["x,y"]) == (MASK,)
    assert masking.mask_samples(["x"], ["a"]) == ("x",)
    assert csv_contract(["a"]).masking.mask_lines(["x,y"]) == ("x,y",)
