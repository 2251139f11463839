"""A run's process is killed, with its JVM: readers see what they saw, or all of it, and a plain rerun ends it."""

import pytest

from tests.faults.fresh import Fresh
from tests.faults.lake import Faulty
from tests.faults.model import ELSEWHERE, Sale
from tests.faults.steps import PUBLISHED

BEFORE, OTHERS = ("before the fast-forward",), ("after the fast-forward", "before staging")


@pytest.mark.parametrize("steps", [BEFORE, pytest.param(OTHERS, marks=pytest.mark.long)])
def test_a_run_that_is_killed_leaves_all_or_nothing_and_a_rerun_ends_it(
    faulty: Faulty, fresh: Fresh, steps: tuple[str, ...]
) -> None:
    faulty.arrive("a", Sale(1), Sale(2, region=ELSEWHERE))
    faulty.recover()
    for number, step in enumerate(steps, 3):
        before = faulty.model.state
        faulty.arrive("a", Sale(1, quantity=number), Sale(2, region=ELSEWHERE))
        faulty.arrive(f"day{number}", Sale(10 * number), Sale(10 * number + 1))
        ended = fresh.run(faulty.order(), step)
        assert ended.killed, ended.log
        assert faulty.seen() == (faulty.model.after() if step in PUBLISHED else before), step
        verdict = faulty.recover()
        assert verdict.nothing_unread == (step in PUBLISHED)
