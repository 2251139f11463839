"""Random days, corrections, duplicates, crashes and an operator's acts: the table is what the model says, at every step."""

from collections.abc import Callable

import pytest

from tests.faults.lake import FaultyLake
from tests.faults.trades import Load
from tests.faults.walk import Walk, draw_steps

SHORT = {
    Load.APPEND: ["eventful day", "rerun"],
    Load.UPSERT: ["eventful day", "day", "replay", "withdrawal"],
    Load.FILES: ["eventful day", "day", "replay"],
    Load.FOLDERS: ["eventful day", "day"],
    Load.CHANGES: ["eventful day", "day", "replay"],
}
QUICK = {Load.CHANGES}
"""What stays in `make test`: it has replays, withdrawals and corrections of rows that come, change and leave."""


@pytest.mark.parametrize(
    "load", [load if load in QUICK else pytest.param(load, marks=pytest.mark.long) for load in SHORT]
)
def test_a_sequence_of_days_crashes_and_acts_gives_the_table_of_the_model(
    make: Callable[..., FaultyLake], load: Load
) -> None:
    Walk.of_seed(make(load=load), 1).run_steps(SHORT[load])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("load", SHORT)
def test_any_sequence_of_days_crashes_and_acts_gives_the_table_of_the_model(
    make: Callable[..., FaultyLake], load: Load, seed: int
) -> None:
    Walk.of_seed(make(load=load), seed).run_steps(draw_steps(seed, 6))
