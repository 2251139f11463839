"""What a contract may say of times, floating-point numbers, bytes and small numbers, and what is refused with a remedy."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from etl.contract.run_parameters import rule_parameters
from etl.contract.types import ColumnType
from etl.contract.validation.suite import faults_of
from etl.gate.library_arguments import library_arguments
from etl.gate.onepass.row_hashes import hash_rows
from etl.gate.onepass.value_counts import ColumnCounts
from etl.iceberg.schema_evolution import is_widening

TYPES = {
    "id": "bigint",
    "at": "timestamp",
    "local": "timestamp_ntz",
    "day": "date",
    "x": "double",
    "y": "float",
    "raw": "binary",
}
BETWEEN, IN_SET = "expect_column_values_to_be_between", "expect_column_values_to_be_in_set"
RUN_DATE, RUN_TIME = {"$PARAMETER": "run_date"}, {"$PARAMETER": "run_time"}


def suite_of(*rules: tuple[str, dict[str, Any]], columns: dict[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
    listed = [
        {"name": name, "type": declared, "description": name, **(columns or {}).get(name, {})}
        for name, declared in TYPES.items()
    ]
    fixed = {"version": "1.0.0", "owner": "o", "description": "d", "key": ["id"], "freshness_hours": 24}
    rows = ("expect_table_row_count_to_be_between", {"min_value": 1})
    expectations = [
        {
            "type": kind,
            "kwargs": kwargs,
            "severity": "critical",
            "meta": {"rule": f"odd.rule{number}", "why": "It is so."},
        }
        for number, (kind, kwargs) in enumerate((rows, ("expect_column_values_to_be_unique", {"column": "id"}), *rules))
    ]
    return {"name": "odd.output", "meta": {**fixed, "columns": listed, **meta}, "expectations": expectations}


SOUND: list[dict[str, Any]] = [
    suite_of(partition_by=["hour(at)", "month(day)", "year(local)"]),
    suite_of(columns={"x": {"non_finite": True}}),
    suite_of((BETWEEN, {"column": "at", "min_value": "2025-01-31T00:00:00+01:00", "max_value": RUN_TIME})),
    suite_of((BETWEEN, {"column": "local", "min_value": "2025-01-31 00:00:00.5", "max_value": RUN_TIME})),
    suite_of(
        (BETWEEN, {"column": "x", "max_value": 1e300}),
        (IN_SET, {"column": "at", "value_set": ["2025-01-31T00:00:00Z"]}),
    ),
    suite_of(("expect_compound_columns_to_be_unique", {"column_list": ["id", "raw"]}), key=["id", "raw"]),
]
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a key of doubles": (suite_of(key=["x"]), "which is double: equal numbers may differ"),
    "hours of a date": (suite_of(partition_by=["hour(day)"]), "has no hours; partition by its day"),
    "hours of a number": (suite_of(partition_by=["hour(id)"]), "is no date and no time"),
    "partitions of doubles": (suite_of(partition_by=["x"]), "is double, of which each value would be a partition"),
    "a small number in a table": (suite_of(columns={"id": {"type": "smallint"}}), "which no table has; declare int"),
    "finite text": (suite_of(columns={"id": {"non_finite": True}}), "is bigint, whose values are all finite"),
    "run_date of a time": (suite_of((BETWEEN, {"column": "at", "max_value": RUN_DATE})), '{"$PARAMETER": "run_time"}'),
    "run_time of a date": (suite_of((BETWEEN, {"column": "day", "max_value": RUN_TIME})), '{"$PARAMETER": "run_date"}'),
    "a day as a time": (suite_of((BETWEEN, {"column": "at", "max_value": "2025-01-31"})), "yyyy-MM-ddTHH:mm:ssZ"),
    "an offset of a local time": (
        suite_of((BETWEEN, {"column": "local", "max_value": "2025-01-31T00:00:00Z"})),
        'write "yyyy-MM-ddTHH:mm:ss" or',
    ),
    "bounds of bytes": (suite_of((BETWEEN, {"column": "raw", "max_value": 1})), "is binary, which it cannot judge"),
    "a set of bytes": (
        suite_of((IN_SET, {"column": "raw", "value_set": ["YQ=="]})),
        "is binary, which it cannot judge",
    ),
    "a moment beside a local time": (
        suite_of(("expect_column_pair_values_to_be_equal", {"column_A": "at", "column_B": "local"})),
        "compares columns of types timestamp, timestamp_ntz",
    ),
}


@pytest.mark.parametrize("suite", SOUND)
def test_what_a_type_can_be_used_for_loads(suite: dict[str, Any]) -> None:
    assert [*faults_of(suite)] == []


@pytest.mark.parametrize(("suite", "words"), REFUSED.values(), ids=REFUSED)
def test_where_a_type_cannot_be_is_said(suite: dict[str, Any], words: str) -> None:
    assert any(words in str(fault) for fault in faults_of(suite)), [*map(str, faults_of(suite))]


@pytest.mark.parametrize(
    ("old", "new", "widens"),
    [
        ("float", "double", True),
        ("int", "bigint", True),
        ("double", "float", False),
        ("int", "double", False),
        ("timestamp_ntz", "timestamp", False),
        ("date", "timestamp", False),
        ("array<int>", "array<bigint>", True),
        ("array<int>", "array<int>", False),
        ("array<int>", "array<double>", False),
        ("struct<a:int,b:array<struct<x:float>>>", "struct<a:int,b:array<struct<x:double>>>", True),
        ("struct<a:int>", "struct<a:int,b:string>", True),
        ("struct<a:int>", "struct<b:string,a:int>", False),
        ("struct<a:int,b:string>", "struct<a:bigint>", False),
        ("struct<a:int,b:bigint>", "struct<a:bigint,b:int>", False),
        ("struct<a:int>", "array<int>", False),
    ],
)
def test_a_table_widens_what_iceberg_does(old: str, new: str, widens: bool) -> None:
    assert is_widening(old, new) is widens


def test_the_library_is_given_times_in_utc_a_bound_that_stops_nan_and_the_nearest_float() -> None:
    def adapt(column: str, kind: str = BETWEEN, **kwargs: Any) -> dict[str, Any]:
        adapted = library_arguments(kind, {"column": column, **kwargs}, lambda: TYPES)
        return {name: value for name, value in adapted.items() if name != "column"}

    assert adapt("at", min_value="2025-01-31T01:00:00+01:00") == {"min_value": "2025-01-31T00:00:00.000000"}
    assert adapt("at", max_value=RUN_TIME) == {"max_value": RUN_TIME}
    assert adapt("x", min_value=0) == {"min_value": 0, "max_value": float("inf")}
    assert adapt("x", min_value=0, max_value=1) == {"min_value": 0, "max_value": 1}
    assert adapt("y", IN_SET, value_set=[0.1]) == {"value_set": [float(np.float32(0.1))]}
    assert adapt("day", max_value="2025-01-31") == {"max_value": "2025-01-31"}
    assert adapt("id", min_value=1) == {"min_value": 1}


def test_a_run_that_is_told_another_day_takes_that_days_end_for_its_start() -> None:
    started = datetime(2025, 1, 31, 13, tzinfo=UTC)
    times = {day: rule_parameters(date(2025, *day), started)["run_time"] for day in ((1, 31), (2, 1), (1, 15))}
    assert times[1, 31] == times[2, 1] == "2025-01-31T13:00:00.000000"
    assert times[1, 15] == "2025-01-15T23:59:59.999999"


@pytest.mark.parametrize("look", [lambda column: hash_rows([column]), lambda column: ColumnCounts().add_rows(column)])
def test_no_hash_and_no_count_meets_a_floating_point_number(look: Any) -> None:
    with pytest.raises(AssertionError, match="several forms"):
        look(pa.array([0.0, -0.0]))


def test_bytes_are_hashed_as_they_are() -> None:
    first, second, again = hash_rows([pa.array([b"\xff", b"\xfe", b"\xff"])])
    assert first == again != second


def test_a_type_of_no_contract_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="timestamp_ntz, double, float, smallint, tinyint, binary"):
        ColumnType("interval")
