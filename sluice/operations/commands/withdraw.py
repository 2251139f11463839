"""Take the rows of a raw object out of the published table, in one commit with the ledger, and have runs leave it alone.

What the object had set aside counts no longer, and rows leave too that a replay took from it. Rows that it had replaced come
back: the objects that had them are read again. Where these are gone or skipped, it is refused, unless --without lets such rows
stay away. Datasets that are built from this one run after it. `unskip` takes it back: the next run reads the object again.

An object that no run has read is only skipped.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from etl.ledger.skip_list import Skip
from etl.runtime.withdraw_request import WithdrawRequest
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import RunDateOption
from sluice.operations import job_runs, skip_changes
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    StackOption,
    WhoOption,
    YesOption,
    deployed_dataset,
    parse_reason,
)
from sluice.operations.commands.start import execution_as_json, say_execution
from sluice.operations.dependents import DependentRuns
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import Dialog, describe_ended_run, require_consent, say, say_ended_run
from sluice.operations.skip_changes import SkipReason
from sluice.operations.watched_runs import watch_flow, watch_job
from sluice.operations.withdraw_plan import WithdrawPlan


def run(
    context: typer.Context,
    name: DatasetArgument,
    object_name: Annotated[str, typer.Argument(metavar="OBJECT", help="A key, with or without the dataset's prefix.")],
    why: Annotated[
        str,
        typer.Option("--why", metavar="TEXT", parser=parse_reason, help="For whoever finds it gone."),
    ],
    without: Annotated[
        bool, typer.Option("--without", help="Let rows stay away that it had replaced and that cannot come back.")
    ] = False,
    who: WhoOption = None,
    run_date: RunDateOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will leave and come back, have it agreed, run; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    if dataset.sources:
        raise WrongUse(
            f"{dataset.name} is built from tables and has no objects: withdraw those of {', '.join(dataset.sources)} that "
            f"its rows are from, and {dataset.name} is built again after"
        )
    job_runs.refuse_if_under_way(dataset)
    plan, reason = WithdrawPlan.look(dataset, object_name), SkipReason.of_user(dataset, who, why)
    if plan.is_published:
        plan.refuse_lost(without=without)
        return _withdraw_published(dialog, plan, reason, {"--run-date": run_date} if run_date else {})
    if plan.skip:
        return _run_what_is_behind(dialog, dataset, plan.skip)
    return _skip_unread(dialog, plan, reason)


def _withdraw_published(
    dialog: Dialog, plan: WithdrawPlan, reason: SkipReason, further_arguments: Mapping[str, str]
) -> ExitCode:
    """Run the job that takes the rows out, then what is built from them."""
    dataset, dependents = plan.dataset, DependentRuns.of_dataset(plan.dataset)
    require_consent(dialog, *plan.describe_changes(reason.who, reason.why), *dependents.describe_runs())
    request = WithdrawRequest(plan.object.key, plan.version, reason.why, reason.who, tuple(plan.leaves.replaced.lost))
    arguments = job_runs.UNOBSERVED | {"--withdraw": request.as_argument(), **further_arguments}
    ended = watch_job(dataset, arguments)
    code = say_ended_run(dialog, dataset, ended)
    report = {"dataset": dataset.name, "withdrawn": plan.as_json(), **describe_ended_run(ended)}
    return _run_dependents(dialog, dependents, report) if code is ExitCode.DONE else _print_report(dialog, report, code)


def _run_what_is_behind(dialog: Dialog, dataset: DeployedDataset, skip: Skip) -> ExitCode:
    """Run what is built from the dataset, where an interrupted withdrawal left it behind.

    Raises:
        WrongUse: nothing is behind, or nobody agreed.
    """
    dependents = DependentRuns.of_dataset(dataset)
    gone = f"{skip.key} is withdrawn or skipped already, by {skip.who} at {skip.at}: {skip.why}"
    if not dependents.are_behind:
        raise WrongUse(f"{gone}; nothing of it is published, and nothing was done")
    require_consent(dialog, gone, *dependents.describe_runs())
    return _run_dependents(dialog, dependents, {"dataset": dataset.name, "withdrawn": None})


def _skip_unread(dialog: Dialog, plan: WithdrawPlan, reason: SkipReason) -> ExitCode:
    """Have runs leave an object alone that none has read."""
    key, version = plan.object.key, plan.object.version
    require_consent(
        dialog,
        f"{plan.why_no_row_leaves}, so that no row leaves with {key}: runs of {plan.dataset.job} will only leave it "
        f"alone, until a new version of it or `unskip` (version {version}): {reason.why} ({reason.who})",
    )
    added = reason.as_skips([(key, version)])
    skip_changes.write_skip_list(
        plan.dataset, [*skip_changes.without_versions(plan.skips.skipped, [(key, version)]), *added], plan.skips
    )
    say(dialog, f"skipped {key}; no row left")
    report = {"dataset": plan.dataset.name, "withdrawn": None, "skipped": [asdict(skip) for skip in added]}
    return _print_report(dialog, report, ExitCode.DONE)


def _run_dependents(dialog: Dialog, dependents: DependentRuns, report: dict[str, Any]) -> ExitCode:
    """Run what is built from the dataset, and wait for its end."""
    if dependents.flow is None:
        return _print_report(dialog, report, ExitCode.DONE)
    arn = dependents.flow.start_execution({"datasets": [dataset.name for dataset in dependents.datasets]})
    say(dialog, f"started {arn}")
    execution = watch_flow(dependents.flow, arn)
    dataset_runs = dependents.flow.runs_of_execution(execution)
    code = say_execution(dialog, dependents.flow, execution, dataset_runs)
    return _print_report(dialog, {**report, "built_after": execution_as_json(execution, dataset_runs)}, code)


def _print_report(dialog: Dialog, report: dict[str, Any], code: ExitCode) -> ExitCode:
    if dialog.as_json:
        print(json.dumps(report))
    return code
