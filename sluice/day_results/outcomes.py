"""What became of a run, in words, and how that is to be felt: for a verdict and for a line of the results."""

from enum import StrEnum
from typing import Protocol

from etl.results.verdict import RunState
from etl.runtime.arguments import RunKind


class Tone(StrEnum):
    """How an outcome is to be felt; each is a class in the style, and comes with words or a shape."""

    GOOD = "good"
    ASIDE = "aside"
    BAD = "bad"
    QUIET = "quiet"


class EndedRun(Protocol):
    """What the words need of a run."""

    @property
    def kind(self) -> RunKind:
        """What kind of run it was."""
        ...

    @property
    def state(self) -> RunState:
        """Whether it came to its end."""
        ...

    @property
    def nothing_unread(self) -> bool:
        """Whether there was nothing to read."""
        ...

    @property
    def rows_quarantined(self) -> int:
        """Rows that it set aside."""
        ...


def describe_outcome(run: EndedRun, is_refused: bool) -> tuple[str, Tone]:
    """Return the words and their tone; `is_refused` says that a critical rule kept the data out."""
    words, tone = _plain_outcome(run, is_refused)
    return (f"{run.kind}: {words}" if run.kind.is_repair else words), tone


def changed_nothing(run: EndedRun) -> bool:
    """Whether it was an operator's attempt that failed: the dataset's state is what the run before left."""
    return run.kind.is_repair and run.state.is_failure


def _plain_outcome(run: EndedRun, is_refused: bool) -> tuple[str, Tone]:
    if run.state.is_failure:
        return ("refused" if is_refused else "failed"), Tone.BAD
    if run.nothing_unread:
        return "nothing new", Tone.QUIET
    if run.rows_quarantined:
        return f"published, {run.rows_quarantined:,} set aside", Tone.ASIDE
    return "published", Tone.GOOD
