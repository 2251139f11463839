"""How commands talk: what they will do, tables, and how a run ended; on stderr where stdout belongs to a machine."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.wording import clean_text
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.console import wrap_output
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.job_runs import EndedRun
from sluice.operations.short_ids import short_id
from sluice.text_tables import print_cells


@dataclass(frozen=True)
class Dialog:
    """How a command talks: `as_json` where stdout belongs to a machine, `yes` where nobody has to agree first."""

    as_json: bool
    yes: bool = False


def say(dialog: Dialog, *lines: str) -> None:
    """Write lines for a person, each cleaned of what would begin another, and broken where it is too wide."""
    for line in lines:
        print("\n".join(wrap_output(clean_text(line))), file=sys.stderr if dialog.as_json else sys.stdout, flush=True)


def require_consent(dialog: Dialog, *lines: str) -> None:
    """Say what will be done, and go on only with --yes or a person's word.

    Raises:
        WrongUse: nobody agreed.
    """
    say(dialog, *lines)
    if dialog.yes:
        return
    if not sys.stdin.isatty():
        raise WrongUse("nothing was done: add --yes")
    print("Do it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise WrongUse("nothing was done")


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Show rows of the same names: one line each where they fit, else a block each."""
    if rows:
        head = [name.replace("_", "_\n") for name in rows[0]]
        print_cells(head, [[_plain_text(value) for value in row.values()] for row in rows])


def print_ended_run(dialog: Dialog, dataset: DeployedDataset, ended: EndedRun) -> ExitCode:
    """Tell how a run ended, also as JSON; return the exit code."""
    if dialog.as_json:
        print(json.dumps(describe_ended_run(ended)))
    return say_ended_run(dialog, dataset, ended)


def describe_ended_run(ended: EndedRun) -> dict[str, Any]:
    """Return a run that ended as plain data."""
    verdict = ended.verdict or {}
    counts = {name: verdict.get(name, 0) for name in ("rows_read", "rows_published", "rows_quarantined")}
    return {"run": ended.id, "state": ended.state, **counts, "message": ended.message or verdict.get("message", "")}


def say_ended_run(dialog: Dialog, dataset: DeployedDataset, ended: EndedRun) -> ExitCode:
    """Tell a person how a run ended; return the exit code."""
    summary = f"{dataset.job} {short_id(ended.id)} {ended.state}: {describe_ended_run(ended)['message']}"
    # What is no rule's doing may be a stack trace, which is read line by line.
    say(dialog, *([summary] if ended.is_explained else summary.split("\n")))
    if ended.state == "SUCCEEDED":
        return ExitCode.DONE
    return ExitCode.AT_FAULT if ended.is_explained else ExitCode.OTHER_FAULT


def _plain_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {entry}" for name, entry in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
