"""Which runs of a job are in progress, as Glue knows it."""

from typing import Any

IN_PROGRESS = ("STARTING", "RUNNING", "STOPPING", "WAITING")


def in_progress(glue: Any, job: str) -> list[str]:
    """Return the ids of the job's runs that have not ended; none where Glue does not know the job."""
    pages = glue.get_paginator("get_job_runs").paginate(JobName=job)
    try:
        return [run["Id"] for page in pages for run in page["JobRuns"] if run["JobRunState"] in IN_PROGRESS]
    except glue.exceptions.EntityNotFoundException:
        return []
