"""What a soak's exit code says, on plain figures."""

import pytest

from tests.faults.figures import Figures
from tests.faults.lake import Faulty
from tests.faults.mishaps import PLACES
from tests.faults.model import Sale
from tests.faults.soak import SEEDS, code


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
    assert code(figures, seeds) == expected


@pytest.mark.long
def test_a_run_comes_to_each_place_that_a_soak_lets_fail(faulty: Faulty) -> None:
    faulty.arrive("a", Sale(1))
    left = {*PLACES}
    with faulty.proxy.meeting(lambda request: left.difference_update(one for one in PLACES if request.is_of(*one))):
        faulty.attempt()
    assert left == set()
