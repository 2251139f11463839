"""What no two rows share where it was written, no two shared where it was read: if the column is the very same."""

import copy
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl import datasets
from etl.gate.onepass.unchanged_columns import unchanged_columns
from tests.lake.mutations import SALES, find_rule
from tests.spark.lake import GOOD, Lake, csv_bytes

UNIQUE = "sales.input.unique"
SECOND = GOOD.replace("TXN001", "TXN002")
MADE: dict[str, tuple[Callable[[DataFrame], DataFrame], set[str]]] = {
    "nothing": (lambda rows: rows, {"a", "b"}),
    "a column more": (lambda rows: rows.withColumn("c", F.col("a") + 1), {"a", "b"}),
    "a column fewer, the other way round": (lambda rows: rows.select("b"), {"b"}),
    "a column changed": (lambda rows: rows.withColumn("a", F.upper("a")), {"b"}),
    "columns swapped": (lambda rows: rows.select(F.col("a").alias("b"), F.col("b").alias("a")), set()),
    "a column renamed": (lambda rows: rows.withColumnRenamed("a", "c"), {"b"}),
    "a name for the frame": (lambda rows: rows.alias("rows").select("rows.a", "b"), {"a", "b"}),
    "rows fewer": (lambda rows: rows.where("a > 'a'"), set()),
    "rows once": (lambda rows: rows.dropDuplicates(["a"]), set()),
    "rows twice": (lambda rows: rows.unionAll(rows), set()),
    "rows joined": (lambda rows: rows.join(rows.sparkSession.range(2)), set()),
    "rows made": (lambda rows: rows.select(F.explode(F.array("a", "b")).alias("a"), "b"), set()),
}


@pytest.mark.parametrize("name", MADE)
def test_a_column_is_unchanged_where_spark_hands_it_on_row_by_row(spark: Any, name: str) -> None:
    before = spark.range(3).select(F.col("id").cast("string").alias("a"), F.lit("x").alias("b"))
    make, same = MADE[name]
    assert unchanged_columns(before, make(before)) == same


def require_unique(lake: Lake, *columns: str, warning: str = "") -> None:
    """Give the input a rule that these columns tell its rows apart; the rule `warning` sets rows aside."""
    suite = copy.deepcopy(SALES["input"])
    suite["meta"]["max_quarantined"] = 0.5
    if warning:
        find_rule(suite, warning)["severity"] = "warning"
    kind, kwargs = "expect_compound_columns_to_be_unique", dict[str, Any](column_list=list(columns))
    if len(columns) == 1:
        kind, kwargs = "expect_column_values_to_be_unique", {"column": columns[0]}
    meta = {"rule": UNIQUE, "why": "An id that stands twice is a file sent twice."}
    suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": "critical", "meta": meta})
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite))


def evaluation_way(verdict: Any) -> str:
    """Return which way the rule went."""
    return next(result.way for result in verdict.rules if result.rule == UNIQUE)


@pytest.mark.parametrize("columns", [("transaction_id",), ("transaction_id", "quantity")])
def test_what_the_input_wants_unique_is_proven_on_what_was_written(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, columns: tuple[str, ...]
) -> None:
    differ = Mock(return_value=True)
    monkeypatch.setattr("etl.gate.onepass.data_files.Files.all_differ", differ)
    require_unique(lake, *columns)
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND))
    verdict = lake.run()
    assert (verdict.rows_published, evaluation_way(verdict)) == (2, "observed"), verdict.message
    assert differ.call_args_list[0].args == (columns,)
    assert len(differ.call_args_list) == (1 if len(columns) == 1 else 2)  # the output's key is the first one too


def test_rows_that_share_what_the_input_wants_unique_are_told_of(lake: Lake) -> None:
    require_unique(lake, "transaction_id")
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD, SECOND))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("FAILED", 0)
    [duplicated] = [result for result in verdict.broken if result.rule == UNIQUE]
    assert (duplicated.unexpected, duplicated.samples, duplicated.way) == (2, ("TXN001",), "computed")


def test_a_row_that_is_set_aside_counts_though_it_is_not_written(lake: Lake) -> None:
    require_unique(lake, "transaction_id", warning="sales.customer_id.format")
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("CUST", "C-"), SECOND))
    verdict = lake.run()
    assert verdict.rows_published == 0
    assert [result.rule for result in verdict.broken if result.severity == "critical"] == [UNIQUE]


def test_texts_that_are_typed_alike_are_told_apart_as_texts(lake: Lake) -> None:
    require_unique(lake, "quantity")
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND.replace(",2,", ",02,")))
    verdict = lake.run()
    assert (verdict.rows_published, evaluation_way(verdict)) == (2, "computed"), verdict.message


def test_a_column_that_the_transform_changes_proves_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    true = datasets.transform_of("sales")
    changed = Mock(side_effect=lambda rows: true(rows).withColumn("customer_id", F.col("transaction_id")))
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: changed)
    require_unique(lake, "customer_id")
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND))
    verdict = lake.run()
    assert verdict.rows_published == 0
    assert [result.rule for result in verdict.broken] == [UNIQUE]
