"""The deployed lake as its users meet it: files go in, a job runs, rows, verdict, alarm and snapshots come out.

Everything is learned from the emulator's API, starting at the job's definition; nothing from the program's insides.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from etl.contract.key_folders import folders_of_file
from etl.contract.loading import contract_of
from etl.contract.severity import Severity
from sluice.cli.errors import FaultWithLines
from sluice.operations import job_runs
from sluice.operations.deployed_dataset import DeployedDataset, all_deployed
from sluice.sandbox.emulator.emulator import Emulator

SECONDS_BETWEEN_POLLS = 0.2
SECONDS_FOR_AN_ALARM = 60


class NoVerdict(FaultWithLines):
    """A run ended without a verdict; the message is the run's error and the end of its log."""


@dataclass(frozen=True)
class Alarm:
    """A CloudWatch alarm: its state and the topic it writes to."""

    name: str
    state: str
    topic: str


@dataclass(frozen=True)
class Run:
    """A finished run: Glue's state and error message, and the verdict the job wrote."""

    id: str
    state: str
    message: str
    verdict: dict[str, Any]
    seconds: float

    @property
    def contract_broken(self) -> bool:
        """Whether a contract was broken, and nothing else went wrong."""
        return self.state == "FAILED" and any(
            Severity(result["severity"]).stops_run for result in self.verdict["violations"]
        )


@dataclass(frozen=True)
class Dataset:
    """One dataset of the lake: the name of its job, and that job's default arguments."""

    emulator: Emulator
    name: str
    job: str
    arguments: Mapping[str, str]

    @cached_property
    def deployed(self) -> DeployedDataset:
        """The dataset as an operator's commands see it."""
        return DeployedDataset(self.emulator.account, self.name, self.job, self.arguments)

    def upload_object(self, body: bytes, name: str) -> str:
        """Put an object under the dataset's raw prefix; return its key."""
        bucket, prefix = _split_s3_url(self.arguments["--raw"])
        self.emulator.client("s3").put_object(Bucket=bucket, Key=prefix + name, Body=body)
        return prefix + name

    def upload_day(self, files: Iterable[Path]) -> list[str]:
        """Upload files under their own names, in the folders that columns come from; a name's second comer goes into the
        folder `2/`, and so on.
        """
        contract = contract_of(self.deployed.read_json(self.arguments["--input-contract"]))
        names: list[str] = []
        for file in files:
            own_name = f"{folders_of_file(file, contract)}{file.name}"
            same_name_count = sum(1 for name in names if f"/{name}".endswith(f"/{own_name}"))
            names.append(f"{same_name_count + 1}/{own_name}" if same_name_count else own_name)
            self.upload_object(file.read_bytes(), names[-1])
        return names

    def run(self, run_date: str | None = None, watch: Callable[[str], None] = lambda state: None) -> Run:
        """Start the job through StartJobRun and wait for its end; `watch` hears each state on the way.

        Raises:
            NoVerdict: the run left no verdict.
        """
        finished_run = job_runs.run_job(self.deployed, {"--run-date": run_date} if run_date else {}, watch)
        if finished_run.verdict is None:
            log = self.emulator.run_log(finished_run.id)
            tail = log.read_text(errors="replace")[-4000:] if log.exists() else ""
            raise NoVerdict(f"{finished_run.message or 'the run left no verdict'}\n\nThe end of its log:\n{tail}")
        return Run(
            finished_run.id, finished_run.state, finished_run.message, finished_run.verdict, finished_run.seconds
        )

    def load_contract(self) -> dict[str, Any]:
        """Return the output contract that the job's definition names."""
        return self.deployed.read_json(self.arguments["--output-contract"])

    def evaluated_alarm(self, metric: str = "Violations") -> Alarm:
        """Return the alarm on a metric of the job, by default on broken contracts, once it has been evaluated."""
        deadline = time.monotonic() + SECONDS_FOR_AN_ALARM
        while self._read_alarm(metric).state == "INSUFFICIENT_DATA" and time.monotonic() < deadline:
            time.sleep(SECONDS_BETWEEN_POLLS)
        return self._read_alarm(metric)

    def topic_arn(self) -> str:
        """Return the ARN of the topic that the alarms write to."""
        return self._read_alarm("Violations").topic

    def _read_alarm(self, metric: str) -> Alarm:
        pages = self.emulator.client("cloudwatch").get_paginator("describe_alarms").paginate()
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
        [metric_alarm] = [alarm for alarm in alarms if _watches_metric(alarm, metric, self.job)]
        return Alarm(metric_alarm["AlarmName"], metric_alarm["StateValue"], metric_alarm["AlarmActions"][0])


def deployed_datasets(emulator: Emulator) -> dict[str, Dataset]:
    """Return the datasets of the deployed lake by name: one for each job that says `--dataset`."""
    return {
        deployed.name: Dataset(emulator, deployed.name, deployed.job, deployed.arguments)
        for deployed in all_deployed(emulator.account)
    }


def _watches_metric(alarm: dict[str, Any], metric: str, job: str) -> bool:
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    return (alarm["Namespace"], alarm["MetricName"], dimensions) == ("Sluice", metric, {"JobName": job})


def _split_s3_url(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
