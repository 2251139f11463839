"""What was read is looked at once more before it is published: few objects by a request each, many by a listing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from etl.errors import ObjectChanged
from etl.sources.new_objects import Arrival
from etl.storage.raw_objects import PAGE, Listing, RawObject, S3Prefix

A, B = RawObject("trades/a.csv", "v1"), RawObject("trades/b.csv", "null")
HELD = [RawObject(f"trades/{number:04}.csv", "v1") for number in range(PAGE)]
THEN = datetime(2026, 1, 31, tzinfo=UTC)
CONTRACT = SimpleNamespace(arrivals=(), dataset="trades", files="")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def arrival(stub: Stubber, unread: list[RawObject], held: list[RawObject] = HELD) -> Arrival:
    order: Any = SimpleNamespace(raw=S3Prefix("raw", "trades/"), dataset="trades")
    aws: Any = SimpleNamespace(s3=stub.client)
    contract: Any = CONTRACT
    return Arrival(order, aws, contract, lambda _: None, unread, listed=Listing(sorted([*held, *unread])))


def add_listing(stub: Stubber, *objects: RawObject) -> None:
    versions = [
        {
            "Key": entry.key,
            "VersionId": entry.version,
            "Size": 1,
            "IsLatest": True,
            "LastModified": THEN,
        }
        for entry in objects
    ]
    stub.add_response("list_object_versions", {"Versions": versions}, {"Bucket": "raw", "Prefix": "trades/"})


def add_head(stub: Stubber, raw_object: RawObject) -> None:
    stub.add_response(
        "head_object",
        {} if raw_object.version == "null" else {"VersionId": raw_object.version},
        {"Bucket": "raw", "Key": raw_object.key},
    )


def test_few_objects_of_many_are_asked_for_one_by_one(stub: Stubber) -> None:
    add_head(stub, A)
    add_head(stub, B)
    arrival(stub, [A, B]).assert_unchanged()


def test_of_more_objects_than_a_listing_has_pages_it_is_the_listing_that_tells(stub: Stubber) -> None:
    add_listing(stub, A, B)
    arrival(stub, [A, B], held=[]).assert_unchanged()


def test_an_object_that_is_another_version_by_now_is_told_by_its_key(stub: Stubber) -> None:
    add_head(stub, RawObject(A.key, "v2"))
    add_listing(stub, RawObject(A.key, "v2"))
    with pytest.raises(ObjectChanged, match=r"trades/a\.csv changed while being read, nothing was published"):
        arrival(stub, [A]).assert_unchanged()


@pytest.mark.parametrize(("code", "status"), [("404", 404), ("403", 403)])
def test_an_object_that_is_gone_is_told_by_its_key(stub: Stubber, code: str, status: int) -> None:
    stub.add_client_error("head_object", code, http_status_code=status)
    add_listing(stub, B)
    with pytest.raises(ObjectChanged, match=r"trades/a\.csv changed"):
        arrival(stub, [A]).assert_unchanged()
