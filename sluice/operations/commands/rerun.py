"""Read raw objects again under today's contract and transform, as a correction: their rows take the place of those before.

An object that is skipped is read too. What breaks the contract leaves everything as it is.
"""

import json

import typer

from etl.contract.loads import LoadKind
from etl.ledger import skip_list
from etl.sources.snapshot_copies import rerun_refusal
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import RunDateOption
from sluice.operations import job_runs, raw_objects, skip_changes
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    ObjectsArgument,
    StackOption,
    YesOption,
    deployed_dataset,
)
from sluice.operations.output import Dialog, print_ended_run, require_consent
from sluice.operations.watched_runs import watch_job


def run(
    context: typer.Context,
    name: DatasetArgument,
    objects: ObjectsArgument,
    run_date: RunDateOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will happen, have it agreed, run; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    job_runs.refuse_if_under_way(dataset)
    chosen = raw_objects.find_objects(dataset.list_raw_objects(), dataset.raw.prefix, objects)
    keys = [raw_object.key for raw_object in chosen]
    current_ledger = dataset.ledger
    is_snapshot = dataset.load.kind is LoadKind.SNAPSHOT and current_ledger.copy
    if is_snapshot and (refusal := rerun_refusal(current_ledger.copy, keys)):
        raise WrongUse(f"{dataset.name}: {refusal}")
    ingested = current_ledger.held.select_held(keys)
    skipped = skip_changes.skips_by_key(skip_list.read_skip_list(dataset.s3, dataset.location), chosen)
    descriptions = [
        f"{key} ({'its rows are replaced' if key in ingested else 'not published yet'}{', skipped' if key in skipped else ''})"
        for key in keys
    ]
    require_consent(dialog, f"{dataset.job} reads {count_noun(len(keys), 'object')} again: {', '.join(descriptions)}")
    job_arguments = job_runs.UNOBSERVED | {"--rerun": json.dumps(keys)}
    if run_date:
        job_arguments["--run-date"] = run_date
    return print_ended_run(dialog, dataset, watch_job(dataset, job_arguments))
