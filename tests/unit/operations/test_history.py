"""Which snapshots a table can be set back to, on plain data."""

import pytest

from etl.ledger.ledger import POINTER
from sluice.operations.errors import WrongUse
from sluice.operations.snapshot_history import History

OURS = {POINTER: "s3://lake/ledger/1.json"}
NOBODYS: dict[str, str] = {}
# 1 ─ 2 ─ 3 ─ 4 (main) ─ 6, and 5 beside, made from 2; 3 was a step of a run, never main itself.
PARENTS = {1: None, 2: 1, 3: 2, 4: 3, 5: 2, 6: 4}


def rows(snapshot: int) -> int:
    return 1000 * snapshot


def history(main: int = 4, seen: tuple[int, ...] = (1, 2, 4, 5, 6), foreign: tuple[int, ...] = ()) -> History:
    summaries = {at: NOBODYS if at in foreign else OURS for at in PARENTS}
    return History(main, PARENTS, summaries, {at: 1000 * at for at in PARENTS}, frozenset(seen), rows)


def test_what_led_to_main_and_what_a_rollback_left_can_be_shown_newest_first() -> None:
    assert history().choices == [6, 2, 1]
    assert (history().is_ahead(6), history().is_ahead(2), history().is_ahead(4)) == (True, False, False)


def test_the_way_back_ends_where_snapshots_have_expired() -> None:
    kept = History(4, {4: 3, 3: 2}, {4: OURS, 3: OURS}, {4: 4, 3: 3}, frozenset({4, 3, 2}), rows)
    assert (kept.line(4), kept.choices) == ([4, 3], [3])


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
        history(main, foreign=foreign).chosen(text)
    assert "there is: 6 of 1970-01-01T00:00:06+00:00" in str(refused.value) or main == 5
    assert "1 of 1970-01-01T00:00:01+00:00" in str(refused.value)


def test_what_somebody_else_wrote_lies_on_top_of_the_last_of_ours() -> None:
    assert (history().ours, history(foreign=(4,)).ours, history(foreign=(4, 3)).ours) == (4, 3, 2)
    assert history(foreign=(1, 2, 3, 4)).ours is None
