"""What a run finds of others: branches that nobody publishes any more, and rows set aside that count for nobody.

A run that died leaves its branch, its staged files and perhaps half a quarantine; no reader sees any of it. The next run
drops them and says so. What belongs to a run that still works is left alone: the runtime knows which do.
"""

from etl.iceberg.current_snapshot import list_branches, read_head
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.tombstones import settle_main
from etl.runtime.arguments import JobArguments
from etl.runtime.branch_names import run_of_branch
from etl.runtime.job_runs import is_alive, job_run_id
from etl.storage.clients import Clients


def remove_orphans(  # noqa: PLR0913  the run's, and what it may find something in
    aws: Clients,
    arguments: JobArguments,
    table: Table,
    quarantine: Quarantine,
    initial_ledger: Ledger,
    tombstones: Table | None = None,
) -> list[str]:
    """Drop what dead runs left of a dataset; return what was done, in words.

    `initial_ledger` is the ledger that the run began with, `tombstones` the table of deleted keys of a load of changes.
    """
    actions = _settle_tombstones(aws, arguments, table, tombstones) if tombstones else []
    for branch_table in (table, quarantine.table):
        for branch in list_branches(aws.glue, aws.s3, branch_table.name):
            run = run_of_branch(branch)
            if job_run_id(run) and _has_ended(aws, arguments, run):
                branch_table.drop_branch(branch)
                actions.append(
                    f"dropped {branch} of {branch_table.name}, which a run left that ended without publishing"
                )
    last = read_head(aws.glue, aws.s3, quarantine.table.name).summary.get("sluice.run-id")
    if (
        last is not None
        and last not in initial_ledger.quarantined
        and _remove_uncounted_rows(aws, arguments, table, quarantine)
    ):
        actions.append(f"removed rows of {quarantine.table.name} that count for no published run")
    return actions


def _settle_tombstones(aws: Clients, arguments: JobArguments, table: Table, tombstones: Table) -> list[str]:
    """Drop what dead runs left of the deleted keys; what a run that published left on its branch becomes main first."""
    ended = [
        branch
        for branch in list_branches(aws.glue, aws.s3, tombstones.name)
        if job_run_id(run := run_of_branch(branch)) and _has_ended(aws, arguments, run)
    ]
    if not ended:
        return []
    # Read only now: who has ended publishes no more, but may have done so since this run began.
    counting = ledger.read_ledger(aws.s3, read_head(aws.glue, aws.s3, table.name)).tombstones
    actions: list[str] = []
    for branch in ended:
        if counting and read_head(aws.glue, aws.s3, tombstones.name, branch).snapshot == counting:
            settle_main(tombstones, int(counting), branch)
            actions.append(
                f"moved main of {tombstones.name} to {branch}, whose run published and ended before it did so"
            )
        else:
            tombstones.drop_branch(branch)
            actions.append(f"dropped {branch} of {tombstones.name}, which a run left that ended without publishing")
    return actions


def _remove_uncounted_rows(aws: Clients, arguments: JobArguments, table: Table, quarantine: Quarantine) -> bool:
    """Remove what runs set aside that ended without publishing; return whether there was any."""
    ended = {run for run in quarantine.run_ids() if _has_ended(aws, arguments, run)}
    # Read only now: who has ended publishes no more, but may have done so since this run began.
    current_ledger = ledger.read_ledger(aws.s3, read_head(aws.glue, aws.s3, table.name))
    if ended <= {*current_ledger.quarantined}:
        return False
    quarantine.remove_uncounted(current_ledger, ended)
    return True


def _has_ended(aws: Clients, arguments: JobArguments, run: str) -> bool:
    """Say whether a run's doings are over; those of this run's own earlier attempts are."""
    job_run, own_job_run = (job_run_id(run_id) or run_id for run_id in (run, arguments.run_id))
    return job_run == own_job_run or not is_alive(aws, arguments.job, job_run)
