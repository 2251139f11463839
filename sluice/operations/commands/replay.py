"""Take the rows that a run set aside through the gate again: mended ones, or all of them under a mended contract.

What passes is published, the rest is set aside again under the replay's own run. A run can be replayed once: afterwards
its rows are the replay's. Where every row is still bad, or a critical rule broke, nothing is
changed.
"""

import json
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from etl.storage.raw_objects import S3Prefix
from etl.wording import count_noun
from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import RunDateOption
from sluice.operations import job_runs, mended_rows, quarantined_rows
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    StackOption,
    YesOption,
    deployed_dataset,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import Dialog, print_ended_run, require_consent


def run(
    context: typer.Context,
    name: DatasetArgument,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="A run with rows aside, as `quarantine` lists them.")],
    rows: Annotated[
        Path | None,
        typer.Option("--rows", metavar="FILE", help="Mended rows, from a file that `quarantine --rows` wrote."),
    ] = None,
    run_date: RunDateOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will happen, have it agreed, replay; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    sources_by_row = {row["row"]: row["source"] for row in quarantined_rows.quarantined_rows(dataset, run_id)}
    mended = mended_rows.read_mended_rows(rows, sources_by_row, _input_columns(dataset)) if rows else {}
    changed = f", {len(mended)} of them mended" if rows else " under today's contracts"
    require_consent(
        dialog,
        f"{count_noun(len(sources_by_row), 'row')} that {run_id} set aside through {dataset.job} again{changed}",
    )
    job_arguments = job_runs.UNOBSERVED | {"--replay": run_id}
    if run_date:
        job_arguments["--run-date"] = run_date
    if mended:
        job_arguments["--mended"] = _upload_mended_rows(dataset, mended)
    return print_ended_run(dialog, dataset, job_runs.run_job(dataset, job_arguments))


def _input_columns(dataset: DeployedDataset) -> list[str]:
    """Return the columns that the input's contract declares."""
    suite = dataset.read_json(dataset.arguments["--input-contract"])
    return [column["name"] for column in suite["meta"]["columns"]]


def _upload_mended_rows(dataset: DeployedDataset, mended: dict[str, Any]) -> str:
    place = S3Prefix.from_uri(dataset.arguments["--TempDir"])
    key = f"{place.prefix}replay/{uuid4()}.jsonl"
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in mended.items()]
    dataset.s3.put_object(Bucket=place.bucket, Key=key, Body="\n".join(lines).encode())
    return place.uri(key)
