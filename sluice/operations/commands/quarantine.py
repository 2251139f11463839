"""Show what was set aside: the runs that have rows aside, or the rows of one run with the rules that they broke.

--rows writes them to a file that is mended and handed to `replay`: a line a row, with the row as it came in plain columns. A
workbook (.xlsx) keeps each text as it is; a spreadsheet that opens a CSV changes dates, leading zeros and long numbers. An
empty cell is null, "" an empty text, and an apostrophe before a text says that it is meant as it stands.

What may be about a person is `***`, also in the file, unless --unmask is given. A replay takes `***` for the row's own value.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from etl.contract.masking import Masking
from etl.contract.sample_values import MASK
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import quarantined_rows
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    StackOption,
    deployed_dataset,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.mending import row_files
from sluice.operations.output import Dialog, print_table, say
from sluice.operations.rule_reasons import read_rule_reasons
from sluice.operations.short_ids import with_short_ids

MAX_SHOWN = 20


def run(
    context: typer.Context,
    name: DatasetArgument,
    run_id: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN", help="A run with rows aside, by its id or the id's beginning; without it, all such runs."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--rows",
            metavar="FILE",
            help="Write the run's rows to be mended: .xlsx or .csv for a spreadsheet, JSON lines under any other ending.",
        ),
    ] = None,
    unmask: Annotated[bool, typer.Option("--unmask", help="Write personal values to the file as they are.")] = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show runs or rows."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json)
    if file and not run_id:
        raise WrongUse("--rows writes the rows of one run: name it")
    if unmask and not file:
        raise WrongUse("--unmask is for the file that --rows writes: name it")
    run_id = run_id and quarantined_rows.resolve_run(dataset, run_id)
    rows = quarantined_rows.quarantined_rows(dataset, run_id)
    if file:
        say(dialog, *_write_rows(file, rows, dataset, unmask))
    records = [_describe_row(row, dataset.masking) for row in rows] if run_id else _summarize_runs(rows)
    if dialog.as_json:
        print(json.dumps(records, default=str))
    elif not file:
        print_table(records[:MAX_SHOWN] if run_id else with_short_ids(records, "run")[:MAX_SHOWN])
        summary = (
            count_noun(len(records), "row") if run_id else count_noun(len(records), "run with rows", "runs with rows")
        )
        say(dialog, f"{summary} aside in {dataset.job}")
    return ExitCode.DONE


def _summarize_runs(quarantined_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one line a run: when, how many rows, and how many broke which rule."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in quarantined_rows:
        runs.setdefault(row["_run_id"], []).append(row)
    return [
        {
            "run": name,
            "set_aside_at": rows[0]["set_aside_at"].isoformat(timespec="seconds"),
            "rows": len(rows),
            "rules": dict(Counter(rule for row in rows for rule in row["rules"])),
        }
        for name, rows in runs.items()
    ]


def _describe_row(row: dict[str, Any], masking: Masking) -> dict[str, Any]:
    return {
        "row": row["row"],
        "rules": row["rules"],
        "object": row["object"],
        "ordinal": row["ordinal"],
        "source": quarantined_rows.mask_source(row["source"], masking),
        **({} if row["raw"] is None else {"raw": quarantined_rows.mask_raw(row["raw"], masking)}),
    }


def _write_rows(file: Path, rows: list[dict[str, Any]], dataset: DeployedDataset, unmask: bool) -> list[str]:
    """Write rows to a file; return what a person must know of it, a line each."""
    written = rows if unmask else row_files.masked_rows(rows, dataset.masking)
    reasons = read_rule_reasons(dataset, {rule for row in rows for rule in row["rules"]})
    held_back = row_files.write_row_file(file, written, [*dataset.input_columns], reasons)
    is_sheet = row_files.is_sheet(file)
    place = "the row's columns" if is_sheet else "`source`"
    lines = [f"{count_noun(len(rows), 'row')} written to {file}: mend {place}, then replay with --rows"]
    if any(row["source"] is None for row in rows):
        form = place if is_sheet else "`source`, as an object of the columns"
        lines.append(f"A line that could not be read stands in `raw`: write what it means in {form}")
    if written != rows:
        lines.append(f"{MASK} stands for a personal value and counts as the row's own (--unmask writes it)")
    if held_back:
        lines.append(f"{MASK} also stands for {count_noun(held_back, 'value')} that no cell can hold")
    return lines
