"""The machine's clock, held against S3's in its first answer.

A commit bears the machine's time, and Iceberg refuses one that is a minute older than the last (`TableMetadata`): after a
publish by a clock that is ahead every run would fail until that time has come. And the day of a run is by default the clock's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from botocore.client import BaseClient

from etl.errors import ClockWrong

Client = TypeVar("Client", bound=BaseClient)
MAX_CLOCK_SKEW = timedelta(seconds=60)


def guard_clock(client: Client) -> Client:
    """Let a client refuse the first answer that shows a wrong clock; return the client."""
    events = client.meta.events

    def check_first_response(parsed: Mapping[str, Any], **_: Any) -> None:
        date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if date:
            events.unregister(
                "after-call", check_first_response
            )  # what comes after, the verdict too, is told all the same
            assert_clock_agrees(parsedate_to_datetime(date), datetime.now(UTC))

    events.register("after-call", check_first_response)
    return client


def assert_clock_agrees(service_time: datetime, machine_time: datetime) -> None:
    """Hold the machine's time against the service's.

    Raises:
        ClockWrong: they are more than a minute apart.
    """
    skew = machine_time - service_time
    if abs(skew) > MAX_CLOCK_SKEW:
        direction = "ahead of" if skew > timedelta(0) else "behind"
        raise ClockWrong(
            f"the machine's clock is {abs(skew).total_seconds():.0f} s {direction} S3's "
            f"({service_time.isoformat()}): nothing was "
            "published, since Iceberg refuses commits that are older than the last; set the clock, or run again on another "
            "machine"
        )
