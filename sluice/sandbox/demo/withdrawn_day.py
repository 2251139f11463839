"""The demo's file that came in error: its rows leave, and gold follows."""

from etl.runtime.withdraw_request import WithdrawRequest
from etl.wording import count_noun
from sluice.operations import job_runs
from sluice.sandbox import published_rows
from sluice.sandbox.demo.gold_day import LAST_DAY, build_daily_sales
from sluice.sandbox.demo.killed_run import SALES_KEY
from sluice.sandbox.demo.quarantine_day import ROW_LIMIT
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

WHY = "a till in training"


def run_withdrawn_day(console: SandboxConsole, sales: Dataset, daily_sales: Dataset) -> None:
    """Tell of a file that never should have come: it is withdrawn, and the sums are built again without it.

    Raises:
        RunFailed: the withdrawal failed, a sale of the file is still seen, or another day than its own was built again.
    """
    console.print_heading("9. A file came in error: it is withdrawn")
    console.print_paragraph(f"The sales of {LAST_DAY} were {WHY}: all of them leave, in one commit.")
    request = WithdrawRequest(f"sales/{SALES_KEY}", why=WHY, who="demo")
    with console.time_step(f'sluice withdraw sales {SALES_KEY} --why "{WHY}"'):
        ended = job_runs.run_job(sales.deployed, {"--withdraw": request.as_argument()})
    if ended.state != "SUCCEEDED" or ended.verdict is None:
        raise RunFailed(f"the withdrawal should have succeeded and has {ended.state}: {ended.message}")
    console.print_paragraph("the run ", ended.state, f": {ended.verdict['message']}")
    rows = published_rows.published_rows(sales, ROW_LIMIT)
    if LAST_DAY.isoformat() in (row["transaction_date"] for row in rows):
        raise RunFailed(f"the sales of {LAST_DAY} were withdrawn, and readers see some")
    console.print_paragraph(f"Readers see {count_noun(len(rows), 'sale')}, and none of that day. Gold follows:")
    days = build_daily_sales(console, daily_sales)
    if days != [LAST_DAY.isoformat()]:
        raise RunFailed(f"only {LAST_DAY} should have been built again, and {days} were")
