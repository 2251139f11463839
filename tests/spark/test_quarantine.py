"""Rows that break a warning are set aside with what they broke; the rest is published, and nothing is lost."""

import json
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from etl.iceberg.current_snapshot import read_head
from etl.iceberg.table import Table
from etl.storage.clients import Clients
from tests.spark.lake import Lake, csv_bytes
from tests.spark.readers import QUERIES, query_lake


def sale_line(number: int, **changes: str) -> str:
    fields = {
        "id": f"TXN{number}",
        "customer": "CUST1",
        "product": "PROD1",
        "quantity": "1",
        "price": "1.00",
        "day": "2025-01-01",
        "region": "US-EAST",
    }
    return ",".join({**fields, **changes}.values())


def make_warning(lake: Lake, stage: str, rule: str, share: float = 1.0, **kwargs: Any) -> None:
    """Make one rule of the lake's contract a warning."""
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    [amended] = [expectation for expectation in suite["expectations"] if expectation["meta"]["rule"] == rule]
    amended["severity"] = "warning"
    amended["kwargs"] |= kwargs
    suite["meta"]["max_quarantined"] = share
    lake.put_key(key, json.dumps(suite).encode())


def set_aside(lake: Lake) -> list[dict[str, Any]]:
    rows = lake.spark.sql(f"SELECT * FROM lake.{lake.database}.trades_quarantine ORDER BY source").collect()
    return [row.asDict() for row in rows]


@pytest.mark.parametrize(
    ("stage", "rule", "bad"),
    [
        ("input", "trades.region.known", {"region": "MARS"}),
        pytest.param("output", "trades.quantity.range", {"quantity": "0"}, marks=pytest.mark.long),
    ],
)
def test_rows_that_break_a_warning_are_set_aside_with_their_source(
    lake: Lake, stage: str, rule: str, bad: dict[str, str]
) -> None:
    make_warning(lake, stage, rule)
    if stage == "output":
        make_warning(lake, "output", "trades.total_amount.range")
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, **bad), sale_line(3), sale_line(4, **bad)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined) == (
        "SUCCEEDED",
        4,
        2,
        2,
    ), verdict.message
    assert [row["transaction_id"] for row in lake.rows()] == ["TXN1", "TXN3"]
    first, _ = set_aside(lake)
    assert json.loads(first["source"])["transaction_id"] == "TXN2"
    assert rule in first["rules"]
    assert (first["object"], first["_run_id"]) == ("trades/a.csv", verdict.run_id)
    reported = [
        (reported_row["run"], reported_row["rule"], reported_row["row_count"])
        for reported_row in query_lake(lake, QUERIES["trades-aside"])
    ]
    assert (verdict.run_id, rule, 2) in reported
    [rule_result] = [result for result in verdict.rules if result.rule == rule]
    assert (rule_result.held, rule_result.severity, rule_result.unexpected) == (False, "warning", 2)
    assert rule_result.samples == (next(iter(bad.values())),)


def test_a_day_without_bad_rows_makes_no_quarantine(lake: Lake) -> None:
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    assert lake.run().rows_quarantined == 0
    assert not lake.spark.catalog.tableExists(f"lake.{lake.database}.trades_quarantine")


def execution_ids(lake: Lake) -> set[int]:
    """Return the ids of the queries that Spark remembers having run; it forgets the oldest."""
    return query_ids(lake.spark)


def query_ids(spark: SparkSession) -> set[int]:
    """Return the same of a session."""
    return {execution.executionId() for execution in jvm_list(status_store(spark).executionsList())}


def count_text_scans(lake: Lake, before: set[int]) -> int:
    """Return how often Spark has read text files in queries that were not run `before`, by their plans."""
    graphs = [status_store(lake.spark).planGraph(execution) for execution in execution_ids(lake) - before]
    return sum(node.name().startswith("Scan text") for graph in graphs for node in jvm_list(graph.allNodes()))


def status_store(spark: SparkSession) -> Any:
    return cast(Any, spark)._jsparkSession.sharedState().statusStore()


def jvm_list(sequence: Any) -> list[Any]:
    return [sequence.apply(index) for index in range(sequence.size())]


def test_a_run_reads_the_source_once_on_a_day_without_bad_rows(aws: Clients, spark: SparkSession) -> None:
    read = []
    for warnings, region in ((False, "US-EAST"), (True, "US-EAST"), (True, "MARS")):
        lake = Lake(aws, spark)
        if warnings:
            make_warning(lake, "input", "trades.region.known")
            make_warning(lake, "output", "trades.quantity.range")
        lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region=region)))
        before = execution_ids(lake)
        assert lake.run().state == "SUCCEEDED"
        read.append(count_text_scans(lake, before))
    without, good, bad = read
    assert 1 == without == good < bad


def test_more_than_the_allowed_share_fails_the_run_and_keeps_nothing(lake: Lake) -> None:
    make_warning(lake, "input", "trades.region.known", 0.25)
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS"), sale_line(3)))
    verdict = lake.run()
    [result] = verdict.broken
    assert result.rule == "trades.structure.quarantined.input"
    assert result.samples == ("1 of 3 rows, allowed are 25%",)
    assert (lake.rows(), set_aside(lake), verdict.rows_quarantined) == ([], [], 0)


@pytest.mark.long
def test_a_duplicated_value_sets_aside_every_row_that_holds_it_and_mostly_only_where_it_fails(lake: Lake) -> None:
    key = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"]["max_quarantined"] = 1.0
    suite["expectations"] += [
        {
            "type": "expect_column_values_to_be_unique",
            "kwargs": {"column": "customer_id"},
            "severity": "warning",
            "meta": {"rule": "trades.customer_id.once", "why": "One sale a customer."},
        },
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "product_id", "value_set": ["PROD1"], "mostly": 0.5},
            "severity": "warning",
            "meta": {"rule": "trades.product_id.usual", "why": "Mostly the one."},
        },
    ]
    lake.put_key(key, json.dumps(suite).encode())
    lake.put_files(
        a__csv=csv_bytes(
            sale_line(1, customer="CUST7"),
            sale_line(2, customer="CUST7"),
            sale_line(3, customer="CUST8", product="PROD2"),
        )
    )
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 2), verdict.message
    assert [json.loads(row["source"])["transaction_id"] for row in set_aside(lake)] == ["TXN1", "TXN2"]
    assert [row["rules"] for row in set_aside(lake)] == [["trades.customer_id.once"]] * 2


@pytest.mark.long
def test_rows_of_a_run_that_never_published_are_removed_by_the_next(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS")))
    publish = Table.publish

    def dies_before_its_own(table: Table, *args: Any) -> None:
        if not table.name.endswith("_quarantine"):
            raise KeyboardInterrupt
        publish(table, *args)

    with monkeypatch.context() as dying:
        dying.setattr(Table, "publish", dies_before_its_own)
        dying.setattr(Table, "drop_branch", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            lake.run()
    assert len(set_aside(lake)) == 1
    assert read_head(lake.aws.glue, lake.aws.s3, f"lake.{lake.database}.trades").snapshot is None
    verdict = lake.run()
    assert verdict.rows_quarantined == 1, verdict.message
    assert [row["_run_id"] for row in set_aside(lake)] == [verdict.run_id]


def test_a_transform_that_drops_a_row_is_stopped(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from etl import datasets  # noqa: PLC0415

    true = datasets.transform_of("trades")
    monkeypatch.setattr(
        "etl.pipeline.transform_of", lambda _: lambda rows: true(rows).where("transaction_id <> 'TXN2'")
    )
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)))
    verdict = lake.run()
    assert "2 rows were read, 1 staged and 0 set aside" in verdict.message
    assert lake.rows() == []
