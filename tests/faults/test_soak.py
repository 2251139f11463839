"""What a soak's exit code says, on plain figures."""

import pytest

from tests.faults.figures import Figures
from tests.faults.history import ROWS_HIGH, declare_history, refuses_day, run_date_of
from tests.faults.lake import FaultyLake
from tests.faults.mishaps import PLACES
from tests.faults.soak import SEEDS, exit_code
from tests.faults.trades import Sale


@pytest.mark.parametrize(
    ("figures", "seeds", "expected"),
    [
        (Figures(runs=300, kills=25), [*SEEDS], 0),
        (Figures(runs=299, kills=25), [*SEEDS], 1),
        (Figures(runs=300, kills=24), [*SEEDS], 1),
        (Figures(runs=20, kills=0), [1, 4], 0),
        (Figures(runs=300, kills=25, lost=1), [*SEEDS], 1),
        (Figures(runs=300, kills=25, stuck=1), [*SEEDS], 1),
        (Figures(runs=20, kills=0, half=1), [2], 1),
        (Figures(runs=20, kills=0, unguarded=1), [2], 1),
    ],
)
def test_a_soak_fails_for_a_lost_row_and_for_having_done_too_little(
    figures: Figures, seeds: list[int], expected: int
) -> None:
    assert exit_code(figures, seeds) == expected


@pytest.mark.long
def test_a_run_comes_to_each_place_that_a_soak_lets_fail(faulty: FaultyLake) -> None:
    declare_history(faulty)
    remaining = {*PLACES}
    with faulty.proxy.follow_plan(
        lambda request: remaining.difference_update(place for place in PLACES if request.is_of(*place))
    ):
        for day in (1, 2):
            faulty.run_date = run_date_of(day)
            faulty.arrive_file(f"day{day}", Sale(day))
            faulty.run_and_report()
    assert remaining == set()


@pytest.mark.long
def test_a_flood_is_refused_until_it_is_accepted_and_the_model_knows_it(faulty: FaultyLake) -> None:
    declare_history(faulty)
    model, refused = faulty.model, []
    for day, count in ((1, 2), (2, 7)):
        faulty.run_date = run_date_of(day)
        faulty.arrive_file(f"day{day}", *(Sale(100 * day + number) for number in range(count)))
        refused.append(refuses_day(faulty.direct.s3, faulty.bucket, model, faulty.run_date))
        verdict = faulty.run_and_report()
        assert verdict is not None
        assert [result.rule for result in verdict.broken] == [ROWS_HIGH] * (day - 1)
        if day == 1:
            model.run()
    assert refused == [False, True]
    accepted = faulty.run_and_report(accept_history="a flood", accepted_by="the test")
    assert accepted is not None
    assert (accepted.state, accepted.rows_published) == ("SUCCEEDED", 7)
