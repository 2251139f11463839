"""The job's own entry, in this process: arguments in, verdict out, and what its log and its end say."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from etl import job
from sandbox.emulator import KEYS
from sandbox.spark import REGION
from tests.faults.fresh import arguments
from tests.faults.lake import Faulty


@dataclass(frozen=True)
class Job:
    """How a job's run ended: whether its process would exit with 0, the verdict of its log, and its warnings."""

    well: bool
    verdict: dict[str, Any]
    warnings: list[str]


def run(faulty: Faulty, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **changes: Any) -> Job:
    """Run a lake's job as its script does; `changes` are of its order."""
    for name, value in {**KEYS, "aws_default_region": REGION, "aws_endpoint_url": faulty.proxy.endpoint}.items():
        monkeypatch.setenv(name.upper(), value)
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
