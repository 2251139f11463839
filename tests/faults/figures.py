"""What a soak counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from tests.faults.reader import impossible_states
from tests.faults.trades import State

LEAST_RUNS, LEAST_KILLS = 300, 25  # of a whole soak


@dataclass
class Figures:
    """Faults injected by kind, and what came of them.

    Attributes:
        runs: how many were started, `kills` of them ended by a SIGKILL; `stuck` are plain reruns that did not do their work.
        acts: what an operator did between days, by kind.
        refused: days that history refused; `unguarded` are those that it should have refused, or refused otherwise.
        rows: rows that runs had to publish, each version of an object counted once.
        looks: how often a reader looked; `half` of these, or of the states at rest, were no whole state.
        lost: rows of the reference that a reader does not see; `doubled` are those seen that it has not, or not as often.
    """

    injected: Counter[str] = field(default_factory=Counter[str])
    runs: int = 0
    kills: int = 0
    stuck: int = 0
    acts: Counter[str] = field(default_factory=Counter[str])
    refused: int = 0
    unguarded: int = 0
    rows: int = 0
    looks: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0

    def add(self, other: "Figures") -> None:
        """Count what another counted, too."""
        self.injected.update(other.injected)
        self.acts.update(other.acts)
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def judge_reader(self, states: Sequence[State | str], allowed: Sequence[State]) -> bool:
        """Judge what a reader saw while runs worked; return whether all of it was whole."""
        wrong = impossible_states(states, allowed)
        self.looks += len(states)
        self.half += len(wrong)
        return not wrong

    def compare_states(self, state: State, reference: State) -> bool:
        """Judge the table after a plain rerun, its ledger and what is set aside; return whether it is the reference."""
        for mine, theirs in ((state.rows, reference.rows), (state.aside, reference.aside)):
            actual, expected = Counter[object](mine), Counter[object](theirs)
            self.lost += (expected - actual).total()
            self.doubled += (actual - expected).total()
        self.half += state.held != reference.held
        return state == reference

    @property
    def well(self) -> bool:
        """Whether nothing was lost, doubled or half seen, no rerun was stuck, and history was held to."""
        return not (self.lost or self.doubled or self.half or self.stuck or self.unguarded)

    @property
    def enough(self) -> bool:
        """Whether a whole soak did as much as it says: one whose processes were not killed shows nothing of kills."""
        return self.runs >= LEAST_RUNS and self.kills >= LEAST_KILLS

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {times}" for kind, times in sorted(self.injected.items()))
        acts = ", ".join(f"{kind} {times}" for kind, times in sorted(self.acts.items()))
        return (
            f"faults injected {self.injected.total()} ({kinds}); runs {self.runs}; kills {self.kills}; "
            f"looks of a reader {self.looks}; acts {acts}; reruns that failed {self.stuck}; rows {self.rows}; "
            f"days refused by their history {self.refused}, against the model {self.unguarded}; "
            f"rows lost {self.lost}; rows doubled {self.doubled}; half-seen states {self.half}"
        )


NUMBERS = tuple(entry.name for entry in fields(Figures) if entry.name not in ("injected", "acts"))
