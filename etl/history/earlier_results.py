"""The results of earlier runs that a run's bounds need: as many days as hold them where each has a run, else further back."""

from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from typing import Any

from etl.contract.history import MOST_DAYS
from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.history.run_values import days_back, earlier_values
from etl.results.results_reader import RunResultsRead, read_runs
from etl.runtime.arguments import JobArguments


@dataclass(frozen=True)
class RunPlace:
    """Where a run's history lies.

    Attributes:
        bucket: the bucket of results.
        dataset, run_id: whose they are, and the run itself, which is none of its own history.
        run_date: the day that people know the run by.
        started: the day on which it began, UTC.
    """

    bucket: str
    dataset: str
    run_id: str
    run_date: date
    started: date

    @classmethod
    def from_arguments(cls, arguments: JobArguments) -> "RunPlace":
        """Return the place of a run's history."""
        started = arguments.started.astimezone(UTC).date()
        return cls(arguments.verdicts.bucket, arguments.dataset, arguments.run_id, arguments.calendar_day, started)


def read_results(s3: Any, place: RunPlace, contracts: tuple[Contract, ...]) -> RunResultsRead:
    """Read as many days as bounds need where each has a run, and further back where these do not have their runs.

    Raises:
        ClientError, BotoCoreError: S3 refused to list or to read.
    """
    bounds = [(bound, Stage(contract.stage)) for contract in contracts for bound in contract.history.values()]
    first = min(place.run_date, place.started)
    until = place.started + timedelta(days=1)  # a clock may be ahead
    near = first - timedelta(days=max(days_back(bound) for bound, _ in bounds))
    results = _earlier_runs(s3, place, near, until)
    far = first - timedelta(days=MOST_DAYS)
    has_all = all(
        len(earlier_values(bound, stage, results.lines, place.run_date)) >= bound.last for bound, stage in bounds
    )
    if has_all or far >= near:
        return results
    earlier = _earlier_runs(s3, place, far, near - timedelta(days=1))
    unreadable = [*dict.fromkeys((*earlier.unreadable, *results.unreadable))]
    return RunResultsRead([*earlier.lines, *results.lines], unreadable)


def _earlier_runs(s3: Any, place: RunPlace, since: date, until: date) -> RunResultsRead:
    results = read_runs(s3, place.bucket, place.dataset, since, until)
    return replace(results, lines=[line for line in results.lines if line.run_id != place.run_id])
