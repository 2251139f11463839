"""The demo's second half: a sale to a customer whom nobody knows is set aside, and replayed when the customer arrives."""

from pathlib import Path

from etl.wording import counted
from sluice.operations import job_runs, quarantined_rows
from sluice.sandbox import published_rows
from sluice.sandbox.lake import Dataset, Run
from sluice.sandbox.output import Telling
from sluice.sandbox.try_day import RunFailed

DAYS = Path(__file__).with_name("days")
MOST_ROWS = 20
DAY = "stranger.csv"


def late_customer(tell: Telling, sales: Dataset, customers: Dataset) -> None:
    """Tell of a row that waits aside until what it points to is there."""
    tell.heading("5. A sale to nobody: the row is set aside, the rest of the day is published")
    arrive(tell, customers, "customers.jsonl", "2025-01-19.jsonl", "SUCCEEDED")
    run = arrive(tell, sales, DAY, "2025-01-19.csv", "SUCCEEDED")
    tell.violations(run.verdict["violations"])
    alarm = sales.alarm("RowsQuarantined")
    tell.say(f"The alarm {alarm.name} is in ", alarm.state, ": a green run with rows aside still reaches a person.")
    tell.say("What lies in quarantine (python -m operate quarantine sales RUN):")
    [row] = quarantined_rows.rows(sales.deployed)
    tell.facts({name: row[name] for name in ("rules", "object", "source", "_run_id")})
    _replay(tell, sales, customers, run)


def _replay(tell: Telling, sales: Dataset, customers: Dataset, run: Run) -> None:
    tell.heading("6. The customer arrives a day late, and the row is replayed")
    arrive(tell, customers, "late.jsonl", "2025-01-20.jsonl", "SUCCEEDED")
    with tell.step("python -m operate replay sales RUN"):
        ended = job_runs.run(sales.deployed, {"--replay": run.id})
    left = quarantined_rows.rows(sales.deployed)
    verdict = ended.verdict or {}
    if (ended.state, verdict.get("rows_published"), left) != ("SUCCEEDED", 1, []):
        raise RunFailed(f"the replay should have published one row and has {ended.state}: {ended.message}, {left}")
    tell.say("the replay ", ended.state, f": {verdict['message']}. Readers see it once, and nothing is aside:")
    tell.rows(published_rows.published(sales, MOST_ROWS))


def arrive(tell: Telling, dataset: Dataset, day: str, name: str, wanted: str) -> Run:
    """Upload one of the demo's files under `name`, run the job, and tell how it went.

    Raises:
        RunFailed: it ended in another state than the `wanted` one.
    """
    body = (DAYS / day).read_bytes()
    key = dataset.upload(body, name)
    tell.say(f"{key} arrives in the raw bucket:")
    tell.verbatim(*body.decode().splitlines())
    return ran(tell, dataset, wanted)


def ran(tell: Telling, dataset: Dataset, wanted: str) -> Run:
    """Run the job on what is unread, and tell how it went.

    Raises:
        RunFailed: it ended in another state than the `wanted` one.
    """
    with tell.step(f"running the Glue job {dataset.job} on local Spark"):
        run = dataset.run()
    read, published, left = (run.verdict[f"rows_{what}"] for what in ("read", "published", "quarantined"))
    tell.say(
        "the run ",
        run.state,
        f": {counted(read, 'row')} read, {published} published" + (f", {left} set aside" if left else ""),
    )
    if run.state != wanted:
        raise RunFailed(f"the run of {dataset.name} should have {wanted} and has {run.state}: {run.message}")
    return run
