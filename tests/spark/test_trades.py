"""The transform of trades, on plain rows."""

from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from etl.datasets import transform_of
from etl.errors import UnknownDataset

trades = import_module("etl.datasets.trades")  # of the tests' own lake

SCHEMA = "transaction_id string, quantity int, unit_price decimal(10,2)"


@pytest.mark.parametrize(
    ("quantity", "price", "total"),
    [
        (2, "29.99", "59.98"),
        (1, "0.01", "0.01"),
        (1000, "99999.99", "99999990.00"),
        (1000, "99999999.99", None),
        (None, "1.00", None),
        (3, None, None),
    ],
)
def test_a_total_is_exact_or_null(spark: Any, quantity: int | None, price: str | None, total: str | None) -> None:
    rows = spark.createDataFrame([("TXN1", quantity, price and Decimal(price))], SCHEMA)
    [row] = trades.transform(rows).collect()
    assert row.total_amount == (total and Decimal(total))


def test_it_keeps_what_it_was_given_and_adds_what_it_says(spark: Any) -> None:
    rows = spark.createDataFrame([("TXN1", 1, Decimal("1.00"))], SCHEMA)
    transformed = trades.transform(rows)
    assert transformed.columns == [*rows.columns, *trades.ADDS]
    assert dict(transformed.dtypes)["total_amount"] == "decimal(10,2)"


def test_a_dataset_without_a_transform_is_told_what_to_write() -> None:
    with pytest.raises(UnknownDataset, match=r"etl/datasets/refunds\.py"):
        transform_of("refunds")
