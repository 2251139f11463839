"""The meter that the bookkeeping's seconds come from."""

from bench.meter import Meter, metering
from etl.gate import key_conflicts
from etl.iceberg import current_snapshot
from etl.sources import new_objects
from etl.storage import raw_objects


def test_what_a_counted_function_calls_counts_once_and_a_listing_apart(monkeypatch):
    clock = iter([0.0, 1.0, 1.5, 5.0, 6.0, 10.0])
    monkeypatch.setattr("bench.meter.time.monotonic", lambda: next(clock))
    meter = Meter()
    inner = meter.timed(lambda: None, "bookkeeping")
    listing = meter.timed(lambda: None, "listing")
    meter.timed(lambda: (inner(), listing()), "bookkeeping")()
    assert dict(meter.seconds) == {"listing": 1.0, "bookkeeping": 9.0}


def test_every_module_that_imported_a_function_is_counted_and_left_as_it_was():
    before = raw_objects.latest, new_objects.latest, current_snapshot.head
    looks = key_conflicts.refused, key_conflicts.settled
    with metering() as meter:
        assert raw_objects.latest is not before[0]
        assert new_objects.latest is not before[1]
        assert current_snapshot.head is not before[2]
        assert looks[0] is not key_conflicts.refused
        assert looks[1] is not key_conflicts.settled
        new_objects.latest(_Nothing(), raw_objects.Place("bucket", "prefix"))
    assert set(meter.seconds) == {"listing"}
    assert (raw_objects.latest, new_objects.latest, current_snapshot.head) == before
    assert (key_conflicts.refused, key_conflicts.settled) == looks


class _Nothing:
    def get_paginator(self, _name: str) -> "_Nothing":
        return self

    def paginate(self, **_where: str) -> list[dict[str, str]]:
        return []
