"""The demo's run that is killed when its rows are written and not yet published, and the rerun that ends it."""

from etl.runtime.branch_names import run_branch
from sluice.operations import job_runs
from sluice.operations.job_runs import EndedRun
from sluice.sandbox import published_rows
from sluice.sandbox.demo.quarantine_day import DAYS_FOLDER, ROW_LIMIT, run_and_report
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

SALES_FILE = "killed.csv"
SALES_KEY = "2025-01-21.csv"


def run_killed_day(console: SandboxConsole, sales: Dataset) -> None:
    """Tell of a run that dies half-way: readers see nothing of it, and the next run takes it all."""
    console.print_heading("7. A run is killed between writing and publishing")
    snapshot_before = published_rows.current_snapshot_id(sales)
    body = (DAYS_FOLDER / SALES_FILE).read_bytes()
    console.print_paragraph(f"{sales.upload_object(body, SALES_KEY)} arrives in the raw bucket:")
    console.print_verbatim(*body.decode().splitlines())
    with console.time_step(
        f"running the Glue job {sales.job}, and killing it (SIGKILL, its JVM too) once its rows are staged"
    ):
        dead_run = kill_staged_run(sales)
    if (dead_run.state, published_rows.current_snapshot_id(sales)) != ("STOPPED", snapshot_before):
        raise RunFailed(f"the run should have died with nothing published and has {dead_run.state}: {dead_run.message}")
    console.print_paragraph(
        f"The run is {dead_run.state}, its rows lie on a branch, and readers still see snapshot {snapshot_before}."
    )
    console.print_paragraph("Nothing is to be repaired: the next run clears what the dead one left, and takes the day.")
    run = run_and_report(console, sales, "SUCCEEDED")
    for remnant in run.verdict["remains"]:
        console.print_paragraph(f"It found: {remnant}.")
    if not run.verdict["remains"]:
        raise RunFailed("the rerun should have found the dead run's branch")
    console.print_paragraph("Each row once:")
    console.print_rows(published_rows.published_rows(sales, ROW_LIMIT))


def kill_staged_run(sales: Dataset) -> EndedRun:
    """Start the job by hand, and kill its run (SIGKILL, its JVM too) once its rows are staged."""
    return job_runs.run_job(sales.deployed, watch=lambda _: _kill_once_staged(sales))


def _kill_once_staged(sales: Dataset) -> None:
    for run in job_runs.under_way(sales.deployed):
        if run_branch(run) in published_rows.branch_names(sales):
            sales.deployed.glue.batch_stop_job_run(JobName=sales.job, JobRunIds=[run])
