"""Days of one lake, each with mishaps, and after each a plain rerun that must reach the reference."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.faults.figures import Figures
from tests.faults.history import ROWS_HIGH, refuses_day, run_date_of
from tests.faults.mishaps import Listing, Mishaps
from tests.faults.model import Model, State
from tests.faults.reader import watching_reader

DAYS = 14
NEW = (2, 4, 7, 8, 10, 11, 13)  # days of objects that never were there
FLOODED = {8: 80, 13: 400}  # rows of each object, on days of a flood: more than three times what any day before had
KILLED = {3: "step", 6: "step", 9: "write", 12: "step"}  # days of which a run's process is killed


@dataclass
class Season:
    """A lake's days; `write_line` takes a line for each, `steps` yields the step at which the next process is killed."""

    mishaps: Mishaps
    figures: Figures
    write_line: Callable[[str], None]

    def run_days(self, steps: Callable[[], str]) -> None:
        """Go through every day, or up to the first after which the table is not the reference."""
        for day in range(1, DAYS + 1):
            notes: list[str] = []
            begun = time.monotonic()
            well = self._run_day(day, steps, notes)
            self.write_line(f"  day {day}: {'; '.join(notes)} ({time.monotonic() - begun:.0f} s)")
            if not well:
                return

    def _run_day(self, day: int, steps: Callable[[], str], notes: list[str]) -> bool:
        arrivals = self.mishaps.arrivals
        self.mishaps.faulty.run_date = run_date_of(day)
        if kind := KILLED.get(day):
            arrivals.arrive_eventful_day()
            killed = self.mishaps.killed_writing if kind == "write" else lambda: self.mishaps.kill_at_step(steps())
            return self._meet_mishap(killed, notes) and self._recover_lake(notes)
        for _ in range(self.mishaps.draw.choice((1, 1, 2))):
            if day in NEW:
                arrivals.arrive_new_objects(FLOODED.get(day, 0))
            else:
                arrivals.arrive_day()
            if not self._meet_mishap(self.mishaps.meet_any, notes):
                return False
        return self._recover_lake(notes)

    def _meet_mishap(self, mishap: Callable[[], tuple[str, list[Listing]]], notes: list[str]) -> bool:
        """Let a mishap happen while a reader looks; what it sees then is a whole state, before or after."""
        faulty = self.mishaps.faulty
        before, held_files = faulty.model.state, faulty.model.published_files
        with watching_reader(faulty) as states:
            event, listings = mishap()
        after = [Model(faulty.model.replace, {}, held_files).state_after(listing) for listing in listings]
        resting = faulty.visible_state()
        well = self.figures.judge_reader(states, [before, *after])
        published = next((listing for listing, state in zip(listings, after, strict=True) if state == resting), None)
        if published is not None:
            if len(listings) == 1 and self._is_refused(published):
                self.figures.unguarded += 1
                well = False
            self._publish_in_model(published)
        elif resting != before:
            self.figures.half += 1
            well = False
        done = "nothing published" if resting == before else "published"
        notes.append(
            f"{event}: {done}"
            + ("" if well else f", AGAINST THE MODEL: {_describe_difference(resting, [before, *after])}")
        )
        return well

    def _recover_lake(self, notes: list[str]) -> bool:
        """Rerun plainly, first as it is, then with good objects where the contract refused some."""
        faulty = self.mishaps.faulty
        broken = faulty.model.breaks_contract()
        well = self._rerun_plainly(notes)
        if broken and well:
            notes.append("mended")
            self.mishaps.arrivals.mend_objects()
            well = self._rerun_plainly(notes)
        return well

    def _rerun_plainly(self, notes: list[str]) -> bool:
        faulty = self.mishaps.faulty
        before, fails = faulty.model.state, faulty.model.breaks_contract()
        accepted = {} if fails or not self._is_refused() else {"accept_history": "a flood", "accepted_by": "the soak"}
        if accepted and not self._is_refused_plainly(notes):
            return False
        faulty.start_afresh()
        self.mishaps.runs += 1
        with watching_reader(faulty) as states:
            verdict = faulty.run_and_report(**accepted)
        if verdict is None:
            raise AssertionError("a plain run crashes at no step")
        self._publish_in_model(faulty.model.raw)
        well = self.figures.judge_reader(states, [before, faulty.model.state])
        resting = faulty.visible_state()
        well = self.figures.compare_states(resting, faulty.model.state) and well
        if (verdict.state == "SUCCEEDED") == fails:
            self.figures.stuck += 1
            well = False
            notes.append(f"RERUN {verdict.state}: {verdict.message}")
        if not well:
            notes.append(f"AGAINST THE MODEL: {_describe_difference(resting, [faulty.model.state])}")
        return well

    def _is_refused(self, listing: Listing | None = None) -> bool:
        """Say whether history refuses a listing, by default what is there."""
        faulty = self.mishaps.faulty
        return refuses_day(faulty.direct.s3, faulty.bucket, faulty.model, faulty.run_date, listing)

    def _is_refused_plainly(self, notes: list[str]) -> bool:
        """Run a day that its history refuses; return whether that, and nothing else, was what failed it."""
        faulty = self.mishaps.faulty
        before = faulty.model.state
        faulty.start_afresh()
        self.mishaps.runs += 1
        verdict = faulty.run_and_report()
        broken = [] if verdict is None else [result.rule for result in verdict.broken]
        well = broken == [ROWS_HIGH] and faulty.visible_state() == before
        self.figures.refused += 1
        self.figures.unguarded += not well
        notes.append(f"refused by its history{'' if well else f', AGAINST THE MODEL: {verdict and verdict.message}'}")
        return well

    def _publish_in_model(self, listing: Listing) -> None:
        model = self.mishaps.faulty.model
        held_files = model.published_files
        if model.run(listing):
            new = [file for key, file in model.published_files.items() if held_files.get(key) != file]
            self.figures.rows += sum(len(file.trades) for file in new)


def _describe_difference(state: State, allowed: Sequence[State]) -> str:
    """Say how a state differs from the last of those that may be."""
    expected = allowed[-1]
    parts = zip(State._fields, state, expected, strict=True)
    return ", ".join(f"{name} {set(mine) ^ set(theirs)}" for name, mine, theirs in parts if mine != theirs)
