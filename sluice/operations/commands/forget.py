"""Forget rows by their keys: they leave the published table, the quarantine, raw objects, verdicts, results and answers.

FILE has the keys: CSV with a header of the key's columns, or JSON lines; `-` reads them from stdin. No key stands in an
argument, a log or the report. One job of the stack does it all, and what is interrupted is taken up by the same command again.

There is no rollback to before it, and no older version of the table can be read. Older versions of objects go with the
buckets' lifecycle, or at once with --now. Datasets that are built from it run afterwards. Without --rows, the last run that
forgot rows of DATASET is shown, and followed while it goes on.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from etl.wording import count_noun, join_names
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import forgetting
from sluice.operations.command_options import DatasetArgument, JsonOption, StackOption, YesOption, deployed_dataset
from sluice.operations.commands.start import execution_as_json, say_execution
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.flows import Flow
from sluice.operations.forget_keys import ForgetKeys, key_columns, read_keys
from sluice.operations.forget_report import beyond_reach, is_gone, report_as_json, say_report
from sluice.operations.output import Dialog, require_consent, say
from sluice.operations.watched_runs import watch_flow, watch_forget

STDIN = "-"
MAX_NAMES = 20


def run(
    context: typer.Context,
    name: DatasetArgument,
    rows: Annotated[
        str | None, typer.Option("--rows", metavar="FILE", help="Keys of the rows, a file or - for stdin.")
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Remove older versions of objects at once, not by the buckets' lifecycle.")
    ] = False,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what cannot be undone, have it agreed, forget, report; return the exit code."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    forgetting.require_job(dataset)
    if rows is None:
        return _show_last(dataset, dialog)
    contract = forgetting.load_contract(dataset)
    keys = read_keys(*_read_file(rows), key_columns(contract))
    forgetting.refuse_if_under_way(dataset)
    derived = forgetting.datasets_built_from(dataset)
    require_consent(dialog, *_what_goes(dataset, keys, derived, now))
    forgetting.refuse_if_under_way(dataset)
    uri = forgetting.upload_keys(dataset, keys)
    arguments = forgetting.run_arguments(dataset, uri, derived, now)
    ended = watch_forget(dataset, lambda: forgetting.start_run(dataset, arguments))
    report = forgetting.read_report(dataset, uri)
    beyond = beyond_reach(dataset, contract, [other.name for other in derived])
    code, document = say_report(dialog, ended, report, beyond), report_as_json(ended, report, beyond)
    if not derived or not is_gone(report):
        return _print_report(dialog, document, code)
    built_code, execution = _run_derived(dialog, derived)
    return _print_report(dialog, {**document, "built_after": execution}, built_code or code)


def _print_report(dialog: Dialog, document: dict[str, Any], code: ExitCode) -> ExitCode:
    if dialog.as_json:
        print(json.dumps(document))
    return code


def _read_file(rows: str) -> tuple[bytes, str]:
    """Return the content and what messages call it.

    Raises:
        WrongUse: it cannot be read.
    """
    if rows == STDIN:
        return sys.stdin.buffer.read(), "stdin"
    try:
        return Path(rows).read_bytes(), rows
    except OSError as fault:
        raise WrongUse(f"{rows}: {fault.strerror}; nothing was done") from fault


def _what_goes(dataset: DeployedDataset, keys: ForgetKeys, derived: list[DeployedDataset], now: bool) -> list[str]:
    """Return what a person has to know before, a line each."""
    repeated = f" ({count_noun(keys.repeated, 'line')} with a key that was there)" if keys.repeated else ""
    older = (
        "older versions of objects are removed at once: nothing of them can be restored"
        if now
        else "older versions of objects go with the buckets' lifecycle, and the report says on which day the last is gone; "
        "--now removes them at once"
    )
    lines = [
        f"{dataset.forget} forgets {count_noun(len(keys.keys), 'key')} of {dataset.table}{repeated}: their rows leave the "
        "published table, the quarantine, raw objects, verdicts, Data Docs, results and messages; all answers of queries go",
        "this cannot be undone: older snapshots expire, so no rollback reaches before it, and raw objects are written anew "
        "without these rows",
        older,
    ]
    if derived:
        lines.append(f"built from it, and run afterwards: {join_names([other.name for other in derived], MAX_NAMES)}")
    return lines


def _run_derived(dialog: Dialog, derived: list[DeployedDataset]) -> tuple[ExitCode, dict[str, Any]]:
    """Run what is built from the dataset; return the exit code, and what became of it as plain data."""
    flow = Flow.of_datasets(derived)
    names = [other.name for other in derived]
    say(dialog, f"{flow.name} runs {join_names(names, MAX_NAMES)}, built from what was forgotten")
    execution = watch_flow(flow, flow.start_execution({"datasets": names}))
    dataset_runs = flow.runs_of_execution(execution)
    return say_execution(dialog, flow, execution, dataset_runs), execution_as_json(execution, dataset_runs)


def _show_last(dataset: DeployedDataset, dialog: Dialog) -> ExitCode:
    runs = forgetting.forget_runs(dataset)
    if not runs:
        raise WrongUse(f"no run has forgotten rows of {dataset.name} yet: --rows FILE has the keys of such rows")
    last = runs[0]
    ended = watch_forget(dataset, lambda: last.id)
    report = forgetting.read_report(dataset, last.keys)
    beyond = beyond_reach(dataset, forgetting.load_contract(dataset), (report or {}).get("derived", []))
    return _print_report(dialog, report_as_json(ended, report, beyond), say_report(dialog, ended, report, beyond))
