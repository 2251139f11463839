"""Show how things stand: what readers see and how old it is, the last runs and the last verdict, what is unread, skipped and
aside, and which branches are left. Of one dataset, or of all.

With --days it shows by the results what each of the last days came to, a sign a day, and how many rows were published and
set aside. A day is the date that people know a run by.

It changes nothing. What could not be looked at is said, and ends it with 3.
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from etl.contract.history import MOST_DAYS
from sluice.cli.exit_codes import ExitCode
from sluice.operations import days_report, status, status_days, status_report
from sluice.operations.command_options import (
    DatasetOrAllArgument,
    JsonOption,
    StackOption,
    deployed_datasets,
)
from sluice.operations.status_days import DatasetDays


def run(
    context: typer.Context,
    name: DatasetOrAllArgument = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days", min=1, max=MOST_DAYS, help="The last days as a calendar with trends, in place of how it is now."
        ),
    ] = None,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show the state of these datasets, or their days; return the exit code."""
    deployed = deployed_datasets(context, name, stack)
    if days is not None:
        return _show_days(status_days.collect_days(deployed, datetime.now(UTC).date(), days), as_json)
    dataset_states = status.collect_states(deployed)
    if as_json:
        print(json.dumps([state.as_json() for state in dataset_states]))
    else:
        status_report.print_states(dataset_states)
    return ExitCode.OTHER_FAULT if any(state.is_unreachable for state in dataset_states) else ExitCode.DONE


def _show_days(datasets: list[DatasetDays], as_json: bool) -> ExitCode:
    if as_json:
        print(json.dumps([entry.as_json() for entry in datasets]))
    else:
        days_report.print_days(datasets)
    return ExitCode.OTHER_FAULT if any(entry.is_unreachable for entry in datasets) else ExitCode.DONE
