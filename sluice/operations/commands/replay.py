"""Take the rows that a run set aside through the gate again: mended ones, or all of them under a mended contract.

What passes is published, the rest is set aside again under the replay's own run. A run can be replayed once: afterwards
its rows are the replay's. Where every row is still bad, or a critical rule broke, nothing is
changed.

A file of mended rows may be sorted, and lack rows: these go as they came. It is checked before a job starts, and each fault is
named with its line. In a CSV a cell that a spreadsheet may have rewritten by itself (a date, a lost zero) is a fault, until
--rewritten says what is meant.
"""

import json
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from etl.storage.raw_objects import S3Prefix
from etl.wording import count_noun, join_names
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import RunDateOption
from sluice.operations import job_runs, quarantined_rows
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    StackOption,
    YesOption,
    deployed_dataset,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.mending import mended_rows
from sluice.operations.mending.mended_rows import MendedRows
from sluice.operations.mending.shown_rows import Rewritten, ShownRows
from sluice.operations.output import Dialog, print_ended_run, require_consent
from sluice.operations.short_ids import short_id
from sluice.operations.watched_runs import watch_job

MAX_NAMES = 10


def run(
    context: typer.Context,
    name: DatasetArgument,
    run_id: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run with rows aside, as `quarantine` lists them; the beginning of its id will do."
        ),
    ],
    rows: Annotated[
        Path | None,
        typer.Option("--rows", metavar="FILE", help="Mended rows, from a file that `quarantine --rows` wrote."),
    ] = None,
    rewritten: Annotated[
        Rewritten | None,
        typer.Option("--rewritten", help="Cells that a spreadsheet rewrote: as they were, or as they are now."),
    ] = None,
    run_date: RunDateOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will happen, have it agreed, replay; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    if rewritten and not rows:
        raise WrongUse("--rewritten is about the file that --rows names: name it")
    run_id = quarantined_rows.resolve_run(dataset, run_id)
    quarantined = quarantined_rows.quarantined_rows(dataset, run_id)
    mended = mended_rows.read_mended_rows(rows, _shown_rows(dataset, quarantined), rewritten) if rows else None
    changed = f", {len(mended.sources)} of them mended" if mended else " under today's contracts"
    require_consent(
        dialog,
        f"{count_noun(len(quarantined), 'row')} that {short_id(run_id)} set aside through {dataset.job} again{changed}",
        *(_notes_of(mended) if mended else ()),
    )
    job_arguments = job_runs.UNOBSERVED | {"--replay": run_id}
    if run_date:
        job_arguments["--run-date"] = run_date
    if mended:
        job_arguments["--mended"] = _upload_mended_rows(dataset, mended.sources)
    return print_ended_run(dialog, dataset, watch_job(dataset, job_arguments))


def _shown_rows(dataset: DeployedDataset, rows: list[dict[str, Any]]) -> ShownRows:
    """Return what a file of mended rows is held against."""
    types = dataset.input_columns
    return ShownRows(
        {row["row"]: row["source"] for row in rows},
        tuple(types),
        {row["row"]: row["raw"] for row in rows},
        frozenset(name for name, declared in types.items() if declared.is_nested),
        dataset.masking,
    )


def _notes_of(mended: MendedRows) -> list[str]:
    """Return what a person should know of a mended file before the job starts, a line each."""
    notes: list[str] = []
    if mended.absent:
        notes.append(
            f"{count_noun(mended.absent, 'row')} not in the file: as it came, like each row that is not mended"
        )
    if mended.kept:
        notes.append(f"{count_noun(mended.kept, 'cell')} that a spreadsheet rewrote: as it was")
    if mended.absent_columns:
        notes.append(f"columns not in the file, whose values stay: {join_names(mended.absent_columns, MAX_NAMES)}")
    return notes


def _upload_mended_rows(dataset: DeployedDataset, mended: dict[str, Any]) -> str:
    place = S3Prefix.from_uri(dataset.arguments["--TempDir"])
    key = f"{place.prefix}replay/{uuid4()}.jsonl"
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in mended.items()]
    dataset.s3.put_object(Bucket=place.bucket, Key=key, Body="\n".join(lines).encode())
    return place.uri(key)
