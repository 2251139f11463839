"""A day waits for its manifest and for what that names, goes as one, and is published only where it is what that says."""

import hashlib
import json
from typing import Any

import pytest

from etl.ledger import skip_list
from etl.ledger.skip_list import Skip
from etl.results.verdict import Verdict
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_quarantine import make_warning, sale_line

RULE = "trades.structure.manifest"


def declare_arrivals(lake: Lake, **meta: Any) -> None:
    place = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
    suite["meta"] |= {"arrivals": [{"pattern": "*.csv", "manifest": "*.manifest.json"}], **meta}
    lake.put_key(place, json.dumps(suite).encode())


def put_manifest(lake: Lake, name: str, *entries: Any) -> None:
    lake.put_key(f"trades/{name}.manifest.json", json.dumps({"files": [*entries]}).encode())


def skip_latest(lake: Lake, *keys: str) -> None:
    location = lake.job_arguments().location
    recorded = skip_list.read_skip_list(lake.aws.s3, location)
    versions = {key: lake.aws.s3.head_object(Bucket=lake.bucket, Key=key)["VersionId"] for key in keys}
    skips = [Skip(key, version, "wrong", "me", "now") for key, version in versions.items()]
    skip_list.write_skip_list(lake.aws.s3, location, [*recorded.skipped, *skips], recorded.etag)


def published_ids(lake: Lake) -> list[str]:
    return [row["transaction_id"] for row in lake.rows()]


def waiting_keys(verdict: Verdict) -> list[str]:
    return [key for group in verdict.waiting for key in group.keys]


def test_a_day_waits_for_its_manifest_and_its_rows_are_counted_with_those_aside(lake: Lake) -> None:
    declare_arrivals(lake)
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__csv=csv_bytes(sale_line(1)), b__csv=csv_bytes(sale_line(2), sale_line(3, region="MARS")))
    verdict = lake.run()
    assert (verdict.state, verdict.nothing_unread, verdict.rules) == ("SUCCEEDED", True, [])
    assert verdict.message.endswith(
        "; 2 objects wait: trades/a.csv, trades/b.csv wait for a manifest *.manifest.json"
    ), verdict.message
    put_manifest(lake, "day", {"name": "a.csv", "rows": 1}, {"name": "b.csv", "rows": 3})
    verdict = lake.run()
    [broken] = verdict.broken
    assert (broken.rule, broken.samples) == (RULE, ("trades/b.csv: trades/day.manifest.json says 3 rows, it has 2",))
    assert "sluice skip trades trades/b.csv" in verdict.message
    put_manifest(lake, "day", {"name": "a.csv", "rows": 1}, {"name": "b.csv", "rows": 2})
    lake.put_files(c__csv=csv_bytes(sale_line(4)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_quarantined, waiting_keys(verdict)) == ("SUCCEEDED", 1, ["trades/c.csv"])
    assert [result.state for result in verdict.rules if result.rule == RULE] == ["held"]
    assert [manifest.key for manifest in verdict.manifests] == ["trades/day.manifest.json"]
    assert (published_ids(lake), verdict.objects_passed_over) == (["TXN1", "TXN2"], 0)


@pytest.mark.long
def test_of_isolated_parts_that_of_a_wrong_manifest_stays_whole_and_a_skip_of_it_lets_its_files_go(lake: Lake) -> None:
    declare_arrivals(lake, on_poison="isolate")
    files = {f"{name}__csv": csv_bytes(sale_line(number)) for number, name in enumerate("abcd", 1)}
    lake.put_files(**files)
    digest = hashlib.sha256(files["c__csv"]).hexdigest()
    put_manifest(lake, "good", {"name": "a.csv", "rows": 1}, {"name": "c.csv", "sha256": digest})
    put_manifest(lake, "wrong", "b.csv", {"name": "d.csv", "sha256": digest})
    lake.put_key("trades/none.manifest.json", b'{"files":')
    verdict = lake.run()
    assert verdict.state == "FAILED"
    assert published_ids(lake) == ["TXN1", "TXN3"]
    [broken] = verdict.broken
    assert (broken.rule, broken.unexpected, len(broken.samples)) == (RULE, 2, 2)
    assert verdict.message.startswith(
        f"trades: verdict s3://{lake.bucket}/verdicts/{verdict.run_id}.json: trades/b.csv, trades/d.csv, "
        "trades/none.manifest.json broke the contract and stay unread, 2 rows of 2 other objects were published"
    ), verdict.message
    assert "sluice skip trades trades/none.manifest.json" in verdict.message
    skip_latest(lake, "trades/wrong.manifest.json", "trades/none.manifest.json")
    verdict = lake.run()
    assert (verdict.state, published_ids(lake)) == ("SUCCEEDED", ["TXN1", "TXN2", "TXN3", "TXN4"]), verdict.message
    assert [skip.key for skip in verdict.skipped] == ["trades/none.manifest.json", "trades/wrong.manifest.json"]


def test_a_file_that_is_no_manifest_is_told_of_though_nothing_may_be_read(lake: Lake) -> None:
    declare_arrivals(lake)
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    lake.put_key("trades/day.manifest.json", b"")
    verdict = lake.run()
    [broken] = verdict.broken
    assert (broken.rule, waiting_keys(verdict), verdict.nothing_unread) == (RULE, ["trades/a.csv"], False)
    assert broken.samples == (
        "trades/day.manifest.json is no manifest: it is empty, and a json file says what is there",
    )


def test_what_is_read_again_waits_for_nothing_and_is_held_against_its_manifest(lake: Lake) -> None:
    declare_arrivals(lake)
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    put_manifest(lake, "day", {"name": "a.csv", "size": 9}, "never.csv")
    assert waiting_keys(lake.run()) == ["trades/a.csv"]
    verdict = lake.run(rerun=("trades/a.csv",))
    [broken] = verdict.broken
    assert (broken.rule, verdict.waiting) == (RULE, [])
    assert broken.samples == ("trades/a.csv: trades/day.manifest.json says 9 bytes, it has 125",)
