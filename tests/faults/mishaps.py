"""What may happen to runs over the objects of a day: each mishap says which listings its runs may have published."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from threading import Thread
from unittest import mock

from etl.contract.layout import LEDGER, PUBLISHED, QUARANTINE
from etl.ledger import orphan_cleanup
from tests.faults.arrivals import Arrivals, name_of
from tests.faults.fresh import FreshProcess, kill_run
from tests.faults.lake import FaultyLake
from tests.faults.proxy import Fault, Request
from tests.faults.steps import STEPS, acting_once, crashing_at
from tests.faults.trades import File, Load
from tests.faults.weather import FaultAt, Outage, Storm

Listing = Mapping[str, File]
STATE = (PUBLISHED, QUARANTINE, LEDGER)  # folders that a run writes to before it reports
# Requests of a run, one of which meets a fault, or from one of which on nothing answers.
PLACES = (
    ("s3", "GET", "versions"),
    ("s3", "GET", "trades/"),
    ("s3", "PUT", "/data/"),
    ("s3", "PUT", "/metadata/"),
    ("s3", "PUT", "/ledger/"),
    ("s3", "GET", "/metadata/"),
    ("glue", "GetTable", ""),
    ("glue", "UpdateTable", ""),
    ("s3", "PUT", "/verdicts/"),
    ("s3", "PUT", "/results/"),
    ("s3", "GET", "/results/"),
    ("s3", "GET", "results/runs"),
    ("monitoring", "PutMetricData", ""),
)
CHANGE_STEPS = ("listed", "before reading", "checked", "rows staged", "audited")
SECOND_RUN_STEPS = (
    "listed",
    "before reading",
    "declared",
    "rows staged",
    "audited",
    "ledger written",
    "before the fast-forward",
)


@dataclass
class Mishaps:
    """A lake and what happens to its runs, the same for the same `draw`; counts runs and what was injected."""

    faulty: FaultyLake
    fresh: FreshProcess
    arrivals: Arrivals
    draw: random.Random
    steps: Iterator[str] = field(default_factory=lambda: cycle(STEPS))
    injected: Counter[str] = field(default_factory=Counter[str])
    runs: int = 0
    kills: int = 0

    def meet_any(self) -> tuple[str, list[Listing]]:
        """Let one happen that needs no process of its own; return what it was, and the listings."""
        kinds = [self.fault_storm] * 2 + [self.crash_run] * 3
        kinds += [self.service_outage, self.single_fault, self.overwrite_object, self.second_run, self.second_of_new]
        if self.faulty.load is Load.APPEND:  # else a row that a newer object replaced could not come back
            kinds.append(self.delete_object)
        return self.draw.choice(kinds)()

    def run(self) -> bool:
        """Run; whatever happens, count it. Returns whether it did not crash."""
        self.runs += 1
        return self.faulty.run_and_report() is not None

    def fault_storm(self) -> tuple[str, list[Listing]]:
        """Every service fails now and then."""
        seed = self.draw.randrange(10_000)
        with self.faulty.proxy.follow_plan(Storm(seed)):
            self.run()
        return f"storm {seed}", [self.listing]

    def service_outage(self) -> tuple[str, list[Listing]]:
        """Nothing answers any more."""
        place, first = self.draw.choice(PLACES), self.draw.choice([Fault.RESET, Fault.LOST])
        with self.faulty.proxy.follow_plan(Outage(*place, first)):
            self.run()
        return f"outage from {' '.join(place)}, {first.value}", [self.listing]

    def single_fault(self) -> tuple[str, list[Listing]]:
        """One request meets a fault."""
        place, fault, first = self.draw.choice(PLACES), self.draw.choice([*Fault]), self.draw.randint(1, 3)
        times = None if fault is Fault.DENIED else 1
        with self.faulty.proxy.follow_plan(FaultAt(*place, fault, times=times, first=first)):
            self.run()
        return f"{fault.value} at {' '.join(place)}", [self.listing]

    def crash_run(self) -> tuple[str, list[Listing]]:
        """The run crashes in this process."""
        step = next(self.steps)
        with crashing_at(step) as crashed:
            self.run()
        self.injected["crash"] += bool(crashed)
        return f"crash {step if crashed else '(not reached)'}", [self.listing]

    def overwrite_object(self) -> tuple[str, list[Listing]]:
        """An object is overwritten while a run reads."""
        name = self._draw_unread()
        return self._change_during_run("overwritten", lambda: self.arrivals.arrive_object(name))

    def delete_object(self) -> tuple[str, list[Listing]]:
        """An object is deleted between listing and reading, or later."""
        name = self._draw_unread()
        return self._change_during_run("deleted", lambda: self.faulty.delete_file(name))

    def _draw_unread(self) -> str:
        return name_of(self.draw.choice(sorted(self.faulty.model.unread_files())))

    def _change_during_run(self, how: str, act: Callable[[], object]) -> tuple[str, list[Listing]]:
        step, listed = self.draw.choice(CHANGE_STEPS), self.listing

        def change_object() -> None:
            act()
            self.injected[f"object {how}"] += 1

        with acting_once(step, change_object):
            self.run()
        return f"{how} when {step}", [listed, self.listing]

    def second_run(self) -> tuple[str, list[Listing]]:
        """Another run of the dataset starts while one works."""
        return self._meet_second_run("second run", lambda: None)

    def second_of_new(self) -> tuple[str, list[Listing]]:
        """Another run of the dataset starts while one works, and finds more."""
        return self._meet_second_run("second run, which finds more", self.arrivals.arrive_day)

    def _meet_second_run(self, description: str, arrive: Callable[[], object]) -> tuple[str, list[Listing]]:
        step, listed, is_known = self.draw.choice(SECOND_RUN_STEPS), self.listing, self.draw.random() < 0.7
        other_run = Thread(target=self.faulty.in_other_process().run_and_report)

        def start_other() -> None:
            arrive()
            other_run.start()
            if wait:
                other_run.join()

        wait = self.draw.random() < 0.5
        with _runs_alive() if is_known else _runs_unknown(), acting_once(step, start_other):
            self.run()
            if other_run.ident:
                other_run.join()
                self.injected["second run"] += 1
                self.runs += 1
        how = f"{'waited for' if wait else 'beside it'}, {'known' if is_known else 'unknown'} to Glue"
        return f"{description} when {step}, {how}", [listed, self.listing]

    def kill_at_step(self, step: str) -> tuple[str, list[Listing]]:
        """A process is killed at a step."""
        ended = self.fresh.run(self.faulty.job_arguments(), step)
        return f"SIGKILL {step}{self._count_kill(ended.killed)}", [self.listing]

    def killed_writing(self) -> tuple[str, list[Listing]]:
        """A process is killed in the middle of a write: before the store or the catalog has it, or after."""
        order, when = self.faulty.job_arguments(), self.draw.randint(1, 8)
        process, proxy = self.fresh.start_run(order), self.faulty.proxy
        remaining_writes = [*range(when)]

        def kill_at_write(request: Request) -> None:
            writes = request.action == "UpdateTable" or (
                request.action == "PUT" and any(f"/{top}/" in request.path for top in STATE)
            )
            if writes and remaining_writes:
                remaining_writes.pop()
                if not remaining_writes:
                    kill_run(process)

        before = self.draw.random() < 0.5
        with proxy.follow_plan(kill_at_write if before else lambda _: None):
            proxy.after = None if before else kill_at_write
            try:
                process.wait(180)
            finally:
                proxy.after = None
                kill_run(process)
        suffix = self._count_kill(self.fresh.run_end(order, process).killed)
        return f"SIGKILL {'before' if before else 'after'} write {when}{suffix}", [self.listing]

    def _count_kill(self, killed: bool) -> str:
        self.runs += 1
        self.kills += killed
        self.injected["SIGKILL"] += killed
        return "" if killed else " (not reached)"

    @property
    def listing(self) -> Listing:
        """The objects that are there now."""
        return dict(self.faulty.model.raw)


@contextmanager
def _runs_alive() -> Iterator[None]:
    """Let Glue say of every run that it is under way."""
    with mock.patch.object(orphan_cleanup, "is_alive", return_value=True):
        yield


@contextmanager
def _runs_unknown() -> Iterator[None]:
    """Let Glue know no run, as where its limit is bypassed by a run elsewhere."""
    yield
