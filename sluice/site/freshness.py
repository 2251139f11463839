"""How old what readers see is, against what its contract promises."""

from dataclasses import dataclass
from datetime import UTC, datetime

from etl.results.run_line import RunLine
from etl.wording import count_noun
from sluice.day_results.outcomes import Tone


@dataclass(frozen=True)
class Freshness:
    """How old a published table was when the site was written; hours, None where it is not known or not promised."""

    age: float | None
    promised: int | None

    @property
    def is_late(self) -> bool:
        """Whether it is older than promised."""
        return self.age is not None and self.promised is not None and self.age > self.promised

    @property
    def tone(self) -> Tone:
        """How that is to be felt."""
        if self.age is None or self.promised is None:
            return Tone.QUIET
        return Tone.BAD if self.is_late else Tone.GOOD

    @property
    def words(self) -> str:
        """Both in words."""
        if self.age is None:
            return (
                "nothing published"
                if self.promised is None
                else f"nothing published, promised within {self.promised} h"
            )
        age = f"{_age_words(self.age)} old"
        if self.promised is None:
            return f"{age}, not watched"
        return (
            f"late: {age}, promised within {self.promised} h"
            if self.is_late
            else f"fresh: {age}, within {self.promised} h"
        )


def freshness_of(runs: list[RunLine], promised: int | None, now: datetime) -> Freshness:
    """Return how old a dataset's table is by its last run; `runs` are by their start."""
    times = [time for time in map(_published, reversed(runs)) if time]
    return Freshness(max(0.0, (now - times[0]).total_seconds() / 3600) if times else None, promised)


def _published(run: RunLine) -> datetime | None:
    try:
        time = datetime.fromisoformat(run.published_at or "")
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _age_words(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else count_noun(round(hours / 24), "day")
