"""What a soak's exit code says, on plain figures."""

import pytest

from tests.faults.figures import Figures
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
