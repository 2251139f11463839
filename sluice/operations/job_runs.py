"""Runs of a dataset's job: started, waited for, and told by their verdict."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from etl.runtime.arguments import REPLAY, RERUN, RUN
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse

# A replay or rerun that fails is told to the operator who waits for it, and rings no alarm of the dataset: Glue counts only
# the errors of runs that it observes (AWS Glue, Observability metrics).
UNOBSERVED = {"--enable-observability-metrics": "false"}
UNFINISHED = ("STARTING", "RUNNING", "STOPPING", "WAITING")
AT_ONCE = 200  # runs in one answer, the most there may be (AWS Glue, GetJobRuns)
SECONDS_BETWEEN_LOOKS = 0.2
LONGEST_BETWEEN_LOOKS = 10.0
# What a run explains itself by; anything else is a fault of the machine or of ours.
NO_FAULT = (
    "ContractBroken",
    "StillBroken",
    "NothingToReplay",
    "NothingToRerun",
    "MigrationNeeded",
    "ObjectChanged",
    "Superseded",
)


def kind(run: Mapping[str, Any]) -> str:
    """Return what kind of a run it is by its own arguments, as Glue tells of it: run, replay or rerun."""
    given = run.get("Arguments", {})
    return next((name for name in (REPLAY, RERUN) if f"--{name}" in given), RUN)


@dataclass(frozen=True)
class Ended:
    """How a run ended: Glue's state and message, and the verdict that the job wrote, None where it left none."""

    id: str
    state: str
    message: str
    verdict: dict[str, Any] | None
    seconds: float

    @property
    def explained(self) -> bool:
        """Whether the data, and no fault, is why it failed."""
        return self.message.partition(":")[0] in NO_FAULT


def run(
    dataset: Deployed, arguments: Mapping[str, str] | None = None, watch: Callable[[str], None] = lambda state: None
) -> Ended:
    """Start the job with `arguments` over its own and wait for its end; `watch` hears each state on the way."""
    began = time.monotonic()
    run_id = dataset.glue.start_job_run(JobName=dataset.job, Arguments=dict(arguments or {}))["JobRunId"]
    pause = SECONDS_BETWEEN_LOOKS
    while True:
        seen = dataset.glue.get_job_run(JobName=dataset.job, RunId=run_id)["JobRun"]
        if seen["JobRunState"] not in UNFINISHED:
            break
        watch(seen["JobRunState"])
        time.sleep(pause)
        # A cloud run takes minutes: asking five times a second would only be throttled.
        pause = pause if dataset.account.endpoint else min(2 * pause, LONGEST_BETWEEN_LOOKS)
    message = seen.get("ErrorMessage", "")
    return Ended(run_id, seen["JobRunState"], message, verdict(dataset, run_id), time.monotonic() - began)


def latest(dataset: Deployed, job: str) -> list[dict[str, Any]]:
    """Return a job's newest runs, newest first, as many as Glue tells at once: it keeps those of 90 days, newest first too."""
    found = dataset.glue.get_job_runs(JobName=job, MaxResults=AT_ONCE)["JobRuns"]
    return sorted(found, key=lambda one: one["StartedOn"], reverse=True)


def under_way(dataset: Deployed) -> list[str]:
    """Return the ids of the runs that have not ended and may publish: the job's own, and its maintenance's.

    Among the newest: Glue runs one of a job at a time.
    """
    jobs = [job for job in (dataset.job, dataset.maintenance) if job]
    return [one["Id"] for job in jobs for one in latest(dataset, job) if one["JobRunState"] in UNFINISHED]


def none_under_way(dataset: Deployed) -> None:
    """Go on only where no run can publish meanwhile.

    Raises:
        WrongUse: one is under way.
    """
    if found := under_way(dataset):
        raise WrongUse(
            f"{', '.join(found)} of {dataset.name} is under way: wait for its end, or stop it; nothing was done"
        )


def verdict(dataset: Deployed, run_id: str) -> dict[str, Any] | None:
    """Return a run's verdict, None where it left none."""
    try:
        return dataset.json(f"{dataset.arguments['--verdicts']}{run_id}.json")
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None
