"""Whether what changed in a table since a snapshot is known, from its line of snapshots alone."""

from etl.iceberg.current_snapshot import SnapshotLine

# Newest first: a run's two steps, a compaction, the first run.
KEPT = SnapshotLine((("4", "3", False), ("3", "2", False), ("2", "1", True), ("1", "None", False)))


def test_nothing_changed_since_the_head() -> None:
    assert KEPT.head == "4"
    assert KEPT.changes_since("4") == []


def test_compactions_change_no_row() -> None:
    assert KEPT.changes_since("1") == ["4", "3"]
    assert SnapshotLine(KEPT.snapshots[2:]).changes_since("1") == []


def test_a_snapshot_that_expired_is_known_as_long_as_the_one_after_it_is_kept() -> None:
    assert SnapshotLine(KEPT.snapshots[:3]).changes_since("1") == ["4", "3"]
    assert SnapshotLine(KEPT.snapshots[:2]).changes_since("1") is None


def test_a_snapshot_that_is_none_of_the_line_is_unknown() -> None:
    assert KEPT.changes_since("5") is None
    assert SnapshotLine(KEPT.snapshots[1:]).changes_since("4") is None  # rolled back


def test_a_table_without_snapshots_has_no_head() -> None:
    assert SnapshotLine().head is None
