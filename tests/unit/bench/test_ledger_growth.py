"""The ledger beside many objects and over many runs, as `make bench-objects` and `make bench-runs` measure them."""

import pytest

from bench import hourly_runs, ledger_objects
from bench.hourly_runs import MAINTENANCE_HOURS, SNAPSHOT_DAYS
from bench.memory_store import MemoryStore

WEEKS = 4


def test_each_call_is_measured_beside_as_many_objects_as_are_asked_for_and_the_last_column_is_reckoned() -> None:
    figures = {number: ledger_objects.measure(number) for number in (500, 2000)}
    assert figures[2000]["1 new: GET"] == figures[500]["1 new: GET"] == 2
    assert figures[2000]["ledger, MB"] > 3 * figures[500]["ledger, MB"]
    table = ledger_objects.render_table(figures).splitlines()
    assert table[0] == "|  | 500 | 2,000 | 20,000, reckoned |"
    assert table[2] == "| LIST requests of a run with 1 new | 1 | 2 | 20 |"
    assert [ledger_objects.requests_of_listings(5000, new) for new in (0, 6, 7)] == [5, 5, 10]


def test_maintenance_keeps_the_days_of_its_option_and_a_week_and_what_it_removed_is_counted_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hourly_runs, "NEW", 1)
    runs = WEEKS * MAINTENANCE_HOURS
    samples, unmaintained = hourly_runs.measure(runs, corrects=False)
    kept = samples[runs].snapshots
    assert SNAPSHOT_DAYS * 24 < kept <= (SNAPSHOT_DAYS + 7) * 24 + 1
    assert (unmaintained.snapshots, unmaintained.ledger_files) == (runs, 2 * runs)
    assert samples[runs].ledger_files < unmaintained.ledger_files
    assert samples[runs].metadata < unmaintained.metadata


def test_runs_that_set_rows_aside_and_correct_a_days_object_each_hour_leave_an_index_that_grows_with_them_and_no_faster() -> (
    None
):
    few, many = (hourly_runs.measure(runs, corrects=True)[0][runs] for runs in (100, 400))
    assert few.corrected == 100 - 5  # the first run of each day finds an object that is new
    assert many.corrected == 400 - 17
    assert many.index < 5 * few.index


def test_a_store_in_memory_counts_what_is_asked_of_it() -> None:
    store = MemoryStore()
    store.put_object(Bucket="lake", Key="a", Body=b"0123456789")
    assert store.get_object(Bucket="lake", Key="a", Range="bytes=2-4")["Body"].read() == b"234"
    assert dict(store.counted) == {"PUT": 1, "written": 10, "GET": 1, "read": 3}
