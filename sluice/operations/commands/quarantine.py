"""Show what was set aside: the runs that have rows aside, or the rows of one run with the rules that they broke.

What may be about a person is masked, except in the file that --rows writes: it is what an operator mends and hands to `replay`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from etl.contract.masking import Masking
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
from sluice.operations.output import Dialog, print_table, say

MAX_SHOWN = 20


def run(
    context: typer.Context,
    name: DatasetArgument,
    run_id: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A run with rows aside; without it, all such runs.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--rows", metavar="FILE", help="Write the run's rows as JSON lines, to be mended."),
    ] = None,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show runs or rows."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json)
    if file and not run_id:
        raise WrongUse("--rows writes the rows of one run: name it")
    rows = quarantined_rows.quarantined_rows(dataset, run_id)
    if file:
        _write_rows(file, rows)
        say(
            dialog,
            f"{count_noun(len(rows), 'row')} written to {file}: mend `source`"
            f"{_raw_note(rows)}, then replay with --rows",
        )
    records = [_describe_row(row, dataset.masking) for row in rows] if run_id else _summarize_runs(rows)
    if dialog.as_json:
        print(json.dumps(records, default=str))
    elif not file:
        print_table(records[:MAX_SHOWN])
        summary = (
            count_noun(len(records), "row") if run_id else count_noun(len(records), "run with rows", "runs with rows")
        )
        say(dialog, f"{summary} aside in {dataset.job}")
    return ExitCode.DONE


def _raw_note(rows: list[dict[str, Any]]) -> str:
    """Say what to do with lines that are no rows yet; empty where there are none."""
    has_raw = any(row["source"] is None for row in rows)
    return ", of a line with `raw` write there what it means, as an object of the columns" if has_raw else ""


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


def _write_rows(file: Path, quarantined_rows: list[dict[str, Any]]) -> None:
    records = [
        {name: row[name] for name in ("row", "rules", "source", "raw") if name != "raw" or row["raw"] is not None}
        for row in quarantined_rows
    ]
    # As ASCII: half of a surrogate pair, which JSON may hold, is no UTF-8.
    text = "".join(json.dumps(row) + "\n" for row in records)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as fault:
        raise WrongUse(f"{file}: {fault.strerror}; name a file that does not exist yet") from fault
