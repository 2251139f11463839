"""Runs of a dataset's job: started, waited for, and told by their verdict."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from etl.runtime.arguments import RunKind
from etl.storage.optional_objects import error_code
from sluice.cli.errors import WrongUse
from sluice.operations.deployed_dataset import DeployedDataset

# A replay, rerun or withdrawal that fails is told to the operator who waits for it, and rings no alarm of the dataset: Glue
# counts only the errors of runs that it observes (AWS Glue, Observability metrics).
UNOBSERVED = {"--enable-observability-metrics": "false"}
UNFINISHED = ("STARTING", "RUNNING", "STOPPING", "WAITING")
MAX_RUNS_PER_CALL = 200  # runs in one answer, the most there may be (AWS Glue, GetJobRuns)
SECONDS_BETWEEN_LOOKS = 0.2
LONGEST_BETWEEN_LOOKS = 10.0
# What a run explains itself by; anything else is a fault of the machine or of ours.
EXPLAINED_ERRORS = (
    "ContractBroken",
    "StillBroken",
    "NothingToReplay",
    "NothingToRerun",
    "WithdrawRefused",
    "MigrationNeeded",
    "ObjectChanged",
    "Superseded",
)


def run_kind(run: Mapping[str, Any]) -> RunKind:
    """Return what kind of a run it is by its own arguments, as Glue tells of it."""
    job_arguments = run.get("Arguments", {})
    return next((kind for kind in RunKind if kind.is_repair and f"--{kind}" in job_arguments), RunKind.RUN)


@dataclass(frozen=True)
class EndedRun:
    """How a run ended: Glue's state and message, and the content of its verdict file, None where it left none."""

    id: str
    state: str
    message: str
    verdict: dict[str, Any] | None
    seconds: float

    @property
    def is_explained(self) -> bool:
        """Whether the data, and no fault, is why it failed."""
        return self.message.partition(":")[0] in EXPLAINED_ERRORS


def run_job(
    dataset: DeployedDataset,
    arguments: Mapping[str, str] | None = None,
    watch: Callable[[str], None] = lambda state: None,
) -> EndedRun:
    """Start the job with `arguments` over its own and wait for its end; `watch` hears each state on the way."""
    return wait_for_run(dataset, start_run(dataset, arguments or {}), watch)


def start_run(dataset: DeployedDataset, arguments: Mapping[str, str]) -> str:
    """Start the job with `arguments` over its own; return the run's id."""
    return dataset.glue.start_job_run(JobName=dataset.job, Arguments=dict(arguments))["JobRunId"]


def wait_for_run(dataset: DeployedDataset, run_id: str, watch: Callable[[str], None]) -> EndedRun:
    """Wait for a run's end; `watch` hears each state on the way."""
    began = time.monotonic()
    pause = SECONDS_BETWEEN_LOOKS
    while True:
        job_run = dataset.glue.get_job_run(JobName=dataset.job, RunId=run_id)["JobRun"]
        if job_run["JobRunState"] not in UNFINISHED:
            break
        watch(job_run["JobRunState"])
        time.sleep(pause)
        # A cloud run takes minutes: asking five times a second would only be throttled.
        pause = pause if dataset.account.endpoint else min(2 * pause, LONGEST_BETWEEN_LOOKS)
    message = job_run.get("ErrorMessage", "")
    return EndedRun(run_id, job_run["JobRunState"], message, read_verdict(dataset, run_id), time.monotonic() - began)


def newest_runs(dataset: DeployedDataset, job: str) -> list[dict[str, Any]]:
    """Return a job's newest runs, newest first, as many as Glue tells at once: it keeps those of 90 days, newest first too."""
    job_runs: list[Any] = dataset.glue.get_job_runs(JobName=job, MaxResults=MAX_RUNS_PER_CALL)["JobRuns"]
    return sorted(job_runs, key=lambda job_run: job_run["StartedOn"], reverse=True)


def under_way(dataset: DeployedDataset) -> list[str]:
    """Return the ids of the runs that have not ended and may publish: the job's own, its maintenance's, one that forgets rows.

    Among the newest: Glue runs one of a job at a time.
    """
    jobs = [job for job in (dataset.job, dataset.maintenance, dataset.forget) if job]
    return [
        job_run["Id"]
        for job in jobs
        for job_run in newest_runs(dataset, job)
        if job_run["JobRunState"] in UNFINISHED
        and (job != dataset.forget or job_run.get("Arguments", {}).get("--forget") == dataset.name)
    ]


def refuse_if_under_way(dataset: DeployedDataset) -> None:
    """Go on only where no run can publish meanwhile.

    Raises:
        WrongUse: one is under way.
    """
    if unfinished := under_way(dataset):
        raise WrongUse(
            f"{', '.join(unfinished)} of {dataset.name} is under way: wait for its end, or stop it; nothing was done"
        )


def read_verdict(dataset: DeployedDataset, run_id: str) -> dict[str, Any] | None:
    """Return the content of a run's verdict file, None where it left none."""
    try:
        return dataset.read_json(f"{dataset.arguments['--verdicts']}{run_id}.json")
    except ClientError as fault:
        if error_code(fault) not in ("NoSuchKey", "404"):
            raise
        return None
