"""A run dies while it takes over a table of before the change of places: nothing is lost, doubled or half seen."""

import pytest

from tests.faults.lake import FaultyLake
from tests.faults.steps import PUBLISHED, STEPS, crashing_at
from tests.faults.trades import ELSEWHERE, Sale
from tests.lake import former


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_dies_over_a_table_of_the_former_layout_leaves_all_or_nothing(faulty: FaultyLake, step: str) -> None:
    with former.former_layout():
        faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
        faulty.arrive_file("b", Sale(3))
        faulty.rerun_and_check()
    before = faulty.model.state
    faulty.arrive_file("b", Sale(3, quantity=5), Sale(4, region=ELSEWHERE))
    faulty.arrive_file("c", Sale(5))
    faulty.start_afresh()
    with crashing_at(step) as crashed:
        faulty.run_and_report()
    assert faulty.visible_state() == (faulty.model.state_after() if step in PUBLISHED or not crashed else before)
    faulty.rerun_and_check()
    assert former.list_keys(faulty.direct.s3, faulty.job_arguments().places.ledgers)
