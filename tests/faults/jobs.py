"""The job's own entry, in this process: arguments in, verdict out, and what its log and its end say."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from etl import job
from sluice.sandbox.jobs.spark import REGION
from tests.faults.fresh import arguments
from tests.faults.lake import Faulty
from tests.keys import KEYS


@dataclass(frozen=True)
class Job:
    """How a job's run ended: whether its process would exit with 0, the verdict of its log, and its warnings."""

    well: bool
    verdict: dict[str, Any]
    warnings: list[str]


def run(faulty: Faulty, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **changes: Any) -> Job:
    """Run a lake's job as its script does; `changes` are of its order."""
    surroundings = {"AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": faulty.proxy.endpoint}
    for name, value in {**KEYS.environment(), **surroundings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    order = faulty.order(**changes)
    capsys.readouterr()
    try:
        job.main(arguments(order, order.table))
        well = True
    except Exception:
        well = False
    said = capsys.readouterr()
    [verdict] = [line.removeprefix("VERDICT ") for line in said.out.splitlines() if line.startswith("VERDICT ")]
    return Job(well, json.loads(verdict), [line for line in said.err.splitlines() if line.startswith("WARNING could")])
