"""What the last days of deployed datasets came to, by their results."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from etl.errors import SluiceError
from etl.results.results_reader import read_runs
from etl.storage.raw_objects import S3Prefix
from sluice.day_results.day_states import Day, list_days
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.status import UNREACHABLE

THREADS = 8  # a dataset's results are read by several requests beside each other


@dataclass(frozen=True)
class DatasetDays:
    """The days of one dataset, oldest first.

    Attributes:
        days: what each came to; empty where its results could not be read.
        unreadable: the files of results that were passed over, each with why.
        fault: why its results could not be read, "" where they could.
        is_unreachable: whether AWS or the network is that fault.
    """

    dataset: str
    job: str
    days: tuple[Day, ...] = ()
    unreadable: tuple[str, ...] = ()
    fault: str = ""
    is_unreachable: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as a machine reads it."""
        return {
            "dataset": self.dataset,
            "job": self.job,
            "days": [
                {
                    "date": day.date.isoformat(),
                    "state": str(day.state),
                    "runs": day.runs,
                    "rows_published": day.rows_published,
                    "rows_quarantined": day.rows_quarantined,
                }
                for day in self.days
            ],
            "unreadable": [*self.unreadable],
            "unseen": {"results": self.fault} if self.fault else {},
        }


def collect_days(deployed: Sequence[DeployedDataset], last: date, number: int) -> list[DatasetDays]:
    """Return the last days of datasets, up to `last` (UTC); what one cannot be asked for hides nothing of the others."""
    for dataset in deployed:
        _ = dataset.s3  # made before threads share it
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda dataset: _read_days(dataset, last - timedelta(days=number - 1), last), deployed))


def _read_days(dataset: DeployedDataset, first: date, last: date) -> DatasetDays:
    bucket = S3Prefix.from_uri(dataset.arguments["--verdicts"]).bucket
    day = timedelta(days=1)  # a run may begin on another day than it is known by
    try:
        read = read_runs(dataset.s3, bucket, dataset.name, first - day, last + day)
    except (*UNREACHABLE, SluiceError) as error:
        return DatasetDays(dataset.name, dataset.job, fault=str(error), is_unreachable=isinstance(error, UNREACHABLE))
    return DatasetDays(dataset.name, dataset.job, tuple(list_days(read.lines, first, last)), tuple(read.unreadable))
