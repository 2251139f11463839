"""What is learnt from values: types, shapes, persons, keys; and no rule that the sample itself would break."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.contract.loading import contract_of
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.validation.suite import faults_of
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import declared_type
from sluice.contracts.lint.lint import check_contract
from sluice.contracts.profile.column import profile_columns
from sluice.contracts.profile.draft import draft_suites
from sluice.contracts.profile.personal_data import holds_numbers_of_persons, why_personal
from sluice.contracts.profile.primary_key import key_of
from sluice.contracts.profile.sample import Sample, read_sample
from sluice.contracts.profile.text_shape import common_shape


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (pa.string(), "string"),
        (pa.large_string(), "string"),
        (pa.dictionary(pa.int32(), pa.string()), "string"),
        (pa.int32(), "int"),
        (pa.int64(), "bigint"),
        (pa.bool_(), "boolean"),
        (pa.date32(), "date"),
        (pa.decimal128(12, 3), "decimal(12,3)"),
        (pa.int16(), "smallint"),
        (pa.int8(), "tinyint"),
        (pa.uint8(), "smallint"),
        (pa.uint32(), "bigint"),
        (pa.uint64(), "decimal(20,0)"),
        (pa.float64(), "double"),
        (pa.float32(), "float"),
        (pa.timestamp("us"), "timestamp_ntz"),
        (pa.timestamp("ns"), "timestamp_ntz"),
        (pa.timestamp("ms", "Europe/Berlin"), "timestamp"),
        (pa.large_binary(), "binary"),
        (pa.float16(), None),
        (pa.list_(pa.int32()), "array<int>"),
        (pa.struct([("a", pa.large_string()), ("b", pa.list_(pa.date32()))]), "struct<a:string,b:array<date>>"),
        (pa.map_(pa.string(), pa.int32()), None),
    ],
)
def test_types_of_a_file_are_declared_where_a_contract_knows_them(kind: pa.DataType, declared: str | None) -> None:
    assert declared_type(kind) == declared


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["TXN001", "TXN1000"], "^TXN[0-9]+$"),
        (["US-EAST", "EU-CENTRAL"], "^[A-Z]{2}-[A-Z]+$"),
        (["US-EAST", "EU-WEST"], "^[A-Z]{2}-[A-Z]+$"),
        (["CH", "DE"], "^[A-Z]{2}$"),
        (["2025/01/31", "2025/02/28"], "^[0-9]{4}/[0-9]{2}/[0-9]{2}$"),
        (["a.1", "b.2"], r"^[a-z]{1}\.[0-9]+$"),
        (["Home", "Garden"], None),
        (["red", "blue"], None),
        (["TXN001", "txn002"], None),
        (["A 1", "B 2"], None),
        (["TXN001"], None),
        ([], None),
    ],
)
def test_codes_have_a_shape_and_prose_has_none(values: list[str], pattern: str | None) -> None:
    assert common_shape(values) == pattern


@pytest.mark.parametrize(
    ("name", "values", "personal"),
    [
        ("name", [], True),
        ("email", [], True),
        ("E_Mail", [], True),
        ("customerName", [], True),
        ("last_name", [], True),
        ("home_phone", [], True),
        ("shippingAddress", [], True),
        ("birthDate", [], True),
        ("seller", [], True),
        ("product_name", [], False),
        ("file_name", [], False),
        ("customer_id", ["CUST100"], False),
        ("description", [], False),
        ("note", ["a", "write to a@b.ch please"], True),
        ("note", ["call 0041 44 555 01 02"], True),
        ("geburtsdatum", [], True),
        ("Vorname", [], True),
        ("no", ["044 555 01 02", "031 555 01 02"], True),
        ("no", ["(415) 555-2671"], True),
        ("source", ["192.0.2.1"], True),
        ("account", ["CH9300762011623852957"], True),
        ("day", ["2025-01-31"], False),
        ("day", ["31.01.2025"], False),
        ("day", ["01/02/2025"], False),
        ("total", ["100.25", "2000.123456789"], False),
        ("version", ["1.2.3"], False),
        ("lat", ["1.0087731636550115", "-0.001234567890123"], False),
    ],
)
def test_columns_that_may_be_about_a_person_are_found(name: str, values: list[str], personal: bool) -> None:
    assert bool(why_personal(name, values)) is personal


@pytest.mark.parametrize(
    ("name", "values", "stays_text"),
    [
        ("salary", ["52000"], False),
        ("person", ["0", "1"], False),
        ("employee_birth_year", ["1990"], False),
        ("home_phone", ["5552671"], True),
        ("Telefon", ["5552671"], True),
        ("no", ["415 555 2671"], True),
    ],
)
def test_numbers_about_a_person_are_numbers_but_for_telephones_and_accounts(
    name: str, values: list[str], stays_text: bool
) -> None:
    assert holds_numbers_of_persons(name, str(why_personal(name, values))) is stays_text


def make_sample(**columns: list[Any]) -> Sample:
    return Sample("day.parquet", SourceFormat.PARQUET, pa.table(columns))


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({"amount": ["1", "2"], "sale_id": ["a", "b"]}, ("sale_id",)),
        ({"code": ["a", "b"], "sale_id": ["c", "d"]}, ("sale_id",)),
        ({"id": ["1", "1", "2"], "line_no": ["1", "2", "1"]}, ("id", "line_no")),
        ({"id": ["1", "1", "2"], "day": [date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 1)]}, ("id", "day")),
        ({"a_id": list("xxyyxxyy"), "b_id": list("12121212"), "c_id": list("mmmmnnnn")}, ("a_id", "b_id", "c_id")),
        # A measure, a text and a day that happen to be unique are no keys; nor is what is null or about a person's place.
        ({"amount": ["1", "2"], "city": ["x", "y"], "day": [date(2025, 1, 1), date(2025, 1, 2)]}, ()),
        ({"sale_id": ["a", "b", None]}, ()),
        ({"sale_id": ["a", "a"], "city": ["x", "y"]}, ()),
        ({"zip_code": ["8001", "8002"]}, ()),
    ],
)
def test_the_key_is_the_fewest_columns_that_are_named_so_and_tell_rows_apart(
    columns: dict[str, list[Any]], key: tuple[str, ...]
) -> None:
    assert key_of(make_sample(**columns), profile_columns(make_sample(**columns))).columns == key


def reasons_by_rule(**columns: list[Any]) -> dict[str, str]:
    suites = draft_suites("day", make_sample(**columns), profile_columns(make_sample(**columns)))
    return {
        values["meta"]["rule"]: values["meta"]["why"] for suite in suites.values() for values in suite["expectations"]
    }


def test_where_no_columns_are_a_key_rows_have_none_and_the_draft_doubts_it() -> None:
    suites = draft_suites("day", *sampled_twice({"city": ["x", "x", "y"], "amount": ["1", "2", "3"]}))
    meta = suites[Stage.OUTPUT]["meta"]
    assert meta["key"] == []
    assert any("rows have none" in doubt for doubt in meta["doubts"])
    assert not [rule for rule in suites[Stage.OUTPUT]["expectations"] if "unique" in rule["type"]]
    why = reasons_by_rule(a_id=list("xxy"), b_id=list("121"))["day.key.unique"]
    assert "no two have the same a_id and b_id" in why


def test_a_text_of_few_values_that_come_often_is_one_of_them() -> None:
    suites = draft_suites(
        "day", *sampled_twice({"kind": list("abab") * 5, "code": [f"C{number}" for number in range(20)]})
    )
    sets = [
        expectation["kwargs"]
        for expectation in suites[Stage.INPUT]["expectations"]
        if expectation["type"].endswith("be_in_set")
    ]
    assert sets == [{"column": "kind", "value_set": ["a", "b"]}]
    rare = draft_suites("day", *sampled_twice({"kind": list("abab")}))
    assert not [
        expectation for expectation in rare[Stage.INPUT]["expectations"] if expectation["type"].endswith("be_in_set")
    ]


def sampled_twice(columns: dict[str, list[Any]]) -> tuple[Sample, Any]:
    return make_sample(**columns), profile_columns(make_sample(**columns))


def test_ids_of_rules_differ_and_are_none_of_the_gates_own() -> None:
    why = reasons_by_rule(**{"unit price": ["a"], "unit-price": ["b"], "structure": ["c"], "ÄÖ": ["d"]})
    present = [name for name in why if name.endswith(".present")]
    assert present == [f"day.{name}.present" for name in ("unit_price", "unit_price_2", "structure_2", "column")]


def test_an_identifier_that_is_a_number_has_no_upper_bound() -> None:
    suites = draft_suites(
        "day", *sampled_twice({"sale_id": pa.array([5, 9], pa.int32()), "stock": pa.array([5, 9], pa.int32())})
    )
    bounds = {
        expectation["kwargs"]["column"]: expectation["kwargs"]
        for expectation in suites[Stage.INPUT]["expectations"]
        if "range" in str(expectation)
    }
    assert bounds["sale_id"] == {"column": "sale_id", "min_value": 1}
    assert bounds["stock"] == {"column": "stock", "min_value": 1, "max_value": 20}


def test_a_bound_that_the_type_cannot_hold_is_left_out() -> None:
    suites = draft_suites(
        "day", *sampled_twice({"share": pa.array([Decimal("0.50"), Decimal("80.00")], pa.decimal128(4, 2))})
    )
    (bounds,) = (
        expectation["kwargs"]
        for expectation in suites[Stage.INPUT]["expectations"]
        if expectation["meta"]["rule"] == "day.share.range"
    )
    assert bounds == {"column": "share", "min_value": 0.01}


def test_a_whole_number_that_no_double_is_bounds_nothing() -> None:
    suites = draft_suites("day", *sampled_twice({"atoms": pa.array([Decimal(3 * 10**23)], pa.decimal128(38, 0))}))
    (bounds,) = (
        expectation["kwargs"]
        for expectation in suites[Stage.INPUT]["expectations"]
        if expectation["meta"]["rule"] == "day.atoms.range"
    )
    assert bounds == {"column": "atoms", "min_value": 1}


def test_days_to_come_bound_nothing() -> None:
    suites = draft_suites(
        "day", *sampled_twice({"due": ["2025-01-31", "9999-12-31"], "sold": ["2025-01-31", "2025-02-28"]})
    )
    dated = [
        expectation["kwargs"]["column"]
        for expectation in suites[Stage.OUTPUT]["expectations"]
        if "not_future" in str(expectation)
    ]
    assert dated == ["sold"]


def test_digits_of_a_person_are_no_amount() -> None:
    (column,) = profile_columns(make_sample(phone=["41445550102", "41315550102"]))
    assert (column.declared, column.low, column.high) == ("string", None, None)


@pytest.mark.parametrize(("present", "mostly"), [(40, 0.1), (39, 0.9), (20, 0.45), (3, 0.04), (1, 0.01)])
def test_where_some_are_null_somewhat_more_may_be(present: int, mostly: float) -> None:
    suites = draft_suites(
        "day", *sampled_twice({"city": [*(f"c {number}" for number in range(present)), *[None] * (40 - present)]})
    )
    (kwargs,) = (
        expectation["kwargs"]
        for expectation in suites[Stage.INPUT]["expectations"]
        if expectation["meta"]["rule"] == "day.city.present"
    )
    assert kwargs == {"column": "city", "mostly": mostly}


def keeps_null(values: list[Any], kwargs: dict[str, Any]) -> bool:
    return sum(value is not None for value in values) >= kwargs.get("mostly", 1) * len(values)


def keeps_span(values: list[Any], kwargs: dict[str, Any]) -> bool:
    ends = [kwargs.get("min_value"), kwargs.get("max_value")]
    if isinstance(ends[1], dict):
        return all(date.fromisoformat(str(value)) <= date.today() for value in values if value is not None)
    numbers = [Decimal(value) for value in values if value is not None]
    low, high = (None if end is None else Decimal(str(end)) for end in ends)
    return all((low is None or number >= low) and (high is None or number <= high) for number in numbers)


HOLDS: dict[str, Callable[[list[Any], dict[str, Any]], bool]] = {
    "expect_column_values_to_not_be_null": keeps_null,
    "expect_column_values_to_be_null": lambda values, _: values == [None] * len(values),
    "expect_column_values_to_match_regex": lambda values, kwargs: all(
        re.search(kwargs["regex"], value) for value in values if value is not None
    ),
    "expect_column_values_to_be_in_set": lambda values, kwargs: {*values} - {None} <= {*kwargs["value_set"]},
    "expect_column_values_to_be_between": keeps_span,
    "expect_column_values_to_be_unique": lambda values, _: len({*values}) == len(values),
}
VALUES = st.one_of(
    *(
        st.lists(one, min_size=4, max_size=40)
        for one in (
            st.integers(-(10**20), 10**20).map(str),
            st.decimals(-(10**6), 10**6, places=3).map(str),
            st.dates().map(str),
            st.sampled_from(["true", "false", ""]),
            st.sampled_from(["a", "b", "-", ""]),
            st.from_regex(r"\A[A-Z]{2}[-._][0-9]{1,4}\Z"),
            st.sampled_from(["a@b.ch", "A-1", "x"]),
            st.text(
                # What is no text is refused by the draft as by the gate (text_lines.TEXT).
                st.characters(
                    codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffd"
                ),
                max_size=6,
            ),
            st.just(""),
        )
    )
)


@pytest.mark.parametrize("lost", ["a\ufffdb", "a\ufeffb", "a\u2028b", "a\x07b"])
def test_a_draft_refuses_a_value_that_is_no_text_by_its_line(tmp_path: Path, lost: str) -> None:
    rows = [f"K{number},{lost if number == 3 else 'x'}" for number in range(9)]
    (tmp_path / "day.csv").write_text("\n".join(["id,c", *rows, ""]), encoding="utf-8", newline="")
    with pytest.raises(WrongUse, match=r"line 5 of .* holds what is no text.*U\+FFFD.*structure\.text"):
        read_sample(tmp_path / "day.csv")


@given(st.lists(VALUES, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_draft_of_any_sample_loads_and_the_sample_holds_it(tmp_path: Path, columns: list[list[str]]) -> None:
    number = min(map(len, columns))
    texts = [[*(f"K{row_number}" for row_number in range(number))], *(column[:number] for column in columns)]
    names = ["id", *(f"c{column_number}" for column_number in range(len(columns)))]
    written = io.StringIO()
    csv.writer(written).writerows([names, *zip(*texts, strict=True)])
    (tmp_path / "day.csv").write_text(written.getvalue(), encoding="utf-8", newline="")
    sampled = read_sample(tmp_path / "day.csv")
    suites = draft_suites("day", sampled, profile_columns(sampled))
    assert [fault for suite in suites.values() for fault in faults_of(suite)] == []
    # Of a draft lint says that it is one, and nothing else: no rule is idle, implied or missing.
    assert {finding.kind for suite in suites.values() for finding in check_contract(contract_of(suite))} == {"draft"}
    values = {name: [value or None for value in column] for name, column in zip(names, texts, strict=True)}
    rules = [rule for suite in suites.values() for rule in suite["expectations"] if "column" in rule["kwargs"]]
    assert len(rules) > len(columns)
    broken = [rule for rule in rules if not HOLDS[rule["type"]](values[rule["kwargs"]["column"]], rule["kwargs"])]
    assert broken == []
