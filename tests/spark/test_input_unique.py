"""What the input wants unique is judged on the rows as they were read."""

import copy
import json
from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl import datasets
from tests.lake.mutations import TRADES, find_rule
from tests.spark.lake import GOOD, Lake, csv_bytes

UNIQUE = "trades.input.unique"
SECOND = GOOD.replace("TXN001", "TXN002")


def require_unique(lake: Lake, *columns: str, warning: str = "") -> None:
    """Give the input a rule that these columns tell its rows apart; the rule `warning` sets rows aside."""
    suite = copy.deepcopy(TRADES["input"])
    suite["meta"]["max_quarantined"] = 0.5
    if warning:
        find_rule(suite, warning)["severity"] = "warning"
    kind, kwargs = "expect_compound_columns_to_be_unique", dict[str, Any](column_list=list(columns))
    if len(columns) == 1:
        kind, kwargs = "expect_column_values_to_be_unique", {"column": columns[0]}
    meta = {"rule": UNIQUE, "why": "An id that stands twice is a file sent twice."}
    suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": "critical", "meta": meta})
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite))


def test_rows_that_share_what_the_input_wants_unique_are_told_of(lake: Lake) -> None:
    require_unique(lake, "transaction_id")
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD, SECOND))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("FAILED", 0)
    [duplicated] = [result for result in verdict.broken if result.rule == UNIQUE]
    assert (duplicated.unexpected, duplicated.samples, duplicated.way) == (2, ("TXN001",), "computed")


def test_a_row_that_is_set_aside_counts_though_it_is_not_written(lake: Lake) -> None:
    require_unique(lake, "transaction_id", warning="trades.customer_id.format")
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("CUST", "C-"), SECOND))
    verdict = lake.run()
    assert verdict.rows_published == 0
    assert [result.rule for result in verdict.broken if result.severity == "critical"] == [UNIQUE]


@pytest.mark.long
def test_texts_that_are_typed_alike_are_told_apart_as_texts(lake: Lake) -> None:
    require_unique(lake, "quantity")
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND.replace(",2,", ",02,")))
    verdict = lake.run()
    assert verdict.rows_published == 2, verdict.message


@pytest.mark.long
def test_a_column_that_the_transform_makes_unique_is_judged_as_it_was_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = datasets.transform_of("trades")
    changed = Mock(side_effect=lambda rows: true(rows).withColumn("customer_id", F.col("transaction_id")))
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: changed)
    require_unique(lake, "customer_id")
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND))
    verdict = lake.run()
    assert verdict.rows_published == 0
    assert [result.rule for result in verdict.broken] == [UNIQUE]
