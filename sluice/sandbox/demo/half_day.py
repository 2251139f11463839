"""The demo's day with half its rows: each row is right, and the days before say that rows are missing."""

from datetime import date, timedelta

from etl.contract.results_layout import RUNS, run_key
from etl.contract.stage import Stage
from etl.results.run_line import RunLine, run_line_adapter
from etl.results.verdict import RunState
from etl.runtime.arguments import RunKind
from etl.storage.raw_objects import S3Prefix
from sluice.operations import job_runs
from sluice.sandbox.demo.quarantine_day import upload_and_run
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

DAY = date(2025, 1, 22)
USUAL_ROWS = (5, 6, 5, 4, 5, 6, 7, 5, 5, 6)
"""What the ten days before had, the latest last."""
HALF_FILE = "half.csv"
RULE = "sales.input.rows_usual"


def run_half_day(console: SandboxConsole, sales: Dataset) -> None:
    """Tell of a day whose rows are all sound and too few: its history refuses it, until somebody says that it is right."""
    console.print_heading(
        "11. A day with half its rows: each of them is right, and the days before say what is missing"
    )
    for days_before, rows in enumerate(reversed(USUAL_ROWS), 1):
        _put_line(sales, DAY - timedelta(days=days_before), rows)
    console.print_paragraph(
        f"A demo has no weeks behind it. So the results of the {len(USUAL_ROWS)} days before {DAY} are put where runs put "
        f"theirs, with {', '.join(map(str, USUAL_ROWS))} rows."
    )
    run = upload_and_run(
        console, sales, HALF_FILE, f"{DAY}.csv", "FAILED", lambda dataset: dataset.run(DAY.isoformat())
    )
    if [result["rule"] for result in run.verdict["violations"]] != [RULE]:
        raise RunFailed(f"{RULE} alone should have broken, and these did: {run.verdict['violations']}")
    console.print_violations(run.verdict["violations"])
    console.print_paragraph(
        "Nothing of it is published. The shops were closed at noon, so the day is right: an operator says so "
        '(sluice start sales --accept-history "closed at noon").'
    )
    with console.time_step("sluice start sales --accept-history ..."):
        accepted = job_runs.run_job(
            sales.deployed, {"--run-date": DAY.isoformat(), "--accept-history": "closed at noon"}
        )
    if accepted.state != "SUCCEEDED" or accepted.verdict is None:
        raise RunFailed(f"the accepted day should have been published and has {accepted.state}: {accepted.message}")
    console.print_paragraph("the run ", accepted.state, f": {accepted.verdict['message']}")


def _put_line(sales: Dataset, day: date, rows: int) -> None:
    """Put the results of one earlier run of so many rows."""
    run_id = f"jr_demo_{day:%Y%m%d}"
    counts: dict[str, int | float | None] = {"row_count": rows}
    line = RunLine(
        version=1,
        dataset=sales.name,
        run_id=run_id,
        kind=RunKind.RUN,
        run_date=day,
        started=f"{day}T06:00:00+00:00",
        state=RunState.SUCCEEDED,
        nothing_unread=False,
        rows_read=rows,
        rows_published=rows,
        rows_quarantined=0,
        rows_replaced=0,
        objects=1,
        bytes=None,
        seconds=60.0,
        dpu_seconds=None,
        published_at=f"{day}T06:01:00+00:00",
        freshness_hours=None,
        contracts={},
        broken=(),
        metrics={Stage.INPUT: counts, Stage.OUTPUT: counts},
        is_ordinary=True,
    )
    bucket = S3Prefix.from_uri(sales.arguments["--verdicts"]).bucket
    body = run_line_adapter().dump_json(line) + b"\n"
    sales.deployed.s3.put_object(Bucket=bucket, Key=run_key(RUNS, sales.name, day.isoformat(), run_id), Body=body)
