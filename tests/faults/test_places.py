"""A run dies while it takes over a table of before the change of places: nothing is lost, doubled or half seen."""

import pytest

from tests.faults.lake import Faulty
from tests.faults.model import ELSEWHERE, Sale
from tests.faults.steps import PUBLISHED, STEPS, crashing
from tests.lake import former

FAST = "ledger written"


@pytest.mark.parametrize(
    "step", [FAST, *(pytest.param(step, marks=pytest.mark.long) for step in STEPS if step != FAST)]
)
def test_a_run_that_dies_over_a_table_of_the_former_layout_leaves_all_or_nothing(faulty: Faulty, step: str) -> None:
    with former.layout():
        faulty.arrive("a", Sale(1), Sale(2, region=ELSEWHERE))
        faulty.arrive("b", Sale(3))
        faulty.recover()
    before = faulty.model.state
    faulty.arrive("b", Sale(3, quantity=5), Sale(4, region=ELSEWHERE))
    faulty.arrive("c", Sale(5))
    faulty.anew()
    with crashing(step) as crashed:
        faulty.attempt()
    assert faulty.seen() == (faulty.model.after() if step in PUBLISHED or not crashed else before)
    faulty.recover()
    assert former.keys(faulty.direct.s3, faulty.order().places.ledgers)
