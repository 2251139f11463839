"""Show readers an earlier snapshot, data and ledger together; without SNAPSHOT, list what can be shown.

Objects that this un-publishes are skipped, with the rollback as reason, until `unskip` or a new version of them; rows that
were set aside follow the ledger of that snapshot. It is refused beside a run, to a snapshot that no reader ever saw or that
somebody else wrote, and where main moves meanwhile. A rollback is undone by naming the newer snapshot that it left: that is
allowed as long as nothing was published since, and takes its skips back.
"""

import json
from typing import Annotated, Any

import typer

from etl.runtime.arguments import RunKind
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import job_runs
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    StackOption,
    WhoOption,
    YesOption,
    deployed_dataset,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import Dialog, print_table, require_consent, say
from sluice.operations.rollback import carry_out, read_ledgers
from sluice.operations.rollback_plan import RollbackPlan
from sluice.operations.short_ids import with_short_ids
from sluice.operations.skip_changes import SkipReason
from sluice.operations.snapshot_history import History


def run(
    context: typer.Context,
    name: DatasetArgument,
    snapshot: Annotated[
        str | None, typer.Argument(metavar="SNAPSHOT", help="What readers shall see, by its id or the id's beginning.")
    ] = None,
    who: WhoOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will change, have it agreed, do it and look; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    iceberg_table = dataset.account.load_table(dataset.table)
    if iceberg_table is None or iceberg_table.current_snapshot() is None:
        raise WrongUse(f"nothing is published in {dataset.table} yet")
    history = History.from_table(iceberg_table)
    if snapshot is None:
        return _list_choices(dataset, dialog, history)
    target = history.parse_choice(snapshot)
    job_runs.refuse_if_under_way(dataset)
    before, after = read_ledgers(dataset, history, target)
    plan = RollbackPlan.compare_ledgers(history, target, before, after)
    require_consent(
        dialog, *plan.describe_changes(dataset.table, {raw_object.key for raw_object in dataset.list_raw_objects()})
    )
    job_runs.refuse_if_under_way(dataset)
    added = SkipReason.of_user(dataset, who, plan.skip_reason).as_skips(plan.skipped)
    lost = carry_out(dataset, iceberg_table, plan, after, added)
    return _print_report(dataset, dialog, plan, lost)


def _list_choices(dataset: DeployedDataset, dialog: Dialog, history: History) -> ExitCode:
    choices = [
        {
            "snapshot": str(snapshot_id),
            "published": history.published_at(snapshot_id),
            "rows": history.count(snapshot_id),
            "run": history.summaries[snapshot_id].get("sluice.run-id", ""),
            "kind": history.summaries[snapshot_id].get("sluice.kind", RunKind.RUN),
            "would": "undo a rollback" if history.is_ahead(snapshot_id) else "roll back",
        }
        for snapshot_id in history.choices
    ]
    if dialog.as_json:
        print(json.dumps(choices))
    else:
        print_table(with_short_ids(with_short_ids(choices, "snapshot"), "run"))
    say(
        dialog,
        f"readers of {dataset.table} see {history.main}; {count_noun(len(choices), 'snapshot')} to choose from",
    )
    return ExitCode.DONE


def _print_report(dataset: DeployedDataset, dialog: Dialog, plan: RollbackPlan, lost: list[str]) -> ExitCode:
    """Look whether readers see what was wanted, and whether a run that came meanwhile may change it."""
    current_snapshot, concurrent_runs = dataset.head.snapshot, job_runs.under_way(dataset)
    if dialog.as_json:
        print(
            json.dumps(
                _plan_as_json(plan)
                | {"dataset": dataset.name, "readers_see": current_snapshot, "lost": lost, "under_way": concurrent_runs}
            )
        )
    say(dialog, f"readers of {dataset.table} see snapshot {current_snapshot}")
    if lost:
        say(dialog, f"no row that {', '.join(lost)} set aside is kept any more: `rerun` the objects of these runs")
    if concurrent_runs:
        say(
            dialog,
            f"{', '.join(concurrent_runs)} started meanwhile and may publish over it: look at `status` once it has ended",
        )
    return ExitCode.DONE if current_snapshot == str(plan.target) and not concurrent_runs else ExitCode.OTHER_FAULT


def _plan_as_json(plan: RollbackPlan) -> dict[str, Any]:
    return {
        "from": str(plan.history.main),
        "to": str(plan.target),
        "rows_before": plan.history.count(plan.history.main),
        "rows_after": plan.history.count(plan.target),
        "skipped": [{"key": key, "version": version} for key, version in plan.skipped],
        "published_again": [{"key": key, "version": version} for key, version in plan.republished.items()]
        if plan.undoes_rollback
        else [],
        "aside_again": list(plan.quarantined_again),
    }
