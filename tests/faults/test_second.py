"""A second run of the dataset works while the first does: nothing is lost, doubled or half seen, and one of them ends it."""

from collections.abc import Callable
from unittest import mock

import pytest

from etl.ledger import orphan_cleanup
from tests.faults.lake import FaultyLake
from tests.faults.steps import acting_once
from tests.faults.trades import ELSEWHERE, Load, Sale


@pytest.mark.parametrize(
    ("load", "alive"), [(Load.APPEND, True), pytest.param(Load.UPSERT, False, marks=pytest.mark.long)]
)  # alive: whether Glue knows of the runs
def test_what_a_second_run_publishes_before_the_first_stages_is_not_published_twice(
    make: Callable[..., FaultyLake], load: Load, alive: bool
) -> None:
    faulty = make(load=load)
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))

    def run_elsewhere() -> None:
        faulty.arrive_file("b", Sale(3), Sale(4, region=ELSEWHERE))
        assert faulty.in_other_process().run().state == "SUCCEEDED"

    with mock.patch.object(orphan_cleanup, "is_alive", return_value=alive), acting_once("declared", run_elsewhere):
        verdict = faulty.run()
    assert (verdict.state, verdict.attempts) == ("SUCCEEDED", 2), verdict.message
    assert faulty.model.run()
    faulty.assert_model_holds()
    assert faulty.rerun_and_check().nothing_unread


@pytest.mark.long
def test_a_run_whose_branch_is_dropped_while_it_works_publishes_nothing_by_halves(
    make: Callable[..., FaultyLake],
) -> None:
    faulty = make(load=Load.UPSERT)
    faulty.arrive_file("a", Sale(1), Sale(2))
    faulty.rerun_and_check()
    faulty.arrive_file("a", Sale(1), Sale(2, quantity=2))
    with acting_once(
        "cleared of earlier versions", lambda: [faulty.drop_branch(branch) for branch in faulty.branches()]
    ):
        verdict = faulty.run()
    assert (verdict.state, verdict.attempts) == ("SUCCEEDED", 2), verdict.message
    assert faulty.rerun_and_check().nothing_unread


@pytest.mark.long
def test_rows_that_a_run_set_aside_while_another_began_stay(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1))
    faulty.rerun_and_check()
    faulty.arrive_file("b", Sale(3), Sale(4, region=ELSEWHERE))
    with acting_once("checked", lambda: faulty.in_other_process().run()):
        faulty.run()
    assert faulty.model.run()
    faulty.assert_model_holds()
