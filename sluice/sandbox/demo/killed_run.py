"""The demo's run that is killed when its rows are written and not yet published, and the rerun that ends it."""

from sluice.operations import job_runs
from sluice.sandbox import published_rows
from sluice.sandbox.demo.quarantine_day import DAYS, MOST_ROWS, ran
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import Telling
from sluice.sandbox.try_day import RunFailed

DAY = "killed.csv"
KEY = "2025-01-21.csv"


def killed_run(tell: Telling, sales: Dataset) -> None:
    """Tell of a run that dies half-way: readers see nothing of it, and the next run takes it all."""
    tell.heading("7. A run is killed between writing and publishing")
    before = published_rows.snapshot(sales)
    body = (DAYS / DAY).read_bytes()
    tell.say(f"{sales.upload(body, KEY)} arrives in the raw bucket:")
    tell.verbatim(*body.decode().splitlines())
    with tell.step(f"running the Glue job {sales.job}, and killing it (SIGKILL, its JVM too) once its rows are staged"):
        ended = job_runs.run(sales.deployed, watch=lambda _: _kill_once_staged(sales))
    if (ended.state, published_rows.snapshot(sales)) != ("STOPPED", before):
        raise RunFailed(f"the run should have died with nothing published and has {ended.state}: {ended.message}")
    tell.say(f"The run is {ended.state}, its rows lie on a branch, and readers still see snapshot {before}.")
    tell.say("Nothing is to be repaired: the next run clears what the dead one left, and takes the day.")
    run = ran(tell, sales, "SUCCEEDED")
    for remains in run.verdict["remains"]:
        tell.say(f"It found: {remains}.")
    if not run.verdict["remains"]:
        raise RunFailed("the rerun should have found the dead run's branch")
    tell.say("Each row once:")
    tell.rows(published_rows.published(sales, MOST_ROWS))


def _kill_once_staged(sales: Dataset) -> None:
    for run in job_runs.under_way(sales.deployed):
        if f"run_{run}" in published_rows.branches(sales):
            sales.deployed.glue.batch_stop_job_run(JobName=sales.job, JobRunIds=[run])
