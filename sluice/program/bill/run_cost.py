"""What one run costs on AWS, as far as it can be reckoned from what is measured on this machine: `docs/cost.md`.

Seconds are those of the benchmark's day under 28 rules (docs/benchmark.md, Growth), turned into seconds of one core and
spread over the executors' cores. Only AWS shows how fast its cores are and how long it installs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from sluice.program.bill.price_list import PRICES

CORES_PER_DPU = 4
"""AWS Glue developer guide, worker types: a G.1X is 4 vCPU and 16 GB, and one DPU."""
LEAST_BILLED_SECONDS = 60
"""AWS Glue pricing: Spark jobs are billed by the second, a minute at least."""
CATALOG_WORKERS = 5
"""AWS Glue API, StartDataQualityRulesetEvaluationRun: G.1X workers by default."""
BYTES_PER_GB = 10**9
MEASURED_CORES = 2
MEASURED_BYTES_PER_MILLION_ROWS = 60.4e6
START_SECONDS = 15.0
"""From process to verdict on five rows, without a check, by the cloud's settings (docs/performance.md, A tiny day)."""
GATE_START_SECONDS = 2.0
"""What the gate takes longer on such a day: 1.3 to 2.0 s (the same)."""
INSTALL_SECONDS = 10.0
"""The bundle of wheels, installed here (docs/cost.md): Glue does it before the job's own code."""
DATA_FILES = 5
"""Those of a day, by region and month."""


class Way(StrEnum):
    """How a day is published.

    Members:
        UNGATED: the same job without any check.
        SLUICE: with the gate.
        DATA_QUALITY_IN_JOB: the ungated job with Glue Data Quality's rules evaluated in it.
        DATA_QUALITY_ON_TABLE: the ungated job, and Glue Data Quality on the table that it published.
    """

    UNGATED = "without a check"
    SLUICE = "Sluice"
    DATA_QUALITY_IN_JOB = "Glue Data Quality in the job"
    DATA_QUALITY_ON_TABLE = "Glue Data Quality on the table"

    @property
    def seconds_per_million_rows(self) -> float:
        """Seconds of the measured machine for a million rows, in the job."""
        match self:
            case Way.UNGATED | Way.DATA_QUALITY_ON_TABLE:
                return 2.15
            case Way.SLUICE:
                return 2.66
            case Way.DATA_QUALITY_IN_JOB:
                # Deequ has no build for this Spark: one query for all rules of a stage, and one for the key, stand for it.
                return 2.15 * 1.79
            case _:
                assert_never(self)


@dataclass(frozen=True)
class Requests:
    """What a run asks of S3 and the catalog: `writes` are PUT, COPY, POST and LIST, `reads` GET and HEAD."""

    writes: int
    reads: int
    catalog: int

    @classmethod
    def of_run(cls, objects: int, data_files: int) -> "Requests":
        """Return the requests of a run that reads so many raw objects and writes so many data files.

        Measured by tests/faults/test_requests.py, which holds a run to them.
        """
        return cls(writes=20 + objects + data_files, reads=24 + 5 * objects + 2 * data_files, catalog=40)

    def usd(self, prices: Mapping[str, float]) -> float:
        """Return what they cost."""
        return (
            self.writes / 1000 * prices["s3_thousand_writes"]
            + self.reads / 1000 * prices["s3_thousand_reads"]
            + self.catalog / 1e6 * prices["million_catalog_requests"]
        )


@dataclass(frozen=True)
class RunCost:
    """One run: seconds that are billed, what these cost, what its requests cost, in US dollars."""

    seconds: float
    usd_compute: float
    usd_requests: float

    @property
    def usd(self) -> float:
        """What it costs."""
        return self.usd_compute + self.usd_requests


def run_cost(size: float, worker_type: str, workers: int, way: Way = Way.SLUICE, objects: int = 1) -> RunCost:
    """Return what a run costs that reads `size` bytes of CSV on so many workers of Glue, one of which is the driver."""
    prices, dpus = load_prices(), worker_dpus()[worker_type]
    cores = max(workers - 1, 1) * dpus * CORES_PER_DPU
    rows = size / MEASURED_BYTES_PER_MILLION_ROWS
    work = rows * way.seconds_per_million_rows * MEASURED_CORES / cores
    start = START_SECONDS + (INSTALL_SECONDS + GATE_START_SECONDS if way is Way.SLUICE else 0)
    seconds = max(start + work, LEAST_BILLED_SECONDS)
    usd = seconds / 3600 * workers * dpus * prices["glue_dpu_hour"]
    if way is Way.DATA_QUALITY_ON_TABLE:
        usd += _evaluation_usd(size, prices)
    return RunCost(seconds, usd, Requests.of_run(objects, DATA_FILES).usd(prices))


def load_prices() -> dict[str, float]:
    """Return the list prices in US dollars, by name."""
    content = json.loads(PRICES.read_text(encoding="utf-8"))
    return {name: price["usd"] for name, price in content["prices"].items()}


def worker_dpus() -> dict[str, int]:
    """Return the data processing units of each type of worker."""
    return json.loads(PRICES.read_text(encoding="utf-8"))["dpu"]


def _evaluation_usd(size: float, prices: Mapping[str, float]) -> float:
    """Return what an evaluation of rules on a published table costs: what they add in a job, on its own workers."""
    added = Way.DATA_QUALITY_IN_JOB.seconds_per_million_rows - Way.UNGATED.seconds_per_million_rows
    cores = (CATALOG_WORKERS - 1) * CORES_PER_DPU
    work = size / MEASURED_BYTES_PER_MILLION_ROWS * added * MEASURED_CORES / cores
    seconds = max(START_SECONDS + work, LEAST_BILLED_SECONDS)
    return seconds / 3600 * CATALOG_WORKERS * prices["data_quality_dpu_hour"]
