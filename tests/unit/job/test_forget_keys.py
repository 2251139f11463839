"""Keys to forget, and what is told of them: a fault by its line, and never by a value."""

import json
from datetime import UTC, datetime
from typing import Any, cast
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from etl.contract.loading import parse_contract
from etl.forget.errors import ForgetRefused
from etl.forget.keys import parse_keys
from etl.forget.records import _verdict_without, _without_evidence, _without_words
from etl.forget.report import BucketVersions, ForgetReport
from etl.forget.versions import describe_versions
from etl.ledger.ledger import Ledger
from etl.ledger.rewrites import Rewrite, recognize_rewrites
from etl.storage.raw_objects import RawObject, S3Prefix
from tests.lake import LAKE
from tests.lake.examples import suite_of

OUTPUT = parse_contract((LAKE / "expectations/trades/output.json").read_text(), "trades/output.json")
SECRET = "TXN777"


def trips() -> Any:
    return parse_contract(json.dumps(suite_of()), "trips/output.json")


def test_each_key_counts_once_and_a_blank_line_says_nothing() -> None:
    lines = [b'\xef\xbb\xbf{"transaction_id": "A"}', b"", b'{"transaction_id": "B"}', b'{"transaction_id": "A"}']
    assert parse_keys(lines, OUTPUT).lines == {("A",): 1, ("B",): 3}


def test_a_key_of_several_columns_is_taken_in_the_contracts_order() -> None:
    assert [*parse_keys([b'{"day": "2025-01-02", "city": "Bern"}'], trips()).lines] == [("Bern", "2025-01-02")]


@pytest.mark.parametrize(
    "line",
    [
        b'{"transaction_id": "TXN777"',
        b'["TXN777"]',
        b'{"transaction_id": "TXN777", "more": 1}',
        b'{"id": "TXN777"}',
        b'{"transaction_id": null}',
        b'{"transaction_id": ["TXN777"]}',
        b'{"transaction_id": NaN}',
        b"TXN777\xff",
    ],
)
def test_a_broken_line_is_refused_by_its_number_and_without_its_value(line: bytes) -> None:
    with pytest.raises(ForgetRefused, match="line 2") as refused:
        parse_keys([b'{"transaction_id": "A"}', line], OUTPUT)
    assert SECRET not in str(refused.value)


def test_a_value_is_written_as_its_column_is_published() -> None:
    with pytest.raises(ForgetRefused, match="for day no date"):
        parse_keys([b'{"day": "02.01.2025", "city": "Bern"}'], trips())


def test_a_file_without_a_key_and_a_dataset_without_one_are_refused() -> None:
    with pytest.raises(ForgetRefused, match="empty file"):
        parse_keys([b"", b" "], OUTPUT)
    keyless = mock.Mock(has_key=False, dataset="trips")
    with pytest.raises(ForgetRefused, match="sluice withdraw"):
        parse_keys([b"{}"], keyless)


def lister(*rules: dict[str, Any]) -> Any:
    """Return a bucket with an earlier version, and these lifecycle rules."""
    s3 = mock.Mock()
    s3.get_paginator.return_value.paginate.return_value = [
        {"Versions": [{"Key": "a/x", "VersionId": "1", "IsLatest": False}]}
    ]
    s3.get_bucket_lifecycle_configuration.return_value = {"Rules": list(rules)}
    if not rules:
        error = ClientError({"Error": {"Code": "NoSuchLifecycleConfiguration"}}, "GetBucketLifecycleConfiguration")
        s3.get_bucket_lifecycle_configuration.side_effect = error
    return s3


def rule(days: int, prefix: str = "", **more: Any) -> dict[str, Any]:
    expiration = {"NoncurrentDays": days, **more}
    return {"Status": "Enabled", "Filter": {"Prefix": prefix}, "NoncurrentVersionExpiration": expiration}


NOW = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rules", "day"),
    [
        ((rule(30),), "2026-03-03"),
        ((rule(30), rule(1, "a/")), "2026-02-02"),
        ((rule(30), rule(1, "b/")), "2026-03-03"),
        ((), None),
        ((rule(30, NewerNoncurrentVersions=2),), None),
        (({**rule(30), "Status": "Disabled"},), None),
    ],
)
def test_the_last_earlier_version_is_gone_at_the_midnight_after_the_rules_days(rules: Any, day: str | None) -> None:
    versions = describe_versions(lister(*rules), "b", ["a/"], NOW)
    assert (versions.remaining, versions.gone_on) == (1, day)


def test_the_report_says_the_latest_day_of_all_buckets_or_that_there_is_none() -> None:
    report = ForgetReport("trades", "jr_1", "forget", "now", keys=2, keys_matched=1)
    report.versions = [BucketVersions("a", gone_on="2026-02-01"), BucketVersions("b", gone_on="2026-03-01")]
    assert report.gone_on == "2026-03-01"
    assert "1 key not in the published table" in report.in_words
    report.versions.append(BucketVersions("c", gone_on=None))
    assert report.gone_on is None


def test_samples_go_and_what_they_stand_in_stays() -> None:
    result = {"rule": "r", "samples": [SECRET], "places": [None], "also": [None], "observed": SECRET, "unexpected": 1}
    assert _without_evidence(result) == {
        "rule": "r",
        "samples": [],
        "places": [],
        "also": [],
        "observed": None,
        "unexpected": 1,
    }
    verdict = {"dataset": "trades", "state": "FAILED", "message": SECRET, "rules": [result], "data_docs": "s3://x"}
    changed = _verdict_without(verdict)
    assert SECRET not in str(changed)
    assert (changed["data_docs"], changed["state"]) == (None, "FAILED")
    assert _verdict_without({**verdict, "state": "SUCCEEDED", "rules": []})["message"] == SECRET


def test_of_a_message_names_of_runs_stay() -> None:
    message = {"dataset": "trades", "send": True, "text": SECRET, "event": {"run": "jr_1", "samples": [SECRET]}}
    assert _without_words(message) == {
        "dataset": "trades",
        "send": True,
        "text": "forgotten",
        "event": {"run": "jr_1", "samples": ["forgotten"]},
    }


RAW = S3Prefix("raw", "trades/")


def stored(body: bytes) -> Any:
    s3 = mock.Mock()
    s3.get_object.return_value = {"Body": mock.Mock(iter_chunks=lambda _: iter([body]))}
    return s3


def test_an_expected_object_counts_as_the_version_that_it_replaced_and_no_other_does() -> None:
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # of the letter x
    rewrites = {"trades/a": Rewrite("v1", digest, 1, "2025-01-01T00:00:00+00:00")}
    listed = [RawObject("trades/a", "v2", 1, "2026-01-01T00:00:00+00:00"), RawObject("trades/b", "v1", 1)]
    recognized = recognize_rewrites(stored(b"x"), RAW, rewrites, listed)
    assert [entry.version for entry in recognized.as_known] == ["v1", "v1"]
    assert recognized.objects[0].modified == "2025-01-01T00:00:00+00:00"
    assert recognized.as_listed(recognized.as_known)[0].version == "v2"
    other = recognize_rewrites(stored(b"y"), RAW, rewrites, listed)
    assert [entry.version for entry in other.as_known] == ["v2", "v1"]


def test_a_settled_object_is_held_in_its_new_version_and_as_old_as_it_was() -> None:
    rewrite = Rewrite("v1", "d", 1, "2025-01-01T00:00:00+00:00")
    ledger = Ledger().with_objects([RawObject("trades/a", "v1", 9, rewrite.put), RawObject("trades/b", "v5", 9, "x")])
    ledger = ledger.with_rewrites({"trades/a": rewrite, "trades/b": rewrite})
    settled = {key: rewrite._replace(version="v2") for key in ledger.rewrites}
    after = ledger.with_settled(settled)
    assert after.held.select_held(["trades/a"])["trades/a"] == ("v2", rewrite.put, "")
    assert after.held.select_held(["trades/b"])["trades/b"].version == "v5"  # a correction came in between
    recognized = recognize_rewrites(cast(Any, None), RAW, after.rewrites, [RawObject("trades/a", "v2", 1, "2026")])
    assert recognized.objects[0].modified == rewrite.put
    assert "trades/a" not in after.with_objects([RawObject("trades/a", "v3")]).rewrites
