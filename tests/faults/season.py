"""Days of one lake, each with mishaps, and after each a plain rerun that must reach the reference."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.figures import Figures
from tests.faults.history import ROWS_HIGH, refuses_day, run_date_of
from tests.faults.mishaps import Listing, Mishaps
from tests.faults.reader import watching_reader
from tests.faults.tables import Table
from tests.faults.walk import Walk, describe_difference

DAYS = 14
NEW = (2, 4, 7, 8, 10, 11, 13)  # days of objects that never were there
FLOODED = {8: 80, 13: 400}  # rows of each object, on days of a flood: more than three times what any day before had
ACTS = {4: "withdrawal", 5: "rerun", 7: "replay", 8: "rollback", 10: "maintenance", 11: "withdrawal", 13: "rollback"}
KILLED = {3: "step", 6: "step", 9: "write", 12: "step"}  # days of which a run's process is killed


@dataclass
class Season:
    """A lake's days; `write_line` takes a line for each, `steps` yields the step at which the next process is killed."""

    mishaps: Mishaps
    walk: Walk
    figures: Figures
    write_line: Callable[[str], None]

    def run_days(self, steps: Callable[[], str]) -> None:
        """Go through every day, or up to the first after which the table is not the reference."""
        for day in range(1, DAYS + 1):
            notes: list[str] = []
            begun = time.monotonic()
            well = self._run_day(day, steps, notes) and self._act(day, notes)
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
        before, model = faulty.model.state, faulty.model.copy()
        with watching_reader(faulty) as states:
            event, listings = mishap()
        model.complete |= faulty.model.complete  # folders that came meanwhile
        tables = model.after_runs(listings)
        allowed = [table.state for table in tables]
        resting = faulty.visible_state()
        well = self.figures.judge_reader(states, allowed)
        published = next((table for table in tables if table.state == resting), None)
        if published is None:
            self.figures.half += 1
            well = False
        elif published is not tables[0]:
            if len(listings) == 1 and self._is_refused(listings[0]):
                self.figures.unguarded += 1
                well = False
            self._publish_in_model(published)
        done = "nothing published" if resting == before else "published"
        notes.append(
            f"{event}: {done}" + ("" if well else f", AGAINST THE MODEL: {describe_difference(resting, *allowed)}")
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

    def _act(self, day: int, notes: list[str]) -> bool:
        """Let an operator act on some days, each time plainly at last; return whether the table is the model's then."""
        kind, walk = ACTS.get(day), self.walk
        if kind is None:
            return True
        walk.begin()
        with watching_reader(walk.faulty) as states:
            fault = walk.take(kind)
        notes.extend(note.strip() for note in walk.notes)
        well = self.figures.judge_reader(states, walk.states)
        if fault:
            self.figures.stuck += 1
            notes.append(f"AGAINST THE MODEL: {fault}")
        return self.figures.compare_states(walk.faulty.visible_state(), walk.model.state) and well and not fault

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
        later = faulty.model.copy()
        later.run()
        self._publish_in_model(later.table)
        well = self.figures.judge_reader(states, [before, faulty.model.state])
        resting = faulty.visible_state()
        well = self.figures.compare_states(resting, faulty.model.state) and well
        if (verdict.state == "SUCCEEDED") == fails:
            self.figures.stuck += 1
            well = False
            notes.append(f"RERUN {verdict.state}: {verdict.message}")
        if not well:
            notes.append(f"AGAINST THE MODEL: {describe_difference(resting, faulty.model.state)}")
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

    def _publish_in_model(self, table: Table) -> None:
        model = self.mishaps.faulty.model
        held_files, model.table = model.published_files, table
        new = [file for key, file in model.published_files.items() if held_files.get(key) != file]
        self.figures.rows += sum(len(file.trades) for file in new)
