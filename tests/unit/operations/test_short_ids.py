"""Ids of runs and snapshots by their beginning: unique where they are shown, and never guessed where they are typed."""

import pytest

from sluice.cli.errors import WrongUse
from sluice.operations.short_ids import resolve_id, shorten_ids

FIRST, ALIKE, OTHER = f"jr_0a1b2c3d4{'0' * 55}", f"jr_0a1b2c3d5{'0' * 55}", f"jr_ff{'0' * 62}"
SNAPSHOT = "4813574031861919888"


def test_an_id_is_as_short_as_it_is_unique_and_eight_characters_at_least() -> None:
    assert shorten_ids({FIRST, OTHER, SNAPSHOT}) == {FIRST: "jr_0a1b2c3d", OTHER: "jr_ff000000", SNAPSHOT: "48135740"}
    assert shorten_ids({FIRST, ALIKE}) == {FIRST: "jr_0a1b2c3d4", ALIKE: "jr_0a1b2c3d5"}
    assert shorten_ids({"jr_1", "jr_10"}) == {"jr_1": "jr_1", "jr_10": "jr_10"}
    assert shorten_ids([]) == {}


@pytest.mark.parametrize("ids", [{FIRST, ALIKE, OTHER}, {"jr_1", "jr_10"}, {SNAPSHOT}], ids=str)
def test_what_is_shown_is_taken(ids: set[str]) -> None:
    for name, short in shorten_ids(ids).items():
        assert (
            resolve_id(short, ids, "run") == resolve_id(f"{short}…", ids, "run") == resolve_id(name, ids, "run") == name
        )


def test_of_two_that_begin_so_neither_is_taken_and_both_are_named() -> None:
    with pytest.raises(WrongUse) as refused:
        resolve_id("jr_0a", {FIRST, ALIKE, OTHER}, "run")
    assert str(refused.value) == f"jr_0a is the beginning of 2 runs, type more of it:\n  {FIRST}\n  {ALIKE}"


@pytest.mark.parametrize("text", ["jr_9", "", "…"])
def test_what_begins_none_is_left_to_who_knows_why(text: str) -> None:
    assert resolve_id(text, {FIRST, ALIKE}, "run") == text
