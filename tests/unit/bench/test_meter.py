"""The meter that the bookkeeping's seconds come from."""

from bench.meter import Meter, metering_calls
from etl.gate import key_conflicts
from etl.iceberg import current_snapshot
from etl.sources import new_objects
from etl.storage import raw_objects


def test_what_a_counted_function_calls_counts_once_and_a_listing_apart(monkeypatch):
    clock = iter([0.0, 1.0, 1.5, 5.0, 6.0, 10.0])
    monkeypatch.setattr("bench.meter.time.monotonic", lambda: next(clock))
    meter = Meter()
    inner = meter.time_function(lambda: None, "bookkeeping")
    listing = meter.time_function(lambda: None, "listing")
    meter.time_function(lambda: (inner(), listing()), "bookkeeping")()
    assert dict(meter.seconds) == {"listing": 1.0, "bookkeeping": 9.0}


def test_every_module_that_imported_a_function_is_counted_and_left_as_it_was():
    before = raw_objects.list_latest, new_objects.list_latest, current_snapshot.read_head
    looks = key_conflicts.judge_earlier_keys, key_conflicts.resolve_conflicts
    with metering_calls() as meter:
        assert raw_objects.list_latest is not before[0]
        assert new_objects.list_latest is not before[1]
        assert current_snapshot.read_head is not before[2]
        assert looks[0] is not key_conflicts.judge_earlier_keys
        assert looks[1] is not key_conflicts.resolve_conflicts
        new_objects.list_latest(_EmptyClient(), raw_objects.S3Prefix("bucket", "prefix"))
    assert set(meter.seconds) == {"listing"}
    assert (raw_objects.list_latest, new_objects.list_latest, current_snapshot.read_head) == before
    assert (key_conflicts.judge_earlier_keys, key_conflicts.resolve_conflicts) == looks


class _EmptyClient:
    def get_paginator(self, _name: str) -> "_EmptyClient":
        return self

    def paginate(self, **_where: str) -> list[dict[str, str]]:
        return []
