"""Runs of a job as Glue knows them: what a run is called, and which runs are alive."""

import re

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


def lineage_namespace(region: str) -> str:
    """Return the namespace of a region's jobs in lineage events (OpenLineage, Naming, AWS Glue)."""
    return f"aws.glue.{region}"
