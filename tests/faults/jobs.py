"""The job's own entry, in this process: arguments in, verdict out, and what its log and its end say."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from etl import job
from sluice.sandbox.jobs.spark import REGION
from tests.faults.fresh import job_command_line
from tests.faults.lake import FaultyLake
from tests.keys import KEYS


@dataclass(frozen=True)
class JobOutcome:
    """How a job's run ended: whether its process would exit with 0, the verdict of its log, and its warnings."""

    succeeded: bool
    verdict: dict[str, Any]
    warnings: list[str]


def run_job(
    faulty: FaultyLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **changes: Any
) -> JobOutcome:
    """Run a lake's job as its script does; `changes` are of its order."""
    surroundings = {"AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": faulty.proxy.endpoint}
    for name, value in {**KEYS.as_environment(), **surroundings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    order = faulty.job_arguments(**changes)
    capsys.readouterr()
    try:
        job.main(job_command_line(order, order.table))
        well = True
    except Exception:
        well = False
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    [verdict] = [line["verdict"] for line in lines if line["message"] == "VERDICT"]
    return JobOutcome(well, verdict, [line["message"] for line in lines if line["level"] == "WARNING"])
