"""What a run finds of others: branches that nobody publishes any more, and rows set aside that count for nobody.

A run that died leaves its branch, its staged files and perhaps half a quarantine; no reader sees any of it. The next run
drops them and says so. What belongs to a run that still works is left alone: Glue knows which do.
"""

import re
from typing import Any

from etl.arguments import Order
from etl.clients import Clients
from etl.head import branches, head
from etl.ledger import Ledger
from etl.quarantine import Quarantine
from etl.table import Table

BRANCH = re.compile(r"run_(?P<run>jr_[0-9A-Za-z]+?)(?:_\d+)*")
ALIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")


def clean(aws: Clients, order: Order, table: Table, quarantine: Quarantine, known: Ledger) -> list[str]:
    """Drop what dead runs left of a dataset; return what was done, in words."""
    done = []
    for one in (table, quarantine.table):
        for branch in branches(aws.glue, aws.s3, one.name):
            run = BRANCH.fullmatch(branch)
            if run and not is_alive(aws.glue, order.job, run["run"]):
                one.drop(branch)
                done.append(f"dropped {branch} of {one.name}, which a run left that ended without publishing")
    last = head(aws.glue, aws.s3, quarantine.table.name).summary.get("sluice.run-id")
    if last is not None and last not in known.quarantined and not is_alive(aws.glue, order.job, last):
        quarantine.sweep(known)
        done.append(f"removed rows of {quarantine.table.name} that count for no published run")
    return done


def is_alive(glue: Any, job: str, run: str) -> bool:
    """Say whether Glue has a run of the job under way; a run that it does not know is none."""
    try:
        return glue.get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"] in ALIVE
    except glue.exceptions.EntityNotFoundException:
        return False
