"""Random sequences of what may happen to a lake, step by step beside the model; a step can be left out, and the others stay."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Thread

from etl.results.verdict import Verdict
from tests.faults.acts import Act, Operator, rerun_act, withdraw_act
from tests.faults.arrivals import Arrivals, name_of
from tests.faults.lake import FaultyLake
from tests.faults.model import Model
from tests.faults.steps import STEPS, acting_once, crashing_at
from tests.faults.trades import File, Load, State
from tests.faults.weather import Storm

RUN = Act("run", {}, Model.run)
Listing = Mapping[str, File]
CHANGE_STEPS = ("listed", "before reading", "checked", "rows staged", "audited")


@dataclass
class Walk:
    """A lake on its way; each step draws from a seed of its own. `happened` counts what did, `notes` tell it."""

    faulty: FaultyLake
    seed: int
    arrivals: Arrivals
    happened: Counter[str] = field(default_factory=Counter[str])
    notes: list[str] = field(default_factory=list[str])
    states: list[State] = field(default_factory=list[State])
    runs: int = 0

    def __post_init__(self) -> None:
        self.draw = self.arrivals.draw
        self.operator = Operator(self.faulty)
        # What history would refuse is no matter here.
        self.reading = replace(RUN, arguments={"accept_history": "the walk", "accepted_by": "the test"})

    def begin(self) -> None:
        """Forget what was told so far; readers see what they see now."""
        self.notes.clear()
        self.states[:] = [self.model.state]

    def take(self, step: str) -> str:
        """Take a step; return what was against the model, nothing where all was well."""
        try:
            TAKEN[step](self)
        except AssertionError as error:
            return str(error)
        return ""

    @classmethod
    def of_seed(cls, faulty: FaultyLake, seed: int) -> "Walk":
        """Return a walk whose days are its own."""
        return cls(faulty, seed, Arrivals(faulty, random.Random(seed)))

    @property
    def model(self) -> Model:
        """What the lake's table must be."""
        return self.faulty.model

    def run_steps(self, steps: Sequence[str]) -> Counter[str]:
        """Go through steps by their names, with a mended day and a plain rerun at the end; return what happened.

        Raises:
            AssertionError: the table was not the model's; its notes say after which steps.
        """
        for number, step in enumerate(steps):
            self.draw.seed(f"{self.seed} {number}")
            if step:
                self.happened[step] += 1
                self._take_step(step, f"{number} {step}")
        self._take_step("mended day", "the end")
        return self.happened

    def _take_step(self, step: str, title: str) -> None:
        self.notes.append(title)
        if fault := self.take(step):
            raise AssertionError("\n".join([*self.notes, fault]))
        if not self.model.unread_files():
            self.operator.remember_table()

    def take_day(self) -> None:
        """Let a day arrive and be read."""
        self.arrivals.arrive_day()
        self._do(self.reading)

    def take_bad_day(self) -> None:
        """Let a day arrive that the contract refuses."""
        self.arrivals.arrive_bad_object("a")
        self._do(self.reading)

    def take_twice(self) -> None:
        """Let the same rows arrive under two keys."""
        self.arrivals.arrive_twice("b", "c")
        self._do(self.reading)

    def take_new_objects(self) -> None:
        """Let objects arrive that never were there."""
        self.arrivals.arrive_new_objects(0)
        self._do(self.reading)

    def take_eventful_day(self) -> None:
        """Let a correction arrive, keys that come twice and rows to set aside."""
        self.arrivals.arrive_eventful_day()
        self._do(self.reading)

    def take_mended_day(self) -> None:
        """Let good objects arrive where bad ones are, and a plain run read what is unread."""
        if self.model.breaks_contract():
            self.arrivals.mend_objects()
        self.runs += 1
        self.faulty.rerun_and_check()
        self._see()

    def take_change_during_run(self) -> None:
        """Let an object change while a run reads."""
        self.arrivals.arrive_day()
        name, listed = name_of(self.draw.choice(sorted(self.model.raw))), dict(self.model.raw)
        step = self.draw.choice(CHANGE_STEPS)
        with acting_once(step, lambda: self.arrivals.arrive_object(name)):
            self.faulty.run_and_report()
        self.notes.append(f"    {name} changed when {step}")
        self._settle([listed, dict(self.model.raw)])

    def take_second_run(self) -> None:
        """Let another run start while one works."""
        self.arrivals.arrive_day()
        step, listed = self.draw.choice(CHANGE_STEPS), dict(self.model.raw)
        other_run = Thread(target=self.faulty.in_other_process().run_and_report)

        def start_other() -> None:
            self.arrivals.arrive_day()
            other_run.start()

        with acting_once(step, start_other):
            self.faulty.run_and_report()
            if other_run.ident:
                other_run.join()
        self.notes.append(f"    when {step}")
        self._settle([listed, dict(self.model.raw)])

    def take_rerun(self) -> None:
        """Have an object read again."""
        self.take_mended_day()
        self._do(rerun_act(self._held_key()))
        self.happened["reruns"] += 1

    def take_replay(self) -> None:
        """Have all that is aside go through the gate again, once the contract knows it."""
        self.take_mended_day()
        for act in self.operator.replays():
            if self._after(act).table.is_sound:
                self.happened["replays"] += 1
                self._do(act)

    def take_withdrawal(self) -> None:
        """Have an object leave."""
        self.take_mended_day()
        if self.model.load.is_snapshot:  # a copy is taken back by a newer one, or by a rollback
            return
        key = self._held_key()
        later = self.model.copy()
        later.withdraw(key)
        if later.table.held and later.table.is_sound:
            self._do(withdraw_act(key))
            self.happened["withdrawals"] += 1

    def take_rollback(self) -> None:
        """Have readers see an earlier snapshot, and perhaps let runs read again what is skipped."""
        self.take_mended_day()
        self.operator.remember_table()
        earlier = [*self.operator.earlier][-4:-1]
        if not earlier:
            return
        self.operator.roll_back(self.draw.choice(earlier))
        self._see()
        self.notes.append("    rolled back")
        self.happened["rollbacks"] += 1
        self.faulty.assert_model_holds()
        if self.draw.random() < 0.7:
            self.notes.append(f"    {self.operator.let_in()} let in")
        self._do(self.reading)
        if self.model.accepted:
            self.take_replay()

    def take_maintenance(self) -> None:
        """Have the tables maintained, now or when what is old is removed."""
        self.take_mended_day()
        after = timedelta(days=self.draw.choice([0, 0, 8]))
        self.notes.append(f"    after {after}: {self.operator.maintain(after)}")
        self.happened["maintenances"] += 1
        self.faulty.assert_model_holds()

    def take_deletion(self) -> None:
        """Let an object go from the raw bucket: where a row that a newer object replaced need not come back."""
        self.arrivals.arrive_day()
        if self.model.load is Load.APPEND:
            self.faulty.delete_file(name_of(self.draw.choice(sorted(self.model.raw))))
        self._do(self.reading)

    def _held_key(self) -> str:
        return self.draw.choice(sorted(key for key in self.model.published_files if key in self.model.raw))

    def _do(self, act: Act) -> None:
        """Perform an act plainly, or after one that crashes or meets faults."""
        chance = self.draw.random()
        if act is not self.reading and self.model.state == self._after(act).state:
            chance = 1  # after a mishap nobody could see whether it was done
        if chance < 0.3:
            step = self.draw.choice(sorted(STEPS))
            with crashing_at(step) as crashed:
                self._run(act)
            done = self._meet(act, f"crash {step}", "crashes", len(crashed))
            self.faulty.start_afresh()
        elif chance < 0.45:
            storm = self.draw.randrange(10_000)
            with self.faulty.proxy.follow_plan(Storm(storm)) as met:
                self._run(act)
            done = self._meet(act, f"storm {storm}", "faults", met.total())
        else:
            self._perform(act)
            return
        if act is not self.reading and not done:
            self._perform(act)

    def _meet(self, act: Act, event: str, counted: str, times: int) -> bool:
        """Note what became of an act that a mishap met, and return whether it was done."""
        self.happened[counted] += times
        before, after, visible = self.model.state, self._after(act), self.faulty.visible_state()
        self.notes.append(f"    {act.name}, {event}: {'published' if visible == after.state else 'nothing published'}")
        assert visible in (before, after.state), describe_difference(visible, before, after.state)
        done = visible == after.state
        if done:
            act.apply(self.model)
            self._see()
        return done

    def _run(self, act: Act) -> Verdict | None:
        self.runs += 1
        return self.faulty.run_and_report(**act.arguments)

    def _see(self) -> None:
        """Have readers see what the model says now."""
        self.states.append(self.model.state)

    def _perform(self, act: Act) -> None:
        verdict = self._run(act)
        assert verdict is not None
        went_well = act.apply(self.model) is not False
        self._see()
        self.notes.append(f"    {act.name}: {verdict.state} {verdict.message}")
        assert (verdict.state == "SUCCEEDED") == went_well, f"expected {went_well}: {verdict.message}"
        self.happened["published" if went_well else "refused"] += 1
        visible = self.faulty.visible_state()
        assert visible == self.model.state, describe_difference(visible, self.model.state)
        self.faulty.assert_model_holds()

    def _settle(self, listings: Sequence[Listing]) -> None:
        """Hold what a reader sees against what may be after runs of these listings."""
        visible, tables = self.faulty.visible_state(), self.model.after_runs(listings)
        self.states += [table.state for table in tables]
        published = next((table for table in tables if table.state == visible), None)
        assert published, describe_difference(visible, *(table.state for table in tables))
        self.model.table = published

    def _after(self, act: Act) -> Model:
        later = self.model.copy()
        act.apply(later)
        return later


def describe_difference(visible: State, *allowed: State) -> str:
    """Say how what a reader sees differs from what it may."""
    lines: list[str] = []
    for state in allowed:
        for name, seen, expected in zip(State._fields, visible, state, strict=True):
            extra, missing = Counter(seen) - Counter(expected), Counter(expected) - Counter(seen)
            if extra or missing:
                lines.append(f"{name}: too much {[*extra.elements()]}, missing {[*missing.elements()]}")
        lines.append("--")
    return "\n".join(lines)


TAKEN: dict[str, Callable[[Walk], None]] = {
    "day": Walk.take_day,
    "bad day": Walk.take_bad_day,
    "twice": Walk.take_twice,
    "new objects": Walk.take_new_objects,
    "eventful day": Walk.take_eventful_day,
    "mended day": Walk.take_mended_day,
    "change during run": Walk.take_change_during_run,
    "second run": Walk.take_second_run,
    "rerun": Walk.take_rerun,
    "replay": Walk.take_replay,
    "withdrawal": Walk.take_withdrawal,
    "rollback": Walk.take_rollback,
    "maintenance": Walk.take_maintenance,
    "deletion": Walk.take_deletion,
}
WEIGHTS = {"day": 5, "eventful day": 2, "rerun": 2, "withdrawal": 3, "replay": 2, "rollback": 2}


def draw_steps(seed: int, count: int, without: Sequence[str] = ()) -> list[str]:
    """Return so many steps, the same for the same seed, the first of them a day."""
    draw = random.Random(seed)
    names = [name for name in TAKEN if name not in without]
    return ["day", *draw.choices(names, [WEIGHTS.get(name, 1) for name in names], k=count - 1)]
