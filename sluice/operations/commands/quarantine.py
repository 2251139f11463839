"""Show what was set aside: the runs that have rows aside, or the rows of one run with the rules that they broke.

What may be about a person is masked, except in the file that --rows writes: it is what an operator mends and hands to `replay`.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from etl.contract.masking import Masking
from etl.wording import count_noun
from sluice.operations import quarantined_rows
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.errors import WrongUse
from sluice.operations.output import print_table, say

MAX_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run with rows aside; without it, all such runs")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="write the run's rows as JSON lines, to be mended")


def run(dataset: DeployedDataset, options: argparse.Namespace) -> int:
    """Show runs or rows; return 0."""
    if options.rows and not options.run:
        raise WrongUse("--rows writes the rows of one run: name it")
    rows = quarantined_rows.quarantined_rows(dataset, options.run)
    if options.rows:
        _write_rows(options.rows, rows)
        say(
            options,
            f"{count_noun(len(rows), 'row')} written to {options.rows}: mend `source`, then replay with --rows",
        )
    records = [_describe_row(row, dataset.masking) for row in rows] if options.run else _summarize_runs(rows)
    if options.json:
        print(json.dumps(records, default=str))
    elif not options.rows:
        print_table(records[:MAX_SHOWN])
        summary = (
            count_noun(len(records), "row")
            if options.run
            else count_noun(len(records), "run with rows", "runs with rows")
        )
        say(options, f"{summary} aside in {dataset.job}")
    return 0


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
    }


def _write_rows(file: Path, quarantined_rows: list[dict[str, Any]]) -> None:
    records = [{name: row[name] for name in ("row", "rules", "source")} for row in quarantined_rows]
    # As ASCII: half of a surrogate pair, which JSON may hold, is no UTF-8.
    text = "".join(json.dumps(row) + "\n" for row in records)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as fault:
        raise WrongUse(f"{file}: {fault.strerror}; name a file that does not exist yet") from fault
