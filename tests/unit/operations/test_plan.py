"""What a rollback says that it will change, on plain data."""

from etl.ledger.ledger import POINTER, Ledger
from etl.storage.raw_objects import RawObject
from sluice.operations.rollback_plan import RollbackPlan
from sluice.operations.snapshot_history import History


def row_count(snapshot: int) -> int:
    return 1000 * snapshot


SUMMARIES = {snapshot: {POINTER: "s3://lake/ledger/1.json"} for snapshot in (1, 2)}
FORWARDS = History(2, {1: None, 2: 1}, SUMMARIES, {1: 1000, 2: 2000}, frozenset({1, 2}), row_count)
BACKWARDS = History(1, {1: None, 2: 1}, SUMMARIES, {1: 1000, 2: 2000}, frozenset({1, 2}), row_count)
A, B1, B2, C = (
    RawObject("trades/a.csv", "1"),
    RawObject("trades/b.csv", "1"),
    RawObject("trades/b.csv", "2"),
    RawObject("trades/c.csv", "1"),
)
THEN = Ledger().with_objects([A, B1])
NOW = THEN.with_objects([B2, C])


def test_what_only_the_newer_holds_is_un_published_and_skipped_in_its_version() -> None:
    plan = RollbackPlan.compare_ledgers(FORWARDS, 1, NOW, THEN)
    assert plan.unpublished == {"trades/b.csv": "2", "trades/c.csv": "1"}
    assert plan.skipped == [("trades/b.csv", "2"), ("trades/c.csv", "1")]
    assert plan.earlier_versions == {"trades/b.csv": "1"}


def test_undoing_it_publishes_the_same_again_and_skips_nothing() -> None:
    plan = RollbackPlan.compare_ledgers(BACKWARDS, 2, THEN, NOW)
    assert plan.republished == {"trades/b.csv": "2", "trades/c.csv": "1"}
    assert (plan.undoes_rollback, plan.skipped) == (True, [])


def test_it_says_snapshots_rows_and_objects_before_anything_is_done() -> None:
    plan = RollbackPlan.compare_ledgers(FORWARDS, 1, NOW, THEN)
    assert plan.describe_changes("lake.db.trades", {"trades/a.csv", "trades/b.csv"}) == [
        "readers of lake.db.trades see snapshot 2 of 1970-01-01T00:00:02+00:00 (2,000 rows), and will see 1 of "
        "1970-01-01T00:00:01+00:00 (1,000 rows)",
        "un-published, and skipped until `unskip` or a new version of them: 2 objects: trades/b.csv, trades/c.csv",
        "of these in their earlier version again: 1 object: trades/b.csv",
        "of these no longer in the raw bucket, so that no run can publish them again: 1 object: trades/c.csv",
    ]


def test_rows_of_an_object_that_was_read_again_since_are_aside_again() -> None:
    then = Ledger().with_objects([A], quarantined_runs=["jr_1"])
    assert RollbackPlan.compare_ledgers(
        FORWARDS, 1, then.with_objects([RawObject("trades/a.csv", "2")]), then
    ).quarantined_again == ("jr_1",)
    assert RollbackPlan.compare_ledgers(
        FORWARDS, 1, then.with_replay("jr_1", "jr_2", has_quarantined=False), then
    ).quarantined_again == ("jr_1",)
    assert (
        RollbackPlan.compare_ledgers(
            FORWARDS, 1, then.with_objects([C], quarantined_runs=["jr_2"]), then
        ).quarantined_again
        == ()
    )


def test_what_somebody_else_wrote_is_said_to_be_lost() -> None:
    foreign = History(
        3, {1: None, 2: 1, 3: 2}, {**SUMMARIES, 3: {}}, {1: 1, 2: 2, 3: 3}, frozenset({1, 2, 3}), row_count
    )
    plan = RollbackPlan.compare_ledgers(foreign, 2, NOW, NOW)
    assert plan.skipped == []
    assert "written by somebody else, and lost to readers: 3" in plan.describe_changes("lake.db.trades", set())
