"""Times in AWS's answers: the job's clients read them as botocore does, and those of a listing at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import utils

from bench.memory_store import listing_client
from etl.storage import aws_session
from etl.storage.raw_objects import RawObject, S3Prefix, list_latest

THEN = datetime(2026, 1, 31, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-01-31T06:00:00.000Z", "2026-01-31T06:00:00Z", "Sat, 31 Jan 2026 06:00:00 GMT", THEN.timestamp()]
)
def test_a_time_is_what_botocore_takes_it_for(text: Any) -> None:
    assert aws_session.read_time(text) == utils.parse_timestamp(text) == THEN


@pytest.mark.parametrize("text", ["yesterday", "TZ", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused_as_botocore_does(text: str) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        aws_session.read_time(text)


def test_a_listing_of_very_many_objects_is_read_without_botocores_own_reading_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = [
        RawObject(f"orders/{number:05}.csv", f"v{number}", 9, "2025-01-01T00:00:00+00:00") for number in range(2500)
    ]
    read: list[object] = []
    monkeypatch.setattr(aws_session, "parse_timestamp", read.append)
    assert list_latest(listing_client(stored), S3Prefix("raw", "orders/")) == stored
    assert read == []
