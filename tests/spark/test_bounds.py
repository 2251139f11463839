"""A decimal that is said to be within bounds is within them as the double that the library compares."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType, IntegerType

from etl.gate.onepass import decimal_bounds
from etl.gate.onepass.decimal_bounds import surely_within

CENTS = DecimalType(10, 2)
VALUES = ["-99999999.99", "-0.01", "0.00", "0.01", "0.02", "0.29", "0.30", "99999999.98", "99999999.99"]


def least_decimal(bound: float, strict: bool) -> Decimal:
    return decimal_bounds._least_multiple(bound, strict, Decimal("0.01"), Decimal("99999999.99"))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.decimals(-1000, 1000, places=2), st.one_of(st.floats(-1000, 1000), st.integers(-1000, 1000)), st.booleans())
@example(Decimal("0.29"), 0.29, True)
@example(Decimal("0.29"), 0.29, False)
def test_the_least_is_the_first_that_the_double_lets_through(value: Decimal, bound: float, strict: bool) -> None:
    decimal_result, double_result = (
        value >= least_decimal(bound, strict),
        float(value) > bound if strict else float(value) >= bound,
    )
    assert decimal_result == double_result


def test_a_bound_outside_the_type_lets_all_through_or_none() -> None:
    assert least_decimal(-1e300, strict=False) == Decimal("-99999999.99")
    assert least_decimal(1e300, strict=False) > Decimal("99999999.99")


@pytest.mark.parametrize(
    "kwargs",
    [
        {"min_value": 0.01, "max_value": 99999999.98},
        {"min_value": 0.01, "strict_min": True},
        {"max_value": 0.29},
        {"max_value": 0.29, "strict_max": True},
        {"min_value": -1e9, "max_value": 1e9},
        {"min_value": 0, "max_value": 0.3},
    ],
)
def test_spark_finds_the_same_within(spark: Any, kwargs: dict[str, Any]) -> None:
    predicate = surely_within("a.b", CENTS, kwargs)
    assert predicate is not None
    low, high = kwargs.get("min_value", -1e10), kwargs.get("max_value", 1e10)
    above = F.col("own") > low if kwargs.get("strict_min") else F.col("own") >= low
    below = F.col("own") < high if kwargs.get("strict_max") else F.col("own") <= high
    texts = spark.range(1).select(F.explode(F.array(*map(F.lit, VALUES))).alias("text"))
    rows = texts.select(F.col("text").cast(CENTS).alias("a.b")).withColumn("own", F.col("`a.b`").cast("double"))
    collected = rows.select("own", predicate.alias("known"), (above & below).alias("is")).collect()
    assert {row["own"]: row["known"] for row in collected} == {row["own"]: row["is"] for row in collected}
    assert {row["is"] for row in collected} >= ({True} if kwargs.get("max_value") == 1e9 else {True, False})


@pytest.mark.parametrize(
    ("type_", "kwargs"),
    [
        (IntegerType(), {"min_value": 0.5}),
        (DecimalType(19, 2), {"min_value": 0.5}),
        (CENTS, {"min_value": 1, "max_value": 5}),  # compared as decimals as it is
        (CENTS, {"min_value": "2025-01-01", "max_value": 0.5}),
        (CENTS, {"min_value": float("inf")}),
        (CENTS, {"min_value": 1e9}),
        (CENTS, {"min_value": 0.011, "max_value": 0.019}),
        (CENTS, {}),
    ],
)
def test_of_others_nothing_is_told(type_: DataType, kwargs: dict[str, Any]) -> None:
    assert surely_within("one", type_, kwargs) is None
