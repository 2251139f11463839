"""A forgetting that dies at any step leaves a lake in which runs go on; the same keys started again take up the rest."""

from typing import Any
from unittest import mock

import pytest

from etl.forget.forget_run import Forgetting
from etl.forget.published_rows import PublishedRows
from etl.forget.raw_rewrite import RawRewrite
from etl.forget.records import Records
from etl.forget.tables import ForgettingTable
from etl.ledger import skip_list
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import S3Prefix, list_all_latest
from tests.spark.forgetting import forget, places_with
from tests.spark.lake import Lake, csv_bytes

pytestmark = pytest.mark.long

GONE = "TXN777"
STEPS: dict[str, tuple[Any, str]] = {
    "before the commit": (PublishedRows, "delete"),
    "before the put": (RawRewrite, "put"),
    "before the ledger has the versions": (PublishedRows, "settle"),
    "before history expires": (Forgetting, "_expire_history"),
    "while history expires": (ForgettingTable, "expire_history"),
    "before words go": (Records, "forget_rows"),
    "before versions go": (Forgetting, "_account_for_versions"),
    "before the keys go": (Forgetting, "_finish"),
}


class Killed(BaseException):
    """The job was killed."""


def sale(number: str, price: str = "29.99") -> str:
    return f"{number},CUST100,PROD001,2,{price},2025-01-15,US-EAST"


def forget_until(lake: Lake, step: str) -> None:
    """Forget, until the job is killed at a step."""
    owner, name = STEPS[step]
    with mock.patch.object(owner, name, side_effect=Killed), pytest.raises(Killed):
        forget(lake, {"transaction_id": GONE}, now=True)


def test_runs_go_on_wherever_it_dies_and_the_rest_is_taken_up(lake: Lake) -> None:
    lake.put_files(first__csv=csv_bytes(sale("TXN001"), sale(GONE)), skipped__csv=csv_bytes(sale("TXN009"), sale(GONE)))
    [skipped] = [
        entry for entry in list_all_latest(lake.aws.s3, S3Prefix(lake.bucket, "trades/")) if "skip" in entry.key
    ]
    location = lake.job_arguments().location
    skip = Skip(skipped.key, skipped.version, "twice", "ada", "2026-01-31T00:00:00+00:00")
    skip_list.write_skip_list(lake.aws.s3, location, [skip], None)
    assert lake.run().rows_published == 2
    for step in STEPS:
        forget_until(lake, step)
        verdict = lake.run()
        assert (verdict.nothing_unread, verdict.corrected) == (True, []), step
        rows = {row["transaction_id"] for row in lake.rows()}
        assert rows == ({"TXN001", GONE} if step == "before the commit" else {"TXN001"}), step
    assert forget(lake, now=True)["state"] == "SUCCEEDED"
    assert places_with(lake, GONE) == {}
    lake.put_files(next__csv=csv_bytes(sale("TXN002")))
    verdict = lake.run()
    assert ([version.key for version in verdict.objects], verdict.corrected) == (["trades/next.csv"], [])
    assert [entry.key for entry in verdict.skipped] == ["trades/skipped.csv"]


def test_what_somebody_puts_meanwhile_is_a_correction_as_ever(lake: Lake) -> None:
    lake.put_files(first__csv=csv_bytes(sale("TXN001"), sale(GONE)))
    assert lake.run().rows_published == 2
    forget_until(lake, "before the put")
    lake.put_files(first__csv=csv_bytes(sale("TXN001", "30.00"), sale(GONE)))
    verdict = lake.run()
    assert verdict.corrected == ["trades/first.csv"]
    report = forget(lake, now=False)
    assert report["state"] == "INCOMPLETE"  # the bucket of the tests has no lifecycle
    assert [left["place"] for left in report["left"]] == [f"s3://{lake.bucket}"]
    assert all(places == {False} for key, places in places_with(lake, GONE).items() if not key.startswith("forget/"))
    lake.aws.s3.put_bucket_lifecycle_configuration(Bucket=lake.bucket, LifecycleConfiguration=LIFECYCLE)
    report = forget(lake, now=False)
    assert (report["state"], report["keys_matched"]) == ("SUCCEEDED", 0)
    [versions] = report["versions"]
    assert versions["remaining"]
    assert versions["gone_on"] > report["started"][:10]
    assert {row["transaction_id"] for row in lake.rows()} == {"TXN001"}


LIFECYCLE: Any = {
    "Rules": [
        {
            "ID": "replaced",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        }
    ]
}
