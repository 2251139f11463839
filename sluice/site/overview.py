"""The overview: how each dataset stands, what needs a look first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from etl.contract.source_format import SourceFormat
from sluice.day_results.day_states import Day, DayState
from sluice.day_results.outcomes import Tone
from sluice.site.dataset_history import RECENT_DAYS, DatasetHistory, outcome_of
from sluice.site.freshness import Freshness
from sluice.site.run_costs import RunCosts
from sluice.site.runs import ContractPair, DatasetRuns
from sluice.site.verdicts import minute_text

STRIP_DAYS = 14
URGENCY = (Tone.BAD, Tone.ASIDE, Tone.GOOD, Tone.QUIET)
NO_RUN = "no run told"


@dataclass(frozen=True)
class Standing:
    """How a dataset stands.

    Attributes:
        outcome: what became of the last run that says so, in words; `outcome_tone` is how that is to be felt.
        when: when that run began, "" without one.
        strip: the last days, the newest last.
        last_day: the last day on which rows were published, None without one.
        recent: what the last 30 days cost, None without results.
        bad_days: days of the last 30 that were refused or failed.
    """

    dataset: str
    owner: str
    description: str
    arrives: SourceFormat | None
    outcome: str
    outcome_tone: Tone
    when: str
    freshness: Freshness
    strip: list[Day]
    last_day: Day | None
    recent: RunCosts | None
    bad_days: int

    @property
    def tone(self) -> Tone:
        """How all of it is to be felt: data that is late is bad."""
        return Tone.BAD if self.freshness.is_late else self.outcome_tone


def dataset_standing(pair: ContractPair | None, history: DatasetHistory, runs: DatasetRuns | None) -> Standing:
    """Return how a dataset stands; one that is gone has no contracts. The later of verdict and line says the outcome."""
    line, latest = history.deciding, runs.latest if runs else None
    outcome, tone, when = NO_RUN, Tone.QUIET, ""
    if latest and (line is None or (latest.started > line.started and not latest.nothing_unread)):
        (outcome, tone), when = latest.outcome, latest.when
    elif line:
        (outcome, tone), when = outcome_of(line), minute_text(line.started)
    return Standing(
        history.dataset,
        pair[1].owner if pair else "",
        pair[1].description if pair else "",
        pair[0].format if pair else None,
        outcome,
        tone,
        when,
        history.freshness,
        history.days[-STRIP_DAYS:],
        next((day for day in reversed(history.days) if day.has_rows), None),
        history.recent if history.runs else None,
        history.count_days(DayState.BAD, RECENT_DAYS),
    )


def rank_standings(standings: Iterable[Standing]) -> list[Standing]:
    """Return the datasets in the order in which they need a look."""
    return sorted(standings, key=lambda standing: (URGENCY.index(standing.tone), standing.dataset))


def strip_words(days: Iterable[Day]) -> str:
    """Return what a strip of days shows, for who hears the page."""
    counts = Counter(day.state for day in days)
    return ", ".join(f"{counts[state]} {state.words}" for state in DayState if counts[state])
