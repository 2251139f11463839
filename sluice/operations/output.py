"""How commands talk: what they will do, tables, and how a run ended; on stderr where stdout belongs to a machine."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from etl.wording import clean
from sluice.console import terminal, text
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse
from sluice.operations.job_runs import Ended

DONE, REFUSED, OTHER_FAULT = 0, 1, 3
PIPED_WIDTH = 250


def say(options: argparse.Namespace, *lines: str) -> None:
    """Write lines for a person, each cleaned of what would begin another."""
    for line in lines:
        print(clean(line), file=sys.stderr if options.json else sys.stdout, flush=True)


def agreed(options: argparse.Namespace, *lines: str) -> None:
    """Say what will be done, and go on only with --yes or a person's word.

    Raises:
        WrongUse: nobody agreed.
    """
    say(options, *lines)
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise WrongUse("nothing was done: add --yes")
    print("Do it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise WrongUse("nothing was done")


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Show rows of the same names, one line each."""
    if not rows:
        return
    drawn = Table(*rows[0], box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in drawn.columns:
        column.overflow = "fold"
    for row in rows:
        drawn.add_row(*(text(_plain(value)) for value in row.values()))
    # Whoever pipes it wants ids whole, however wide; a terminal's width is its own.
    terminal(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(drawn)


def report(options: argparse.Namespace, dataset: Deployed, ended: Ended) -> int:
    """Tell how a run ended; return the exit code."""
    verdict = ended.verdict or {}
    counts = {name: verdict.get(name, 0) for name in ("rows_read", "rows_published", "rows_quarantined")}
    message = ended.message or verdict.get("message", "")
    if options.json:
        print(json.dumps({"run": ended.id, "state": ended.state, **counts, "message": message}))
    told = f"{dataset.job} {ended.id} {ended.state}: {message}"
    # What is no rule's doing may be a stack trace, which is read line by line.
    say(options, *([told] if ended.explained else told.split("\n")))
    if ended.state == "SUCCEEDED":
        return DONE
    return REFUSED if ended.explained else OTHER_FAULT


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
