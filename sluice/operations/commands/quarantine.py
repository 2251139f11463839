"""Show what was set aside: the runs that have rows aside, or the rows of one run with the rules that they broke.

What may be about a person is masked, except in the file that --rows writes: it is what an operator mends and hands to `replay`.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from etl.contract.masking import Masking
from etl.wording import counted
from sluice.operations import quarantined_rows
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse
from sluice.operations.output import say, table

MOST = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run with rows aside; without it, all such runs")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="write the run's rows as JSON lines, to be mended")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Show runs or rows; return 0."""
    if options.rows and not options.run:
        raise WrongUse("--rows writes the rows of one run: name it")
    found = quarantined_rows.rows(dataset, options.run)
    if options.rows:
        _write(options.rows, found)
        say(options, f"{counted(len(found), 'row')} written to {options.rows}: mend `source`, then replay with --rows")
    shown = [_shown(row, dataset.masking) for row in found] if options.run else _runs(found)
    if options.json:
        print(json.dumps(shown, default=str))
    elif not options.rows:
        table(shown[:MOST])
        what = counted(len(shown), "row") if options.run else counted(len(shown), "run with rows", "runs with rows")
        say(options, f"{what} aside in {dataset.job}")
    return 0


def _runs(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one line a run: when, how many rows, and how many broke which rule."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in found:
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


def _shown(row: dict[str, Any], masking: Masking) -> dict[str, Any]:
    return {
        "row": row["row"],
        "rules": row["rules"],
        "object": row["object"],
        "ordinal": row["ordinal"],
        "source": quarantined_rows.masked(row["source"], masking),
    }


def _write(file: Path, found: list[dict[str, Any]]) -> None:
    kept = [{name: row[name] for name in ("row", "rules", "source")} for row in found]
    # As ASCII: half of a surrogate pair, which JSON may hold, is no UTF-8.
    text = "".join(json.dumps(row) + "\n" for row in kept)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as fault:
        raise WrongUse(f"{file}: {fault.strerror}; name a file that does not exist yet") from fault
