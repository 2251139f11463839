"""Show what earlier runs of a dataset had, which of them count as history, and what each bound of its contracts is now.

A line is a run: its day, whether it counts and if not why, and the metrics that bounds are made of. Then comes each bound of
`meta.history` with the value that a run of today would be held to, from how many runs, and the rules that use it. The
contracts are those that are deployed. It changes nothing.
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from etl.contract.history import MOST_DAYS
from sluice.cli.exit_codes import ExitCode
from sluice.operations.command_options import DatasetArgument, JsonOption, StackOption, deployed_dataset

DEFAULT_DAYS = 30


def run(
    context: typer.Context,
    dataset: DatasetArgument,
    stack: StackOption = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=MOST_DAYS, help="Days back whose runs are shown; bounds look further.")
    ] = DEFAULT_DAYS,
    as_json: JsonOption = False,
) -> ExitCode:
    """Print the history of a dataset."""
    # Other commands need not wait for it.
    from sluice.contracts.history.dataset_history import collect_history  # noqa: PLC0415
    from sluice.contracts.history.history_report import print_history  # noqa: PLC0415

    history = collect_history(deployed_dataset(context, dataset, stack), datetime.now(UTC).date(), days)
    if as_json:
        print(json.dumps(history.as_json()))
    else:
        print_history(history)
    return ExitCode.DONE
