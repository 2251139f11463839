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
from tests.faults.arrivals import Arrivals
from tests.faults.fresh import Fresh, kill
from tests.faults.lake import Faulty
from tests.faults.model import File
from tests.faults.proxy import Fault, Request
from tests.faults.steps import STEPS, crashing, once
from tests.faults.weather import At, Outage, Storm

Listing = Mapping[str, File]
STATE = (PUBLISHED, QUARANTINE, LEDGER)  # folders that a run writes to before it reports
# Requests of a run, one of which meets a fault, or from one of which on nothing answers.
PLACES = (
    ("s3", "GET", "versions"),
    ("s3", "GET", "sales/"),
    ("s3", "PUT", "/data/"),
    ("s3", "PUT", "/metadata/"),
    ("s3", "PUT", "/ledger/"),
    ("s3", "GET", "/metadata/"),
    ("glue", "GetTable", ""),
    ("glue", "UpdateTable", ""),
    ("s3", "PUT", "/verdicts/"),
    ("monitoring", "PutMetricData", ""),
)
CHANGED_AT = ("listed", "before reading", "checked", "rows staged", "audited")
MET_AT = ("listed", "before reading", "declared", "rows staged", "audited", "ledger written", "before the fast-forward")


@dataclass
class Mishaps:
    """A lake and what happens to its runs, the same for the same `draw`; counts runs and what was injected."""

    faulty: Faulty
    fresh: Fresh
    arrivals: Arrivals
    draw: random.Random
    steps: Iterator[str] = field(default_factory=lambda: cycle(STEPS))
    injected: Counter[str] = field(default_factory=Counter[str])
    runs: int = 0
    kills: int = 0

    def one(self) -> tuple[str, list[Listing]]:
        """Let one happen that needs no process of its own; return what it was, and the listings."""
        kinds = [self.storm] * 2 + [self.crash] * 3
        kinds += [self.outage, self.single, self.overwritten, self.second, self.second_of_new]
        if not self.faulty.model.replace:  # else a row that a newer object replaced could not come back
            kinds.append(self.deleted)
        return self.draw.choice(kinds)()

    def run(self) -> bool:
        """Run; whatever happens, count it. Returns whether it did not crash."""
        self.runs += 1
        return self.faulty.attempt() is not None

    def storm(self) -> tuple[str, list[Listing]]:
        """Every service fails now and then."""
        seed = self.draw.randrange(10_000)
        with self.faulty.proxy.meeting(Storm(seed)):
            self.run()
        return f"storm {seed}", [self.listing]

    def outage(self) -> tuple[str, list[Listing]]:
        """Nothing answers any more."""
        place, first = self.draw.choice(PLACES), self.draw.choice([Fault.RESET, Fault.LOST])
        with self.faulty.proxy.meeting(Outage(*place, first)):
            self.run()
        return f"outage from {' '.join(place)}, {first.value}", [self.listing]

    def single(self) -> tuple[str, list[Listing]]:
        """One request meets a fault."""
        place, fault, first = self.draw.choice(PLACES), self.draw.choice([*Fault]), self.draw.randint(1, 3)
        times = None if fault is Fault.DENIED else 1
        with self.faulty.proxy.meeting(At(*place, fault, times=times, first=first)):
            self.run()
        return f"{fault.value} at {' '.join(place)}", [self.listing]

    def crash(self) -> tuple[str, list[Listing]]:
        """The run crashes in this process."""
        step = next(self.steps)
        with crashing(step) as crashed:
            self.run()
        self.injected["crash"] += bool(crashed)
        return f"crash {step if crashed else '(not reached)'}", [self.listing]

    def overwritten(self) -> tuple[str, list[Listing]]:
        """An object is overwritten while a run reads."""
        name = self._unread()
        return self._changed("overwritten", lambda: self.arrivals.arrive(name))

    def deleted(self) -> tuple[str, list[Listing]]:
        """An object is deleted between listing and reading, or later."""
        name = self._unread()
        return self._changed("deleted", lambda: self.faulty.vanish(name))

    def _unread(self) -> str:
        return self.draw.choice(sorted(self.faulty.model.unread())).removeprefix("sales/").removesuffix(".csv")

    def _changed(self, how: str, act: Callable[[], object]) -> tuple[str, list[Listing]]:
        step, listed = self.draw.choice(CHANGED_AT), self.listing

        def change() -> None:
            act()
            self.injected[f"object {how}"] += 1

        with once(step, change):
            self.run()
        return f"{how} when {step}", [listed, self.listing]

    def second(self) -> tuple[str, list[Listing]]:
        """Another run of the dataset starts while one works."""
        return self._met("second run", lambda: None)

    def second_of_new(self) -> tuple[str, list[Listing]]:
        """Another run of the dataset starts while one works, and finds more."""
        return self._met("second run, which finds more", self.arrivals.day)

    def _met(self, what: str, arrive: Callable[[], object]) -> tuple[str, list[Listing]]:
        step, listed, known = self.draw.choice(MET_AT), self.listing, self.draw.random() < 0.7
        other = Thread(target=self.faulty.elsewhere().attempt)

        def meet() -> None:
            arrive()
            other.start()
            if wait:
                other.join()

        wait = self.draw.random() < 0.5
        with _alive() if known else _unknown(), once(step, meet):
            self.run()
            if other.ident:
                other.join()
                self.injected["second run"] += 1
                self.runs += 1
        how = f"{'waited for' if wait else 'beside it'}, {'known' if known else 'unknown'} to Glue"
        return f"{what} when {step}, {how}", [listed, self.listing]

    def killed(self, step: str) -> tuple[str, list[Listing]]:
        """A process is killed at a step."""
        ended = self.fresh.run(self.faulty.order(), step)
        return f"SIGKILL {step}{self._counted(ended.killed)}", [self.listing]

    def killed_writing(self) -> tuple[str, list[Listing]]:
        """A process is killed in the middle of a write: before the store or the catalog has it, or after."""
        order, when = self.faulty.order(), self.draw.randint(1, 8)
        process, proxy = self.fresh.start(order), self.faulty.proxy
        left = [*range(when)]

        def strike(request: Request) -> None:
            writes = request.action == "UpdateTable" or (
                request.action == "PUT" and any(f"/{top}/" in request.path for top in STATE)
            )
            if writes and left:
                left.pop()
                if not left:
                    kill(process)

        before = self.draw.random() < 0.5
        with proxy.meeting(strike if before else lambda _: None):
            proxy.after = None if before else strike
            try:
                process.wait(180)
            finally:
                proxy.after = None
                kill(process)
        told = self._counted(self.fresh.ended(order, process).killed)
        return f"SIGKILL {'before' if before else 'after'} write {when}{told}", [self.listing]

    def _counted(self, killed: bool) -> str:
        self.runs += 1
        self.kills += killed
        self.injected["SIGKILL"] += killed
        return "" if killed else " (not reached)"

    @property
    def listing(self) -> Listing:
        """The objects that are there now."""
        return dict(self.faulty.model.raw)


@contextmanager
def _alive() -> Iterator[None]:
    """Let Glue say of every run that it is under way."""
    with mock.patch.object(orphan_cleanup, "is_alive", return_value=True):
        yield


@contextmanager
def _unknown() -> Iterator[None]:
    """Let Glue know no run, as where its limit is bypassed by a run elsewhere."""
    yield
