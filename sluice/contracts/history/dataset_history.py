"""The history of a deployed dataset: what each run had and whether it counts, and what bounds come to now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from etl.contract.history import HistoryBound
from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES, Stage
from etl.history.resolution import bounds_of
from etl.results.results_reader import RunResultsRead, read_runs
from etl.results.run_line import RunLine
from etl.results.used_bound import UsedBound
from etl.runtime.arguments import RunKind
from etl.storage.raw_objects import S3Prefix
from sluice.contracts.history.bound_uses import BoundUse, bound_uses
from sluice.contracts.history.bound_words import describe_history
from sluice.operations.deployed_dataset import DeployedDataset

RESULTS_DAYS = 400
"""Days of results that are read: as many as they are kept by default."""
ROW_COUNT = f"{Stage.OUTPUT}.row_count"


@dataclass(frozen=True)
class RunFigures:
    """A run.

    Attributes:
        line: its line of the results.
        metrics: what it had, by stage and metric, such as `output.row_count`.
        why_not: why it is no history, "" where it is.
    """

    line: RunLine
    metrics: Mapping[str, int | float | None]
    why_not: str

    @classmethod
    def from_line(cls, line: RunLine) -> "RunFigures":
        """Return what a line of the results says."""
        metrics = {
            f"{stage}.{name}": value
            for stage, stage_metrics in line.metrics.items()
            for name, value in stage_metrics.items()
        }
        return cls(line, metrics, why_not_counted(line))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        line = self.line
        head = {"run_id": line.run_id, "run_date": line.run_date.isoformat(), "started": line.started}
        return {
            **head,
            "kind": str(line.kind),
            "state": str(line.state),
            "counts": not self.why_not,
            "why_not": self.why_not,
            "metrics": dict(self.metrics),
        }


@dataclass(frozen=True)
class BoundNow:
    """A bound with what it would be for a run that started now, and where rules use it."""

    bound: HistoryBound
    used: UsedBound
    uses: tuple[BoundUse, ...]

    @property
    def words(self) -> str:
        """The bound in words."""
        return describe_history(self.bound, self.bound.metric_name)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        rules = [
            {"rule": use.rule.rule, "severity": str(use.rule.severity), "argument": use.argument} for use in self.uses
        ]
        return {**asdict(self.used), "bound": asdict(self.bound), "words": self.words, "rules": rules}


@dataclass(frozen=True)
class DatasetHistory:
    """What runs of a dataset had, by their day and start, and what its bounds are on `run_date`."""

    dataset: str
    job: str
    run_date: date
    runs: tuple[RunFigures, ...]
    bounds: tuple[BoundNow, ...]
    unreadable: tuple[str, ...]

    @property
    def metric_names(self) -> list[str]:
        """The metrics that bounds are made of, the number of rows first."""
        return list(dict.fromkeys([ROW_COUNT, *(f"{now.used.stage}.{now.used.metric}" for now in self.bounds)]))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "dataset": self.dataset,
            "job": self.job,
            "run_date": self.run_date.isoformat(),
            "runs": [run.as_json() for run in self.runs],
            "bounds": [now.as_json() for now in self.bounds],
            "unreadable": [*self.unreadable],
        }


def collect_history(dataset: DeployedDataset, today: date, days: int) -> DatasetHistory:
    """Read the history of a dataset by its deployed contracts: its bounds as of `today`, and the runs of the last `days`."""
    results = read_results(dataset, today)
    recent = [line for line in results.lines if line.run_date > today - timedelta(days=days)]
    ordered = sorted(recent, key=lambda line: (line.run_date, line.started, line.run_id))
    return DatasetHistory(
        dataset.name,
        dataset.job,
        today,
        tuple(map(RunFigures.from_line, ordered)),
        tuple(bounds_now(deployed_contracts(dataset), results, today)),
        tuple(results.unreadable),
    )


def read_results(dataset: DeployedDataset, today: date) -> RunResultsRead:
    """Return the lines of a dataset's runs, as far back as they are kept by default."""
    bucket = S3Prefix.from_uri(dataset.arguments["--verdicts"]).bucket
    return read_runs(dataset.s3, bucket, dataset.name, today - timedelta(days=RESULTS_DAYS), today + timedelta(days=1))


def deployed_contracts(dataset: DeployedDataset) -> tuple[Contract, ...]:
    """Return both contracts of a dataset as they are deployed."""
    return tuple(contract_of(dataset.read_json(dataset.arguments[f"--{stage}-contract"])) for stage in SUITE_STAGES)


def bounds_now(contracts: Sequence[Contract], results: RunResultsRead, today: date) -> list[BoundNow]:
    """Return the bounds of both contracts for a run of `today`."""
    values = bounds_of(tuple(contracts), results, today)
    uses = [use for contract in contracts for use in bound_uses(contract)]
    return [
        BoundNow(bound, values[name], tuple(use for use in uses if use.name == name))
        for contract in contracts
        for name, bound in contract.history.items()
    ]


def why_not_counted(line: RunLine) -> str:
    """Return why a run is no history, "" where it is."""
    if line.is_ordinary:
        return ""
    if line.kind is not RunKind.RUN:
        return str(line.kind)
    if line.state.is_failure:
        return "failed"
    if line.nothing_unread:
        return "nothing new"
    if line.corrected:
        return "correction"
    return "isolated part" if line.isolated else "no rows"
