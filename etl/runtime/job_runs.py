"""Runs of a job as Glue knows them: what a run is called, and which runs are alive."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from etl.storage.clients import Clients

ALIVE_STATES = ("STARTING", "RUNNING", "STOPPING", "WAITING")
"""States of a run that has not ended (AWS Glue, JobRun, JobRunState)."""
RUN_ID_TAG = "glue_run_id"
"""The tag that names a run in lineage events."""
_RUN_ID = re.compile(
    r"(?P<job_run>jr_[0-9A-Za-z]+?)(?:_\d+)*"
)  # a run takes objects alone under its own id and a number


def job_run_id(run_id: str) -> str | None:
    """Return the id of the job run that worked under `run_id`; None for a name that no run of a job has."""
    matched = _RUN_ID.fullmatch(run_id)
    return matched["job_run"] if matched else None


def is_alive(aws: Clients, job: str, job_run: str) -> bool:
    """Return whether a run of the job is under way; a run that Glue does not know has ended."""
    try:
        return aws.glue.get_job_run(JobName=job, RunId=job_run)["JobRun"]["JobRunState"] in ALIVE_STATES
    except aws.glue.exceptions.EntityNotFoundException:
        return False


def alive_runs(aws: Clients, job: str) -> list[str]:
    """Return the ids of the job's runs that are under way; none where Glue does not know the job."""
    pages = aws.glue.get_paginator("get_job_runs").paginate(JobName=job)
    try:
        return [run["Id"] for page in pages for run in page["JobRuns"] if run["JobRunState"] in ALIVE_STATES]
    except aws.glue.exceptions.EntityNotFoundException:
        return []


def dpu_seconds(aws: Clients, job: str, job_run: str) -> float | None:
    """Return what a run under way has taken of data processing units so far, None where Glue does not say how many it has.

    Source: AWS Glue, JobRun: MaxCapacity is the number of units, StartedOn when the run began to use them.
    """
    run = aws.glue.get_job_run(JobName=job, RunId=job_run)["JobRun"]
    units, begun = run.get("MaxCapacity"), run.get("StartedOn")
    if not units or begun is None:
        return None
    return round(units * max((datetime.now(UTC) - begun).total_seconds(), 0.0), 1)


def lineage_namespace(region: str) -> str:
    """Return the namespace of a region's jobs in lineage events (OpenLineage, Naming, AWS Glue)."""
    return f"aws.glue.{region}"


def run_page(console: str, region: str, job: str, job_run: str) -> str:
    """Return the page of a run in the console at an address."""
    return f"{console}/gluestudio/home?region={region}#/job/{quote(job)}/run/{quote(job_run)}"
