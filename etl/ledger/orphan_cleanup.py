"""What a run finds of others: branches that nobody publishes any more, and rows set aside that count for nobody.

A run that died leaves its branch, its staged files and perhaps half a quarantine; no reader sees any of it. The next run
drops them and says so. What belongs to a run that still works is left alone: Glue knows which do.
"""

import re
from typing import Any

from etl.iceberg.current_snapshot import branches, head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.runtime.arguments import Order
from etl.storage.clients import Clients

RUN_ID = re.compile(r"(?P<run>jr_[0-9A-Za-z]+?)(?:_\d+)*")  # a run takes objects alone under its own id and a number
ALIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")


def clean(aws: Clients, order: Order, table: Table, quarantine: Quarantine, known: Ledger) -> list[str]:
    """Drop what dead runs left of a dataset; return what was done, in words. `known` is the ledger that the run began with."""
    done = []
    for one in (table, quarantine.table):
        for branch in branches(aws.glue, aws.s3, one.name):
            run = branch.removeprefix("run_")
            if RUN_ID.fullmatch(run) and _has_ended(aws, order, run):
                one.drop(branch)
                done.append(f"dropped {branch} of {one.name}, which a run left that ended without publishing")
    last = head(aws.glue, aws.s3, quarantine.table.name).summary.get("sluice.run-id")
    if last is not None and last not in known.quarantined and _swept(aws, order, table, quarantine):
        done.append(f"removed rows of {quarantine.table.name} that count for no published run")
    return done


def _swept(aws: Clients, order: Order, table: Table, quarantine: Quarantine) -> bool:
    """Remove what runs set aside that ended without publishing; return whether there was any."""
    ended = {run for run in quarantine.runs() if _has_ended(aws, order, run)}
    # Read only now: who has ended publishes no more, but may have done so since this run began.
    now = ledger.read(aws.s3, head(aws.glue, aws.s3, table.name))
    if ended <= {*now.quarantined}:
        return False
    quarantine.sweep(now, ended)
    return True


def _has_ended(aws: Clients, order: Order, run: str) -> bool:
    """Say whether a run's doings are over; those of this run's own earlier attempts are."""
    one, own = (found["run"] if (found := RUN_ID.fullmatch(of)) else of for of in (run, order.run_id))
    return one == own or not is_alive(aws.glue, order.job, one)


def is_alive(glue: Any, job: str, run: str) -> bool:
    """Say whether Glue has a run of the job under way; a run that it does not know is none."""
    try:
        return glue.get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"] in ALIVE
    except glue.exceptions.EntityNotFoundException:
        return False
