"""What the runs of a dataset cost, by month, at the list price of Glue."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from etl.results.run_line import RunLine
from sluice.program.bill.price_list import glue_dpu_hour


@dataclass(frozen=True)
class RunCosts:
    """What runs took. `unknown` is the number of runs of which Glue did not say how many units they had."""

    name: str
    runs: int
    unknown: int
    dpu_hours: float
    seconds: float
    rows: int

    @property
    def usd(self) -> float:
        """What that costs in US dollars at the list price."""
        return self.dpu_hours * glue_dpu_hour().usd

    @property
    def is_known(self) -> bool:
        """Whether Glue said of any run what it took."""
        return self.unknown < self.runs or not self.runs

    @property
    def usd_per_million_rows(self) -> float | None:
        """What a million rows cost, None without rows and where nothing is known."""
        return self.usd / self.rows * 1_000_000 if self.rows and self.is_known else None


def sum_costs(name: str, runs: Iterable[RunLine]) -> RunCosts:
    """Return what runs took together."""
    runs = list(runs)
    counted = [run.dpu_seconds for run in runs if run.dpu_seconds is not None]
    return RunCosts(
        name,
        len(runs),
        len(runs) - len(counted),
        sum(counted) / 3600,
        sum(run.seconds for run in runs),
        sum(run.rows_published for run in runs),
    )


def monthly_costs(runs: Iterable[RunLine]) -> list[RunCosts]:
    """Return what the runs of each month took, the newest first; `runs` are by their start."""
    months = groupby(runs, key=lambda run: run.started[:7])
    return [sum_costs(month, of_month) for month, of_month in months][::-1]
