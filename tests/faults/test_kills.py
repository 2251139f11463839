"""A run's process is killed, with its JVM: readers see what they saw, or all of it, and a plain rerun ends it."""

import pytest

from tests.faults.fresh import FreshProcess
from tests.faults.lake import FaultyLake
from tests.faults.steps import PUBLISHED
from tests.faults.trades import ELSEWHERE, Sale

STEPS = ("before the fast-forward", "after the fast-forward", "before staging")


@pytest.mark.long
def test_a_run_that_is_killed_leaves_all_or_nothing_and_a_rerun_ends_it(
    faulty: FaultyLake, fresh: FreshProcess
) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    faulty.rerun_and_check()
    for number, step in enumerate(STEPS, 3):
        before = faulty.model.state
        faulty.arrive_file("a", Sale(1, quantity=number), Sale(2, region=ELSEWHERE))
        faulty.arrive_file(f"day{number}", Sale(10 * number), Sale(10 * number + 1))
        ended = fresh.run(faulty.job_arguments(), step)
        assert ended.killed, ended.log
        assert faulty.visible_state() == (faulty.model.state_after() if step in PUBLISHED else before), step
        verdict = faulty.rerun_and_check()
        assert verdict.nothing_unread == (step in PUBLISHED)
