"""What a soak's exit code says, on plain figures."""

import pytest

from tests.faults.figures import Figures
from tests.faults.lake import FaultyLake
from tests.faults.mishaps import PLACES
from tests.faults.model import Sale
from tests.faults.soak import SEEDS, exit_code


@pytest.mark.parametrize(
    ("figures", "seeds", "expected"),
    [
        (Figures(runs=200, kills=20), [*SEEDS], 0),
        (Figures(runs=199, kills=20), [*SEEDS], 1),
        (Figures(runs=200, kills=19), [*SEEDS], 1),
        (Figures(runs=20, kills=0), [1, 4], 0),
        (Figures(runs=200, kills=20, lost=1), [*SEEDS], 1),
        (Figures(runs=200, kills=20, stuck=1), [*SEEDS], 1),
        (Figures(runs=20, kills=0, half=1), [2], 1),
    ],
)
def test_a_soak_fails_for_a_lost_row_and_for_having_done_too_little(
    figures: Figures, seeds: list[int], expected: int
) -> None:
    assert exit_code(figures, seeds) == expected


@pytest.mark.long
def test_a_run_comes_to_each_place_that_a_soak_lets_fail(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1))
    remaining = {*PLACES}
    with faulty.proxy.follow_plan(
        lambda request: remaining.difference_update(place for place in PLACES if request.is_of(*place))
    ):
        faulty.run_and_report()
    assert remaining == set()
