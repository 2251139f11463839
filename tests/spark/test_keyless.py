"""Rows without a key: events and exact duplicates are published, and a run works by object and row."""

import json
from typing import Any

import pytest

from tests.spark.lake import GOOD, Lake, csv_bytes
from tests.spark.test_quarantine import make_warning, sale_line


def declare_no_key(lake: Lake, **input_meta: Any) -> None:
    """Declare that no columns tell rows apart, and keys of the input's meta."""
    for stage in ("input", "output"):
        place = f"contracts/{stage}.json"
        suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
        suite["expectations"] = [rule for rule in suite["expectations"] if "unique" not in rule["type"]]
        suite["meta"] |= {"key": []} if stage == "output" else input_meta
        lake.put_key(place, json.dumps(suite).encode())


def published_ids(lake: Lake) -> list[str]:
    return [row["transaction_id"] for row in lake.rows()]


def test_rows_that_are_alike_are_all_published_and_an_object_put_again_replaces_its_own_alone(lake: Lake) -> None:
    declare_no_key(lake)
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD), b__csv=csv_bytes(GOOD, sale_line(2)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 4), verdict.message
    results = {result.rule: result.held for result in verdict.rules}
    assert results["trades.structure.copy"]
    assert published_ids(lake) == ["TXN001", "TXN001", "TXN001", "TXN2"]
    lake.put_files(a__csv=csv_bytes(GOOD), c__csv=csv_bytes(sale_line(2), sale_line(2)))
    verdict = lake.run()
    assert (verdict.state, verdict.corrected) == ("SUCCEEDED", ["trades/a.csv"]), verdict.message
    assert published_ids(lake) == ["TXN001", "TXN001", "TXN2", "TXN2", "TXN2"]
    assert lake.run(rerun=("trades/c.csv",)).state == "SUCCEEDED"
    assert published_ids(lake) == ["TXN001", "TXN001", "TXN2", "TXN2", "TXN2"]


@pytest.mark.long
def test_one_file_under_two_names_is_refused_until_copies_are_allowed(lake: Lake) -> None:
    declare_no_key(lake)
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert lake.run().state == "SUCCEEDED"
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="trades/a.csv")  # the ledger knows its bytes
    lake.put_files(b__csv=csv_bytes(GOOD), c__csv=csv_bytes(sale_line(3)))
    verdict = lake.run()
    [copy] = verdict.broken
    assert (copy.rule, copy.samples) == (
        "trades.structure.copy",
        ("trades/b.csv: the ETag and size of trades/a.csv",),
    )
    assert [(origin.object, origin.row) for origin in copy.places if origin] == [("trades/b.csv", None)]
    assert "sluice skip trades trades/b.csv" in verdict.message
    declare_no_key(lake, on_poison="isolate")
    assert (lake.run().state, published_ids(lake)) == ("FAILED", ["TXN001", "TXN3"])
    declare_no_key(lake, copies="allow")
    verdict = lake.run()
    assert "trades.structure.copy" not in {result.rule for result in verdict.rules}
    assert published_ids(lake) == ["TXN001", "TXN001", "TXN3"]


@pytest.mark.long
def test_rows_that_were_set_aside_are_replayed_once_each_though_they_are_alike(lake: Lake) -> None:
    declare_no_key(lake)
    make_warning(lake, "input", "trades.region.known")
    bad = sale_line(1, region="MARS")
    lake.put_files(a__csv=csv_bytes(GOOD, bad, bad))
    first = lake.run()
    assert (first.rows_published, first.rows_quarantined) == (1, 2)
    for stage in ("input", "output"):
        place = f"contracts/{stage}.json"
        suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
        [regions] = [
            rule["kwargs"] for rule in suite["expectations"] if "US-EAST" in rule["kwargs"].get("value_set", [])
        ]
        regions["value_set"].append("MARS")
        lake.put_key(place, json.dumps(suite).encode())
    replayed = lake.run(replay=first.run_id)
    assert (replayed.state, replayed.rows_published) == ("SUCCEEDED", 2), replayed.message
    assert published_ids(lake) == ["TXN001", "TXN1", "TXN1"]
    assert lake.run(replay=first.run_id).state == "FAILED"


def test_what_the_glob_does_not_take_blocks_nothing_and_stands_in_the_verdict(lake: Lake) -> None:
    place = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
    suite["meta"]["files"] = "*.csv"
    lake.put_key(place, json.dumps(suite).encode())
    lake.put_files(a__csv=csv_bytes(GOOD), README__txt=b"How to read it.")
    lake.put_key("trades/sub/manifest.json", b"{}")
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 1), verdict.message
    assert verdict.passed_over == ["trades/README.txt", "trades/sub/manifest.json"]
    expected = "2 objects passed over for _ or a dot before a name, or since *.csv does not take it: trades/README.txt"
    assert expected in verdict.message
