"""Rebuild the ledger of what readers see, where files of it are gone. What the bucket still keeps of them is taken first.
The rest comes from the columns of the published rows. What cannot be rebuilt is said before anything is done.

No row is changed: the ledger is written anew, and a snapshot of the same rows points to it. A quarantine whose own files are
gone is given up, so that the next row set aside makes it anew. It is refused beside a run, and where
nothing is gone.
"""

import json
from typing import Any

import typer

from etl.errors import ForeignSnapshot
from etl.ledger.ledger import POINTER, Ledger
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import job_runs, ledger_repair, raw_objects
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    StackOption,
    WhoOption,
    YesOption,
    deployed_dataset,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.ledger_repair import Evidence, LedgerRemainder
from sluice.operations.output import Dialog, require_consent, say


def run(
    context: typer.Context,
    name: DatasetArgument,
    who: WhoOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will be rebuilt and what cannot be, have it agreed, do it; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    head, table = dataset.head, dataset.account.load_table(dataset.table)
    if head.snapshot is None:
        raise WrongUse(f"nothing is published in {dataset.table} yet, so that no ledger is missing")
    if POINTER not in head.summary:
        raise ForeignSnapshot(
            f"snapshot {head.snapshot} carries no {POINTER}: somebody else wrote to the table; roll back to the last of "
            f"ours (sluice rollback {dataset.name})"
        )
    if str(table.current_snapshot().snapshot_id) != head.snapshot:
        raise WrongUse(f"somebody publishes to {dataset.table} now: wait for its end")
    job_runs.refuse_if_under_way(dataset)
    is_whole, evidence = ledger_repair.is_whole(dataset, head), ledger_repair.collect_evidence(dataset, table)
    if is_whole and evidence.quarantined is not None:
        raise WrongUse(f"every file of {dataset.name}'s ledger is there, and of its quarantine: nothing to repair")
    remainder = LedgerRemainder.read_from(dataset.s3, head)
    rebuilt_ledger = ledger_repair.rebuild_ledger(remainder, evidence)
    require_consent(dialog, *describe_repair(dataset, head.summary[POINTER], remainder, evidence, rebuilt_ledger))
    job_runs.refuse_if_under_way(dataset)
    pointer = ledger_repair.carry_out(dataset, table, head, rebuilt_ledger, who or dataset.account.caller_arn())
    if evidence.quarantined is None:
        _drop_quarantine(dataset)
    return _print_report(dataset, dialog, pointer, rebuilt_ledger, evidence)


def describe_repair(
    dataset: DeployedDataset, pointer: str, remainder: LedgerRemainder, evidence: Evidence, rebuilt_ledger: Ledger
) -> list[str]:
    """Say what is gone, what is rebuilt from what, and what cannot be."""
    count, from_rows = raw_objects.count_noun, rebuilt_ledger.held.count - len(remainder.objects)
    messages = [
        f"the ledger of {dataset.table} is written anew with "
        f"{count(rebuilt_ledger.held.count, 'object')}, in place of {pointer}",
        f"from its own files, or the versions that the bucket keeps of them: {count(len(remainder.objects), 'object')}",
        f"from the rows' own columns: {count(from_rows, 'object')}",
    ]
    if not remainder.lost_segments:
        messages.append(
            "nothing is missing: neither objects without a row left, nor replays, nor which rows aside count"
        )
    elif remainder.ledger is not None:
        missing = count(max(remainder.ledger.held.count - rebuilt_ledger.held.count, 0), "object")
        messages.append(f"cannot be rebuilt: {missing} without a row left, which the next run reads again")
    else:
        messages += _losses_without_index(evidence, rebuilt_ledger)
    oldest = [key for key, held in rebuilt_ledger.held.all_objects().items() if held.put == ledger_repair.UNKNOWN_TIME]
    if oldest and not dataset.sources:
        messages.append(
            f"not in the raw bucket in this version, and taken for the oldest: {raw_objects.describe_keys(oldest)}"
        )
    if evidence.quarantined is None:
        runs_aside = ", ".join(remainder.ledger.quarantined) if remainder.ledger else ""
        messages.append(
            f"files of {dataset.quarantine} are gone too: it is given up, and rows that were set aside are lost"
            + (f"; `rerun` the objects of these runs, which their verdicts name: {runs_aside}" if runs_aside else "")
        )
    return messages


def _losses_without_index(evidence: Evidence, rebuilt_ledger: Ledger) -> list[str]:
    quarantined_runs = ", ".join(rebuilt_ledger.quarantined) or "none"
    return [
        "cannot be rebuilt: objects without a row left, which the next run reads again",
        "cannot be rebuilt: replays, and whose rows replaced whose",
        "cannot be rebuilt: which rows aside count; all that published runs have in the quarantine do from now on, also "
        f"those that a replay took: look at `quarantine` before you replay: {quarantined_runs}",
        *(
            ["cannot be rebuilt: what it was built from; the next run builds every day anew"]
            if not evidence.put_times
            else []
        ),
    ]


def _drop_quarantine(dataset: DeployedDataset) -> None:
    _, database, table = dataset.quarantine.split(".")
    dataset.glue.delete_table(DatabaseName=database, Name=table)


def _print_report(
    dataset: DeployedDataset, dialog: Dialog, pointer: str, rebuilt_ledger: Ledger, evidence: Evidence
) -> ExitCode:
    report: dict[str, Any] = {
        "dataset": dataset.name,
        "ledger": pointer,
        "objects": rebuilt_ledger.held.count,
        "quarantined": list(rebuilt_ledger.quarantined),
        "quarantine_given_up": evidence.quarantined is None,
        "readers_see": dataset.head.snapshot,
    }
    if dialog.as_json:
        print(json.dumps(report))
    say(
        dialog,
        f"readers of {dataset.table} see the same rows as snapshot {report['readers_see']}, whose ledger is {pointer}",
    )
    return ExitCode.DONE
