"""Days of one lake, each with mishaps, and after each a plain rerun that must reach the reference."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.faults.figures import Figures
from tests.faults.mishaps import Listing, Mishaps
from tests.faults.model import Model, State
from tests.faults.reader import watching

DAYS = 14
KILLED = {3: "step", 6: "step", 9: "write", 12: "step"}  # days of which a run's process is killed


@dataclass
class Season:
    """A lake's days; `told` takes a line for each, `steps` yields the step at which the next process is killed."""

    mishaps: Mishaps
    figures: Figures
    told: Callable[[str], None]

    def through(self, steps: Callable[[], str]) -> None:
        """Go through every day, or up to the first after which the table is not the reference."""
        for day in range(1, DAYS + 1):
            said: list[str] = []
            begun = time.monotonic()
            well = self._day(day, steps, said)
            self.told(f"  day {day}: {'; '.join(said)} ({time.monotonic() - begun:.0f} s)")
            if not well:
                return

    def _day(self, day: int, steps: Callable[[], str], said: list[str]) -> bool:
        arrivals = self.mishaps.arrivals
        if kind := KILLED.get(day):
            arrivals.eventful()
            killed = self.mishaps.killed_writing if kind == "write" else lambda: self.mishaps.killed(steps())
            return self._meet(killed, said) and self._recover(said)
        for _ in range(self.mishaps.draw.choice((1, 1, 2))):
            arrivals.day()
            if not self._meet(self.mishaps.one, said):
                return False
        return self._recover(said)

    def _meet(self, mishap: Callable[[], tuple[str, list[Listing]]], said: list[str]) -> bool:
        """Let a mishap happen while a reader looks; what it sees then is a whole state, before or after."""
        faulty = self.mishaps.faulty
        before, held = faulty.model.state, faulty.model.held
        with watching(faulty) as seen:
            what, listings = mishap()
        after = [Model(faulty.model.replace, {}, held).after(listing) for listing in listings]
        rest = faulty.seen()
        well = self.figures.look(seen, [before, *after])
        published = next((listing for listing, state in zip(listings, after, strict=True) if state == rest), None)
        if published is not None:
            self._publish(published)
        elif rest != before:
            self.figures.half += 1
            well = False
        done = "nothing published" if rest == before else "published"
        said.append(f"{what}: {done}" + ("" if well else f", AGAINST THE MODEL: {_apart(rest, [before, *after])}"))
        return well

    def _recover(self, said: list[str]) -> bool:
        """Rerun plainly, first as it is, then with good objects where the contract refused some."""
        faulty = self.mishaps.faulty
        broken = faulty.model.broken()
        well = self._rerun(said)
        if broken and well:
            said.append("mended")
            self.mishaps.arrivals.mend()
            well = self._rerun(said)
        return well

    def _rerun(self, said: list[str]) -> bool:
        faulty = self.mishaps.faulty
        before, fails = faulty.model.state, faulty.model.broken()
        faulty.anew()
        self.mishaps.runs += 1
        with watching(faulty) as seen:
            verdict = faulty.run()
        self._publish(faulty.model.raw)
        well = self.figures.look(seen, [before, faulty.model.state])
        rest = faulty.seen()
        well = self.figures.compare(rest, faulty.model.state) and well
        if (verdict.state == "SUCCEEDED") == fails:
            self.figures.stuck += 1
            well = False
            said.append(f"RERUN {verdict.state}: {verdict.message}")
        if not well:
            said.append(f"AGAINST THE MODEL: {_apart(rest, [faulty.model.state])}")
        return well

    def _publish(self, listing: Listing) -> None:
        model = self.mishaps.faulty.model
        held = model.held
        if model.run(listing):
            new = [file for key, file in model.held.items() if held.get(key) != file]
            self.figures.rows += sum(len(file.sales) for file in new)


def _apart(seen: State, allowed: Sequence[State]) -> str:
    """Say how a state differs from the last of those that may be."""
    wanted = allowed[-1]
    parts = zip(State._fields, seen, wanted, strict=True)
    return ", ".join(f"{name} {set(mine) ^ set(theirs)}" for name, mine, theirs in parts if mine != theirs)
