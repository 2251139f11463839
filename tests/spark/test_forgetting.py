"""Rows that somebody demands to be forgotten are nowhere in the lake after it, and everybody else's are where they were."""

import gzip
import json
from typing import Any

import pytest

from etl import reporting
from etl.contract.loading import parse_contract
from etl.iceberg.current_snapshot import read_head
from etl.ledger import skip_list
from etl.messages.run_facts import RunFacts
from etl.results.verdict import Verdict
from etl.results.verdict_file import parse_verdict
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients
from tests.lake.catalogue import CATEGORIES, catalogue_parquet
from tests.spark.forgetting import change_suite, forget, places_with, stored_versions
from tests.spark.lake import Lake, csv_bytes

ANNA, HIDDEN, ANNAS = "TXN777", "TXN778", ("TXN777", "TXN778", "CUST777")


def sale(number: str, customer: str = "CUST100", quantity: str = "2") -> str:
    return f"{number},{customer},PROD001,{quantity},29.99,2025-01-15,US-EAST"


HERS = sale(ANNA, "CUST777")


def let_odd_quantities_aside(suite: dict[str, Any]) -> None:
    for rule in suite["expectations"]:
        if rule["meta"]["rule"] == "trades.quantity.range":
            rule["severity"] = "warning"


def report_run(lake: Lake, order: JobArguments, verdict: Verdict) -> None:
    """Write what a run leaves in the assets bucket."""
    contracts = []
    for uri in (order.input_contract, order.output_contract):
        key = uri.removeprefix(f"s3://{lake.bucket}/")
        contracts.append(
            parse_contract(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read().decode(), uri)
        )
    head = read_head(lake.aws.glue, lake.aws.s3, order.table)
    reporting.publish_report(lake.aws, RunFacts(order, verdict, tuple(contracts), head, "eu-west-1", "", 0))


def run_and_report(lake: Lake) -> Verdict:
    order = lake.job_arguments()
    verdict = lake.run(run_id=order.run_id)
    report_run(lake, order, verdict)
    return verdict


@pytest.fixture(scope="module")
def lived(aws: Clients, spark: Any) -> Lake:
    """A lake that has her in every place that it can."""
    lake = Lake(aws, spark)
    change_suite(lake, "output", let_odd_quantities_aside)
    lake.put_files(first__csv=csv_bytes(sale("TXN001"), HERS, sale("TXN002"), end="\r\n"))
    lake.put_files(packed__csv__gz=gzip.compress(csv_bytes(sale("TXN003"), sale(HIDDEN, "CUST777", "2000"))))
    lake.put_files(corrected__csv=csv_bytes(sale("TXN004"), sale(ANNA, "CUST777")))
    lake.put_files(corrected__csv=csv_bytes(sale("TXN004")))
    published = run_and_report(lake)
    assert (published.rows_published, published.rows_quarantined) == (5, 1), published.message
    lake.put_files(broken__csv=csv_bytes(sale("TXN005"), f"{HERS},more"))
    lake.put_files(stranger__csv=csv_bytes(f"1,{ANNA},x", header="a,b,c"))
    assert run_and_report(lake).state.is_failure
    lake.put_key("athena/answer.csv", HERS.encode())
    lake.put_key("trades/_notes.txt", f"ask {ANNA} again\nor not\n".encode())
    return lake


@pytest.fixture(scope="module")
def forgotten(lived: Lake) -> dict[str, Any]:
    """The report of forgetting her at once; the lake is read to its last byte before it and after it."""
    assert {"trades/first.csv", "trades/packed.csv.gz", "trades/corrected.csv"} <= places_with(lived, *ANNAS).keys()
    keys = ({"transaction_id": name} for name in (ANNA, HIDDEN, "NOBODY"))
    report = forget(lived, *keys, now=True)
    assert report["state"] == "SUCCEEDED", report
    return report


def test_she_is_in_no_byte_of_any_version(lived: Lake, forgotten: dict[str, Any]) -> None:
    assert places_with(lived, *ANNAS) == {}
    assert (forgotten["state"], forgotten["keys"], forgotten["keys_matched"]) == ("SUCCEEDED", 3, 1)
    assert not any(text in str(forgotten) for text in ANNAS)


def test_everybody_elses_rows_are_where_they_were_byte_for_byte(lived: Lake, forgotten: dict[str, Any]) -> None:
    latest = {key: body for key, is_latest, body in stored_versions(lived) if is_latest}
    assert latest["trades/first.csv"] == csv_bytes(sale("TXN001"), sale("TXN002"), end="\r\n")
    assert gzip.decompress(latest["trades/packed.csv.gz"]) == csv_bytes(sale("TXN003"))
    assert latest["trades/broken.csv"] == csv_bytes(sale("TXN005"))
    assert latest["trades/_notes.txt"] == b"or not\n"
    assert "trades/stranger.csv" in latest
    assert [row["transaction_id"] for row in lived.rows()] == ["TXN001", "TXN002", "TXN003", "TXN004"]
    assert {entry["key"]: entry["rows"] for entry in forgotten["objects"]} == {
        "trades/_notes.txt": 1,
        "trades/broken.csv": 1,
        "trades/first.csv": 1,
        "trades/packed.csv.gz": 1,
        "trades/stranger.csv": 1,
    }


def test_what_runs_said_stays_valid_without_samples(lived: Lake, forgotten: dict[str, Any]) -> None:
    verdicts = [json.loads(body) for key, is_latest, body in stored_versions(lived) if is_latest and "verdicts/" in key]
    assert verdicts
    assert all(not result.samples for verdict in verdicts for result in parse_verdict(verdict).rules)
    assert not [key for key, _, _ in stored_versions(lived) if key.startswith(("docs/", "athena/", "forget/f1.jsonl"))]


def test_the_next_run_takes_what_was_written_anew_for_what_it_was(lived: Lake, forgotten: dict[str, Any]) -> None:
    recorded = skip_list.read_skip_list(lived.aws.s3, lived.job_arguments().location)
    [stranger] = [body for key, is_latest, body in stored_versions(lived) if is_latest and "stranger" in key]
    assert stranger == b"a,b,c\n"
    lived.aws.s3.delete_object(Bucket=lived.bucket, Key="trades/stranger.csv")
    verdict = lived.run()
    assert ([version.key for version in verdict.objects], verdict.corrected) == (["trades/broken.csv"], [])
    assert verdict.rows_published == 1
    assert recorded.skipped == ()


@pytest.mark.long
def test_of_a_parquet_file_the_other_rows_stay_and_no_run_reads_them_again(aws: Clients, spark: Any) -> None:
    lake = Lake(aws, spark, "goods")
    lake.put_files(goods__parquet=catalogue_parquet())
    assert lake.run().rows_published == len(CATEGORIES)
    report = forget(lake, {"product_id": "PROD003"}, now=True)
    assert (report["state"], [entry["rows"] for entry in report["objects"]]) == ("SUCCEEDED", [1]), report
    assert places_with(lake, "PROD003") == {}
    verdict = lake.run()
    assert (verdict.nothing_unread, verdict.corrected) == (True, [])
    assert [row["product_id"] for row in lake.rows()] == ["PROD001", "PROD002", "PROD004"]
