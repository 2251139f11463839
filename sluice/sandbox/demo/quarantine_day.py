"""The demo's second half: a sale to a customer whom nobody knows is set aside, and replayed when the customer arrives."""

from collections.abc import Callable
from pathlib import Path

from etl.wording import count_noun
from sluice.operations import job_runs, quarantined_rows
from sluice.sandbox import published_rows
from sluice.sandbox.lake import Dataset, Run
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

DAYS_FOLDER = Path(__file__).with_name("days")
ROW_LIMIT = 20
STRANGER_FILE = "stranger.csv"


def run_quarantine_day(console: SandboxConsole, sales: Dataset, customers: Dataset) -> None:
    """Tell of a row that waits aside until what it points to is there."""
    console.print_heading("5. A sale to nobody: the row is set aside, the rest of the day is published")
    upload_and_run(console, customers, "customers.jsonl", "2025-01-19.jsonl", "SUCCEEDED")
    run = upload_and_run(console, sales, STRANGER_FILE, "2025-01-19.csv", "SUCCEEDED")
    console.print_violations(run.verdict["violations"])
    alarm = sales.evaluated_alarm("RowsQuarantined")
    console.print_paragraph(
        f"The alarm {alarm.name} is in ", alarm.state, ": a green run with rows aside still reaches a person."
    )
    console.print_paragraph("What lies in quarantine (sluice quarantine sales RUN):")
    [row] = quarantined_rows.quarantined_rows(sales.deployed)
    console.print_facts({name: row[name] for name in ("rules", "object", "source", "_run_id")})
    _replay_quarantined_row(console, sales, customers, run)


def _replay_quarantined_row(console: SandboxConsole, sales: Dataset, customers: Dataset, run: Run) -> None:
    console.print_heading("6. The customer arrives a day late, and the row is replayed")
    upload_and_run(console, customers, "late.jsonl", "2025-01-20.jsonl", "SUCCEEDED")
    with console.time_step("sluice replay sales RUN"):
        replay_run = job_runs.run_job(sales.deployed, {"--replay": run.id})
    rows = quarantined_rows.quarantined_rows(sales.deployed)
    verdict = replay_run.verdict or {}
    if (replay_run.state, verdict.get("rows_published"), rows) != ("SUCCEEDED", 1, []):
        raise RunFailed(
            f"the replay should have published one row and has {replay_run.state}: {replay_run.message}, {rows}"
        )
    console.print_paragraph(
        "the replay ", replay_run.state, f": {verdict['message']}. Readers see it once, and nothing is aside:"
    )
    console.print_rows(published_rows.published_rows(sales, ROW_LIMIT))


def upload_and_run(  # noqa: PLR0913  each is a part of the sentence
    console: SandboxConsole,
    dataset: Dataset,
    file_name: str,
    object_name: str,
    expected_state: str,
    run: Callable[[Dataset], Run] = Dataset.run,
) -> Run:
    """Upload one of the demo's files under `object_name`, run the job as `run` does, and tell how it went.

    Raises:
        RunFailed: it ended in another state than the `expected_state` one.
    """
    body = (DAYS_FOLDER / file_name).read_bytes()
    key = dataset.upload_object(body, object_name)
    console.print_paragraph(f"{key} arrives in the raw bucket:")
    console.print_verbatim(*body.decode().splitlines())
    return run_and_report(console, dataset, expected_state, run)


def run_and_report(
    console: SandboxConsole, dataset: Dataset, expected_state: str, start: Callable[[Dataset], Run] = Dataset.run
) -> Run:
    """Run the job on what is unread, and tell how it went.

    Raises:
        RunFailed: it ended in another state than the `expected_state` one.
    """
    with console.time_step(f"running the Glue job {dataset.job} on local Spark"):
        run = start(dataset)
    rows_read, rows_published, rows_quarantined = (
        run.verdict[f"rows_{measure}"] for measure in ("read", "published", "quarantined")
    )
    console.print_paragraph(
        "the run ",
        run.state,
        f": {count_noun(rows_read, 'row')} read, {rows_published} published"
        + (f", {rows_quarantined} set aside" if rows_quarantined else ""),
    )
    if run.state != expected_state:
        raise RunFailed(f"the run of {dataset.name} should have {expected_state} and has {run.state}: {run.message}")
    return run
