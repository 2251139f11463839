"""Whole days through the pipeline: what is published, what is not, and what the verdict says of it."""

import json
from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from etl import datasets
from etl.iceberg.current_snapshot import read_head
from etl.ledger import ledger
from etl.sources import preflight
from tests.spark.lake import GOOD, Lake, csv_bytes

OTHER = "TXN002,CUST101,PROD002,1,49.99,2025-02-15,US-WEST"


def branch_names(lake: Lake) -> list[str]:
    return [row.name for row in lake.spark.sql(f"SELECT name FROM lake.{lake.database}.trades.refs").collect()]


def test_a_good_day_is_published_with_totals_and_provenance(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD, OTHER))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 2, 2), verdict.message
    first, second = lake.rows()
    assert first["total_amount"] == Decimal("59.98")
    assert (first["_object"], first["_version"]) == ("trades/a.csv", verdict.objects[0].version)
    assert second["region"] == "US-WEST"
    assert {rule.state.value for rule in verdict.rules} == {"held", "not_evaluated"}
    assert {rule.stage for rule in verdict.rules} == {"structure", "input", "output"}


def test_the_table_is_declared_by_the_contract_and_laid_out_as_promised(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    lake.run()
    described = {
        row.col_name: row.data_type
        for row in lake.spark.sql(f"DESCRIBE EXTENDED lake.{lake.database}.trades").collect()
    }
    assert (described["quantity"], described["unit_price"], described["transaction_date"]) == (
        "int",
        "decimal(10,2)",
        "date",
    )
    assert (described["Part 0"], described["Part 1"]) == ("region", "months(transaction_date)")
    assert described["Location"] == f"s3://{lake.bucket}/parquet/trades"
    assert "format-version=2" in described["Table Properties"]
    assert "write.parquet.compression-codec=snappy" in described["Table Properties"]


def test_the_snapshot_says_which_run_contracts_code_and_ledger_made_it(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    verdict = lake.run()
    summary = read_head(lake.aws.glue, lake.aws.s3, f"lake.{lake.database}.trades").summary
    assert summary["sluice.run-id"] == verdict.run_id
    assert summary["sluice.contracts"] == "input 1.0.0, output 2.0.0"
    assert summary["sluice.code"] == "test"
    assert summary[ledger.POINTER].endswith(f"/ledger/trades/{verdict.run_id}.json")


def test_a_second_run_finds_nothing_unread_and_says_so(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    first = lake.run()
    second = lake.run()
    assert (second.state, second.nothing_unread, second.rows_read) == ("SUCCEEDED", True, 0)
    assert "nothing unread" in second.message
    assert second.snapshot_after == first.snapshot_after


@pytest.mark.long
def test_the_next_day_is_added_to_the_first(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    lake.run()
    lake.put_files(b__csv=csv_bytes(OTHER))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 1), verdict.message
    assert [row["transaction_id"] for row in lake.rows()] == ["TXN001", "TXN002"]


def test_a_bad_day_leaves_the_table_as_it_was_and_the_mended_file_is_taken(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    before = lake.run()
    lake.put_files(b__csv=csv_bytes(OTHER.replace(",1,", ",0,")))
    bad = lake.run()
    assert bad.state == "FAILED"
    assert bad.snapshot_after == before.snapshot_after
    assert branch_names(lake) == ["main"]
    for part in ("trades", "trades.quantity.range", "'0'", f"s3://{lake.bucket}/verdicts/{bad.run_id}.json"):
        assert part in bad.message
    assert "\n" not in bad.message
    lake.put_files(b__csv=csv_bytes(OTHER))
    assert lake.run().rows_published == 1
    assert len(lake.rows()) == 2


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("one file", marks=pytest.mark.long),
        pytest.param("several files", marks=pytest.mark.long),
        "the table",
    ],
)
def test_a_key_stands_once_in_a_run_and_in_the_table(lake: Lake, where: str) -> None:
    twice = GOOD.replace("US-EAST", "EU-WEST")
    if where == "one file":
        lake.put_files(a__csv=csv_bytes(GOOD, twice))
    elif where == "several files":
        lake.put_files(a__csv=csv_bytes(GOOD), b__csv=csv_bytes(twice, OTHER))
    else:
        lake.put_files(a__csv=csv_bytes(GOOD, OTHER))
        assert lake.run().state == "SUCCEEDED"
        lake.put_files(b__csv=csv_bytes(twice))
    [result] = lake.run().broken
    assert (result.rule, result.stage) == ("trades.transaction_id.unique", "output")
    expected = (("TXN001 is in trades/a.csv already",), 1) if where == "the table" else (("TXN001",), 2)
    assert (result.samples, result.unexpected) == expected


def test_a_transform_that_spoils_a_value_is_stopped_by_the_output_contract(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = datasets.transform_of("trades")
    monkeypatch.setattr(
        "etl.pipeline.transform_of",
        lambda _: lambda rows: true(rows).withColumn("total_amount", -F.col("total_amount")),
    )
    lake.put_files(a__csv=csv_bytes(GOOD))
    verdict = lake.run()
    [result] = verdict.broken
    assert (result.rule, result.stage, result.samples) == ("trades.total_amount.range", "output", ("-59.98",))
    assert lake.rows() == []
    assert branch_names(lake) == []


@pytest.mark.long
def test_an_object_that_changes_while_it_is_read_publishes_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    look = preflight.preflight_object

    def change_after(*args: object) -> preflight.FilePreflight:
        preflight = look(*args)  # pyright: ignore[reportArgumentType]
        lake.put_files(a__csv=csv_bytes(OTHER))
        return preflight

    monkeypatch.setattr(preflight, "preflight_object", change_after)
    verdict = lake.run()
    assert "trades/a.csv changed while being read" in verdict.message
    assert lake.rows() == []
    monkeypatch.undo()
    lake.run()
    assert [row["transaction_id"] for row in lake.rows()] == ["TXN002"]


def test_a_verdict_is_plain_json_with_the_violations_apart(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD.replace("US-EAST", "MARS")))
    payload = json.loads(json.dumps(lake.run().as_json()))
    [violation] = payload["violations"]
    assert violation["rule"] == "trades.region.known"
    assert (violation["stage"], violation["severity"], violation["unexpected"]) == ("input", "critical", 1)
    assert violation["samples"] == ["MARS"]
    assert len(payload["rules"]) > 10
