"""Of copies of a snapshot the one counts that was first put last, whenever runs came; a folder waits for all of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from etl.contract.loads import CopyUnit, Load
from etl.contract.manifest_globs import with_success_marker
from etl.errors import NothingToRerun
from etl.ledger.ledger import Ledger, TableCopy
from etl.results.waiting_objects import WaitingObjects
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.snapshot_copies import CopyChoice, CopySelection
from etl.storage.raw_objects import Listing, RawObject

Put = tuple[str, int]


def listing(*puts: Put) -> Listing:
    """Return a bucket after puts of keys at some hour of a day."""
    listed = Listing()
    latest: dict[str, RawObject] = {}
    for key, hour in puts:
        put = RawObject(key, f"v{hour}", 9, f"2026-01-01T{hour:02}:00:00+00:00")
        listed.note_put(put)
        latest[key] = put
    listed.objects = sorted(entry for entry in latest.values() if not entry.key.endswith("_SUCCESS"))
    listed.manifests = sorted(entry for entry in latest.values() if entry.key.endswith("_SUCCESS"))
    return listed


def choose(
    listed: Listing,
    held: Ledger | None = None,
    unit: CopyUnit = CopyUnit.FILE,
    skipped: Sequence[tuple[str, str]] = (),
    waiting: Sequence[str] = (),
) -> CopyChoice:
    """Return what a run would do that finds a bucket, with a ledger; the keys in `waiting` wait."""
    held = held or Ledger()
    unread = [
        entry for entry in held.held.compare_listing(listed.objects)[0] if (entry.key, entry.version) not in skipped
    ]

    def choose_ready(objects: Sequence[RawObject]) -> ManifestChoice:
        keys = tuple(entry.key for entry in objects if entry.key in waiting)
        ready = [entry for entry in objects if entry.key not in waiting]
        return ManifestChoice(ready, (WaitingObjects("it", len(keys), keys),) if keys else ())

    return CopySelection("a", unit, listed, unread, skipped, held.copy, choose_ready).choose()


def keys_of(choice: CopyChoice) -> tuple[list[str], list[str]]:
    return [entry.key for entry in choice.objects], [entry.key for entry in choice.superseded]


def after(choice: CopyChoice, held: Ledger | None = None) -> Ledger:
    return choice.updated_ledger(held or Ledger(), "jr_1", False, ())


def test_what_the_table_is_of_does_not_hang_on_when_runs_came() -> None:
    puts: list[Put] = [("a/1", 1), ("a/2", 2), ("a/1", 3), ("a/2", 4), ("a/1", 5)]
    outcomes = set[tuple[str, str]]()
    for stops in ((5,), (1, 5), (2, 5), (2, 3, 5), (1, 2, 3, 4, 5), (4, 5)):
        held = Ledger()
        table = ("", "")
        for stop in stops:
            choice = choose(listing(*puts[:stop]), held)
            if choice.objects:
                table = (choice.objects[0].key, choice.objects[0].version)
            held = after(choice, held)
        assert choose(listing(*puts), held) == CopyChoice(held.copy, [], [], ManifestChoice([]))
        outcomes.add(table)
    assert outcomes == {("a/2", "v4")}


def test_one_key_that_is_written_anew_each_day_is_a_new_copy_each_day() -> None:
    held = after(choose(listing(("a/x", 1))))
    choice = choose(listing(("a/x", 1), ("a/x", 2)), held)
    assert (keys_of(choice), choice.copy) == ((["a/x"], []), TableCopy("2026-01-01T01:00:00+00:00", "a/x"))
    # Also where the bucket lost its first version since.
    assert keys_of(choose(listing(("a/x", 3), ("a/y", 2)), held)) == (["a/y"], ["a/x"])
    assert choose(listing(("a/x", 3)), held).copy == TableCopy("2026-01-01T01:00:00+00:00", "a/x")


def test_a_skipped_copy_does_not_count_and_of_one_time_the_later_name_does() -> None:
    puts = listing(("a/1", 1), ("a/2", 2))
    assert keys_of(choose(puts, skipped=[("a/2", "v2")])) == (["a/1"], [])
    assert keys_of(choose(listing(("a/1", 1), ("a/2", 1)))) == (["a/2"], ["a/1"])


def test_where_the_ledger_names_no_copy_the_newest_that_is_held_is_the_tables() -> None:
    puts = listing(("a/1", 1), ("a/2", 2), ("a/3", 3))
    held = Ledger().with_objects(puts.objects)  # by another load
    assert keys_of(choose(listing(("a/1", 1), ("a/2", 2), ("a/3", 3), ("a/2", 4)), held)) == ([], ["a/2"])
    assert keys_of(choose(listing(("a/1", 1), ("a/2", 2), ("a/3", 3), ("a/3", 4)), held)) == (["a/3"], [])


def test_a_folder_goes_whole_and_an_older_one_that_waits_is_not_waited_for() -> None:
    folder = CopyUnit.FOLDER
    puts = listing(("a/1/x", 1), ("a/1/k=2/y", 2), ("a/1/_SUCCESS", 3), ("a/2/x", 4), ("a/2/y", 5))
    part = choose(puts, unit=folder, waiting=["a/2/y"])
    assert (keys_of(part), part.copy) == ((["a/1/k=2/y", "a/1/x"], []), TableCopy("2026-01-01T01:00:00+00:00", "a/1/"))
    assert {group.awaited: group.keys for group in part.manifests.waiting} == {
        "it": ("a/2/y",),
        "the rest of a/2/": ("a/2/x",),
    }
    newest = choose(puts, unit=folder, waiting=["a/1/x"])
    assert (keys_of(newest), newest.manifests.waiting) == ((["a/2/x", "a/2/y"], ["a/1/k=2/y", "a/1/x"]), ())
    again = choose(
        listing(("a/1/x", 1), ("a/1/y", 2), ("a/1/y", 3)),
        after(choose(listing(("a/1/x", 1), ("a/1/y", 2)), unit=folder)),
        folder,
    )
    assert keys_of(again) == (["a/1/x", "a/1/y"], [])


def test_only_the_tables_copy_is_read_again() -> None:
    puts = listing(("a/1", 1), ("a/2", 2))
    held = after(choose(puts))
    selection = CopySelection("a", CopyUnit.FILE, puts, [], (), held.copy, lambda objects: ManifestChoice([*objects]))
    assert keys_of(selection.choose_again(["a/2"])) == (["a/2"], [])
    with pytest.raises(NothingToRerun, match="a/1 cannot be read again: the table is of a/2, and"):
        selection.choose_again(["a/1", "a/2"])
    with pytest.raises(NothingToRerun, match="the table is of no copy yet"):
        CopySelection("a", CopyUnit.FILE, Listing(), [], (), None, lambda _: ManifestChoice([])).choose_again(["a/1"])


def test_what_earlier_runs_set_aside_counts_no_longer_once_a_copy_was_read() -> None:
    held = after(choose(listing(("a/1", 1))))
    counted = held.with_copy(TableCopy("2026", "a/1"), "jr_2", True)
    assert (counted.quarantined, counted.superseded) == (("jr_2",), {})
    later = counted.with_copy(TableCopy("2026", "a/2"), "jr_3", False)
    assert (later.quarantined, later.superseded) == ((), {"jr_2": "jr_3"})
    assert "jr_3 read a whole copy since" in later.replay_refusal("jr_2")


def test_older_copies_that_the_source_removes_are_forgotten_and_the_tables_own_is_told() -> None:
    held = after(choose(listing(("a/1", 1), ("a/2", 2))))
    lost = held.compare_listing([], 0, datetime.now(UTC))
    assert (lost.deleted, lost.expired) == (["a/2"], ["a/1"])
    assert [TableCopy("2026", "a/2/").holds(key) for key in ("a/2/x", "a/2", "a/22")] == [True, False, False]


def test_folders_wait_for_their_marker_where_no_manifest_is_declared() -> None:
    [arrival] = with_success_marker((), Load(kind="snapshot", of="folder"))  # pyright: ignore[reportArgumentType]
    assert arrival.manifest == "_SUCCESS"
    assert with_success_marker((arrival,), Load(kind="snapshot", of="folder")) == (arrival,)  # pyright: ignore[reportArgumentType]
    assert with_success_marker((), Load(kind="snapshot")) == ()  # pyright: ignore[reportArgumentType]
