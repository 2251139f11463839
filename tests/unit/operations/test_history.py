"""Which snapshots a table can be set back to, on plain data."""

import pytest

from etl.ledger.ledger import POINTER
from sluice.cli.errors import WrongUse
from sluice.operations.snapshot_history import History

OWN_SUMMARY = {POINTER: "s3://lake/ledger/1.json"}
FOREIGN_SUMMARY: dict[str, str] = {}
# 1 ─ 2 ─ 3 ─ 4 (main) ─ 6, and 5 beside, made from 2; 3 was a step of a run, never main itself.
PARENTS = {1: None, 2: 1, 3: 2, 4: 3, 5: 2, 6: 4}


def row_count(snapshot: int) -> int:
    return 1000 * snapshot


def make_history(main: int = 4, published: tuple[int, ...] = (1, 2, 4, 5, 6), foreign: tuple[int, ...] = ()) -> History:
    summaries = {snapshot: FOREIGN_SUMMARY if snapshot in foreign else OWN_SUMMARY for snapshot in PARENTS}
    return History(
        main, PARENTS, summaries, {snapshot: 1000 * snapshot for snapshot in PARENTS}, frozenset(published), row_count
    )


def test_what_led_to_main_and_what_a_rollback_left_can_be_shown_newest_first() -> None:
    assert make_history().choices == [6, 2, 1]
    assert (make_history().is_ahead(6), make_history().is_ahead(2), make_history().is_ahead(4)) == (True, False, False)


def test_the_way_back_ends_where_snapshots_have_expired() -> None:
    expired_history = History(
        4, {4: 3, 3: 2}, {4: OWN_SUMMARY, 3: OWN_SUMMARY}, {4: 4, 3: 3}, frozenset({4, 3, 2}), row_count
    )
    assert (expired_history.ancestry_of(4), expired_history.choices) == ([4, 3], [3])


@pytest.mark.parametrize(
    ("main", "foreign", "text", "why"),
    [
        (4, (), "4", "readers see this snapshot"),
        (4, (), "7", "no such snapshot"),
        (4, (), "last", "no such snapshot"),
        (4, (), "3", "no reader ever saw it"),
        (4, (2,), "2", "carries no ledger"),
        (4, (), "5", "neither came from the other"),
        (5, (), "4", "neither came from the other"),
    ],
)
def test_any_other_is_refused_with_the_reason_and_the_choices(
    main: int, foreign: tuple[int, ...], text: str, why: str
) -> None:
    with pytest.raises(WrongUse, match=why) as refused:
        make_history(main, foreign=foreign).parse_choice(text)
    assert "there is: 6 of 1970-01-01T00:00:06+00:00" in str(refused.value) or main == 5
    assert "1 of 1970-01-01T00:00:01+00:00" in str(refused.value)


def test_what_somebody_else_wrote_lies_on_top_of_the_last_of_ours() -> None:
    assert (
        make_history().newest_own,
        make_history(foreign=(4,)).newest_own,
        make_history(foreign=(4, 3)).newest_own,
    ) == (4, 3, 2)
    assert make_history(foreign=(1, 2, 3, 4)).newest_own is None
