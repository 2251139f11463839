"""Start the flow: every dataset's job after those that it needs, or that of DATASET alone. It waits for the end; Ctrl-C leaves
the flow running.

A job that runs already is waited for. With --accept-history the job of DATASET runs by itself, and what is unread passes
whatever the runs before were like, on a holiday for instance: rules with bounds from earlier runs are not evaluated, all others
are. The verdict keeps why, and who said so. The run counts as history of those to come.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import job_runs
from sluice.operations.command_options import (
    DatasetOrAllArgument,
    JsonOption,
    StackOption,
    WhoOption,
    YesOption,
    deployed_dataset,
    deployed_datasets,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.flows import Execution, Flow
from sluice.operations.job_runs import EndedRun
from sluice.operations.output import Dialog, print_ended_run, print_table, require_consent, say
from sluice.operations.short_ids import with_short_ids
from sluice.operations.watched_runs import watch_flow, watch_job

AcceptOption = Annotated[
    str | None,
    typer.Option(
        "--accept-history",
        metavar="WHY",
        help="Let DATASET pass though it is unlike the runs before; recorded with WHY.",
    ),
]

DatasetRuns = Sequence[tuple[DeployedDataset, EndedRun]]


def run(
    context: typer.Context,
    name: DatasetOrAllArgument = None,
    accept_history: AcceptOption = None,
    who: WhoOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will happen, have it agreed, run; return the exit code."""
    dialog = Dialog(as_json, yes)
    if accept_history is not None:
        if name is None or not accept_history.strip():
            raise WrongUse("--accept-history is about one DATASET, and says why; nothing was done")
        return run_accepted(dialog, deployed_dataset(context, name, stack), accept_history, who)
    if who is not None:
        raise WrongUse("--who says who accepts a history, and stands beside --accept-history; nothing was done")
    deployed = deployed_datasets(context, name, stack)
    flow = Flow.of_datasets(deployed)
    subject = name or f"{', '.join(dataset.name for dataset in deployed)}, each after what it needs"
    executions = flow.under_way()
    after = (
        f"; under way already, so that jobs of these may be waited for: {', '.join(executions)}" if executions else ""
    )
    require_consent(dialog, f"{flow.name} runs {subject}{after}")
    execution = flow.start_execution({"datasets": [dataset.name for dataset in deployed]})
    say(dialog, f"started {execution}")
    return print_execution(dialog, flow, watch_flow(flow, execution))


def run_accepted(dialog: Dialog, dataset: DeployedDataset, why: str, who: str | None) -> ExitCode:
    """Run a dataset's job by itself, held to no history; return the exit code.

    Raises:
        WrongUse: a run is under way, or nobody agreed.
    """
    job_runs.refuse_if_under_way(dataset)
    accepting = who or dataset.account.caller_arn()
    require_consent(
        dialog,
        f"{dataset.job} runs by itself and is held to no bound from earlier runs: {why} ({accepting}). What needs it runs "
        "with the next flow",
    )
    arguments = {"--accept-history": why, "--accepted-by": accepting}
    return print_ended_run(dialog, dataset, watch_job(dataset, arguments))


def print_execution(dialog: Dialog, flow: Flow, execution: Execution) -> ExitCode:
    """Tell how an execution and its runs ended; return the exit code."""
    dataset_runs = flow.runs_of_execution(execution)
    if dialog.as_json:
        print(json.dumps(execution_as_json(execution, dataset_runs)))
    return say_execution(dialog, flow, execution, dataset_runs)


def execution_as_json(execution: Execution, dataset_runs: DatasetRuns) -> dict[str, Any]:
    """Return an execution that ended, with its runs, as plain data."""
    rows = [describe_run(dataset, ended) for dataset, ended in dataset_runs]
    return {"execution": execution.arn, "state": execution.status, "cause": execution.cause, "runs": rows}


def say_execution(dialog: Dialog, flow: Flow, execution: Execution, dataset_runs: DatasetRuns) -> ExitCode:
    """Tell a person how an execution and its runs ended; return the exit code."""
    if not dialog.as_json:
        print_table(with_short_ids([describe_run(dataset, ended) for dataset, ended in dataset_runs], "run"))
    say(dialog, *f"{flow.name} {execution.status}{': ' if execution.cause else ''}{execution.cause}".split("\n"))
    if execution.status == "SUCCEEDED":
        return ExitCode.DONE
    failed = [ended for _, ended in dataset_runs if ended.state != "SUCCEEDED"]
    return ExitCode.AT_FAULT if failed and all(ended.is_explained for ended in failed) else ExitCode.OTHER_FAULT


def describe_run(dataset: DeployedDataset, ended: EndedRun) -> dict[str, Any]:
    """Return a run as plain data."""
    verdict = ended.verdict or {}
    counts = {name: verdict.get(name, 0) for name in ("rows_read", "rows_published", "rows_quarantined")}
    message = ended.message or verdict.get("message", "")
    return {"dataset": dataset.name, "run": ended.id, "state": ended.state, **counts, "message": message}
