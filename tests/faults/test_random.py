"""Random days, corrections, duplicates, crashes and reruns: the table is what the model says, at every step of the way."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.faults.lake import FaultyLake
from tests.faults.model import ELSEWHERE, Sale
from tests.faults.steps import STEPS, acting_once, crashing_at
from tests.faults.weather import Storm

NAMES = st.sampled_from("abc")
TRADES = st.lists(
    st.builds(
        Sale,
        number=st.integers(1, 6),
        quantity=st.integers(1, 3),
        cents=st.integers(1, 999),
        day=st.sampled_from(["2025-01-01", "2025-02-01"]),
        region=st.sampled_from(["US-EAST", "EU-WEST", ELSEWHERE]),
    ),
    max_size=3,
)


class LakeMachine(RuleBasedStateMachine):
    """A lake, and what may happen to it; something arrives before each run."""

    def __init__(self, make: Callable[..., FaultyLake], happened: Counter[str]) -> None:
        super().__init__()
        self.make, self.happened = make, happened
        self.last_number = 100  # each file has a sale that no other has, so that no run publishes nothing

    @initialize(replace=st.booleans())
    def a_lake(self, replace: bool) -> None:
        self.happened["lakes"] += 1
        # Hypothesis tries the simplest sequence first, one bad day after the other: not worth a lake.
        assume(self.happened["lakes"] > 1)
        self.faulty = self.make(replace=replace)

    @rule(name=NAMES, trades=TRADES)
    def a_day(self, name: str, trades: list[Sale]) -> None:
        self._arrive_file(name, trades)
        self._run_and_check()

    @rule(name=NAMES)
    def a_bad_day(self, name: str) -> None:
        self.last_number += 1
        self.faulty.arrive_file(name, Sale(self.last_number, quantity=0))
        self._run_and_check()

    @rule(name=NAMES, copy=NAMES, trades=TRADES)
    def a_file_arrives_twice(self, name: str, copy: str, trades: list[Sale]) -> None:
        self.faulty.arrive_file(copy, *self._arrive_file(name, trades))
        self._run_and_check()

    @rule(name=NAMES, other=NAMES, trades=TRADES)
    def a_file_is_deleted(self, name: str, new_name: str, trades: list[Sale]) -> None:
        self._arrive_file(new_name, trades)
        # A row that the table lost to a newer file can come back only while its own file is there.
        if f"trades/{name}.csv" in self.faulty.model.raw and not self.faulty.model.replace:
            self.faulty.delete_file(name)
        self._run_and_check()

    @rule(name=NAMES, trades=TRADES)
    def a_file_is_read_again(self, name: str, trades: list[Sale]) -> None:
        self._arrive_file(name, trades)
        self._run_and_check()
        if not self.faulty.model.unread_files():
            verdict = self.faulty.run(rerun=(f"trades/{name}.csv",))
            assert verdict.state == "SUCCEEDED", verdict.message
            self.happened["reruns"] += f"trades/{name}.csv" in verdict.corrected
            self.faulty.assert_model_holds()

    @rule(step=st.sampled_from(sorted(STEPS)), name=NAMES, trades=TRADES)
    def a_run_crashes(self, step: str, name: str, trades: list[Sale]) -> None:
        self._arrive_file(name, trades)
        with crashing_at(step) as crashed:
            self.faulty.run_and_report()
        self.happened["crashes"] += bool(crashed)
        self.faulty.start_afresh()
        self.happened["published"] += self.faulty.settle_model()

    @rule(storm=st.integers(0, 99), name=NAMES, trades=TRADES)
    def a_run_meets_faults(self, storm: int, name: str, trades: list[Sale]) -> None:
        self._arrive_file(name, trades)
        with self.faulty.proxy.follow_plan(Storm(storm)) as met:
            self.faulty.run()
        self.happened["faults"] += met.total()
        self.happened["published"] += self.faulty.settle_model()

    @rule(name=NAMES, trades=TRADES)
    def a_file_changes_while_a_run_looks(self, name: str, trades: list[Sale]) -> None:
        self._arrive_file(name, trades)
        listed = dict(self.faulty.model.raw)
        with acting_once("listed", lambda: self._arrive_file(name, trades)):
            self.faulty.run()
        self.happened["published"] += self.faulty.settle_model(listed)

    def teardown(self) -> None:
        if not hasattr(self, "faulty"):
            return
        if self.faulty.model.breaks_contract():
            for key in self.faulty.model.unread_files():
                self._arrive_file(key.removeprefix("trades/").removesuffix(".csv"), [])
        self.faulty.rerun_and_check()

    def _arrive_file(self, name: str, trades: list[Sale]) -> list[Sale]:
        self.last_number += 1
        arrived = [Sale(self.last_number), *trades]
        self.faulty.arrive_file(name, *arrived)
        return arrived

    def _run_and_check(self) -> None:
        verdict = self.faulty.run()
        went_well = self.faulty.model.run()
        assert (verdict.state == "SUCCEEDED") == went_well, verdict.message
        self.happened["published" if went_well else "refused"] += 1
        self.faulty.assert_model_holds()


def explore_sequences(make: Callable[..., FaultyLake], examples: int, steps: int, start: int) -> Counter[str]:
    """Go through so many sequences of so many steps, the same ones for the same `start`; return how often what happened.

    Raises:
        AssertionError: a table was not the model's.
    """
    happened = Counter[str]()
    always = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],  # pyright: ignore[reportArgumentType]
    )
    machine = seed(start)(lambda: LakeMachine(make, happened))
    run_state_machine_as_test(machine, settings=always)  # pyright: ignore[reportArgumentType]
    return +happened  # only what did happen


def test_a_sequence_of_days_crashes_and_reruns_gives_the_table_of_the_model(make: Callable[..., FaultyLake]) -> None:
    happened = explore_sequences(make, examples=1, steps=5, start=1)
    assert happened.keys() >= {"published", "crashes", "reruns"}, happened


@pytest.mark.long
def test_any_sequence_of_days_crashes_and_reruns_gives_the_table_of_the_model(make: Callable[..., FaultyLake]) -> None:
    happened = explore_sequences(make, examples=4, steps=4, start=246)
    assert happened.keys() >= {"published", "refused", "crashes", "faults", "reruns"}, happened
