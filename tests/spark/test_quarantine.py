"""Rows that break a warning are set aside with what they broke; the rest is published, and nothing is lost."""

import json
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from etl.iceberg.current_snapshot import head
from etl.iceberg.table import Table
from etl.storage.clients import Clients
from tests.spark.lake import Lake, day
from tests.spark.readers import QUERIES, ask


def sale(number: int, **changes: str) -> str:
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


def amend(lake: Lake, stage: str, rule: str, share: float = 1.0, **kwargs: Any) -> None:
    """Make one rule of the lake's contract a warning."""
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    [found] = [one for one in suite["expectations"] if one["meta"]["rule"] == rule]
    found["severity"] = "warning"
    found["kwargs"] |= kwargs
    suite["meta"]["max_quarantined"] = share
    lake.put_key(key, json.dumps(suite).encode())


def set_aside(lake: Lake) -> list[dict[str, Any]]:
    rows = lake.spark.sql(f"SELECT * FROM lake.{lake.database}.sales_quarantine ORDER BY source").collect()
    return [row.asDict() for row in rows]


@pytest.mark.parametrize(
    ("stage", "rule", "bad"),
    [("input", "sales.region.known", {"region": "MARS"}), ("output", "sales.quantity.range", {"quantity": "0"})],
)
def test_rows_that_break_a_warning_are_set_aside_with_their_source(
    lake: Lake, stage: str, rule: str, bad: dict[str, str]
) -> None:
    amend(lake, stage, rule)
    if stage == "output":
        amend(lake, "output", "sales.total_amount.range")
    lake.put(a__csv=day(sale(1), sale(2, **bad), sale(3), sale(4, **bad)))
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
    assert (first["object"], first["_run_id"]) == ("sales/a.csv", verdict.run_id)
    told = [(one["run"], one["rule"], one["row_count"]) for one in ask(lake, QUERIES["sales-aside"])]
    assert (verdict.run_id, rule, 2) in told
    [found] = [one for one in verdict.rules if one.rule == rule]
    assert (found.held, found.severity, found.unexpected) == (False, "warning", 2)
    assert found.samples == (next(iter(bad.values())),)


def test_a_day_without_bad_rows_makes_no_quarantine(lake: Lake) -> None:
    amend(lake, "input", "sales.region.known")
    lake.put(a__csv=day(sale(1)))
    assert lake.run().rows_quarantined == 0
    assert not lake.spark.catalog.tableExists(f"lake.{lake.database}.sales_quarantine")


def executions(lake: Lake) -> set[int]:
    """Return the ids of the queries that Spark remembers having run; it forgets the oldest."""
    return queries(lake.spark)


def queries(spark: SparkSession) -> set[int]:
    """Return the same of a session."""
    return {one.executionId() for one in listed(status_store(spark).executionsList())}


def scans(lake: Lake, before: set[int]) -> int:
    """Return how often Spark has read text files in queries that were not run `before`, by their plans."""
    graphs = [status_store(lake.spark).planGraph(one) for one in executions(lake) - before]
    return sum(node.name().startswith("Scan text") for graph in graphs for node in listed(graph.allNodes()))


def status_store(spark: SparkSession) -> Any:
    return cast(Any, spark)._jsparkSession.sharedState().statusStore()


def listed(found: Any) -> list[Any]:
    return [found.apply(at) for at in range(found.size())]


def test_a_run_reads_the_source_once_on_a_day_without_bad_rows(aws: Clients, spark: SparkSession) -> None:
    read = []
    for warnings, region in ((False, "US-EAST"), (True, "US-EAST"), (True, "MARS")):
        lake = Lake(aws, spark)
        if warnings:
            amend(lake, "input", "sales.region.known")
            amend(lake, "output", "sales.quantity.range")
        lake.put(a__csv=day(sale(1), sale(2, region=region)))
        before = executions(lake)
        assert lake.run().state == "SUCCEEDED"
        read.append(scans(lake, before))
    without, good, bad = read
    assert 1 == without == good < bad


def test_more_than_the_allowed_share_fails_the_run_and_keeps_nothing(lake: Lake) -> None:
    amend(lake, "input", "sales.region.known", 0.25)
    lake.put(a__csv=day(sale(1), sale(2, region="MARS"), sale(3)))
    verdict = lake.run()
    [found] = verdict.broken
    assert found.rule == "sales.structure.quarantined.input"
    assert found.samples == ("1 of 3 rows, allowed are 25%",)
    assert (lake.rows(), set_aside(lake), verdict.rows_quarantined) == ([], [], 0)


def test_a_duplicated_value_sets_aside_every_row_that_holds_it_and_mostly_only_where_it_fails(lake: Lake) -> None:
    key = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"]["max_quarantined"] = 1.0
    suite["expectations"] += [
        {
            "type": "expect_column_values_to_be_unique",
            "kwargs": {"column": "customer_id"},
            "severity": "warning",
            "meta": {"rule": "sales.customer_id.once", "why": "One sale a customer."},
        },
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "product_id", "value_set": ["PROD1"], "mostly": 0.5},
            "severity": "warning",
            "meta": {"rule": "sales.product_id.usual", "why": "Mostly the one."},
        },
    ]
    lake.put_key(key, json.dumps(suite).encode())
    lake.put(
        a__csv=day(sale(1, customer="CUST7"), sale(2, customer="CUST7"), sale(3, customer="CUST8", product="PROD2"))
    )
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 2), verdict.message
    assert [json.loads(row["source"])["transaction_id"] for row in set_aside(lake)] == ["TXN1", "TXN2"]
    assert [row["rules"] for row in set_aside(lake)] == [["sales.customer_id.once"]] * 2


@pytest.mark.long
def test_rows_of_a_run_that_never_published_are_removed_by_the_next(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    amend(lake, "input", "sales.region.known")
    lake.put(a__csv=day(sale(1), sale(2, region="MARS")))
    publish = Table.publish

    def dies_before_its_own(table: Table, *rest: Any) -> None:
        if not table.name.endswith("_quarantine"):
            raise KeyboardInterrupt
        publish(table, *rest)

    with monkeypatch.context() as dying:
        dying.setattr(Table, "publish", dies_before_its_own)
        dying.setattr(Table, "drop", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            lake.run()
    assert len(set_aside(lake)) == 1
    assert head(lake.aws.glue, lake.aws.s3, f"lake.{lake.database}.sales").snapshot is None
    verdict = lake.run()
    assert verdict.rows_quarantined == 1, verdict.message
    assert [row["_run_id"] for row in set_aside(lake)] == [verdict.run_id]


def test_a_transform_that_drops_a_row_is_stopped(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from etl import datasets  # noqa: PLC0415

    true = datasets.transform_of("sales")
    monkeypatch.setattr(
        "etl.pipeline.transform_of", lambda _: lambda rows: true(rows).where("transaction_id <> 'TXN2'")
    )
    lake.put(a__csv=day(sale(1), sale(2)))
    verdict = lake.run()
    assert "2 rows were read, 1 staged and 0 set aside" in verdict.message
    assert lake.rows() == []
