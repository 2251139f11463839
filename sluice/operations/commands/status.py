"""Show how things stand: what readers see and how old it is, the last runs and the last verdict, what is unread, skipped and
aside, and which branches are left. Of one dataset, or of all.

It changes nothing. What could not be looked at is said, and ends it with 3.
"""

import json

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.operations import status, status_report
from sluice.operations.command_options import (
    DatasetOrAllArgument,
    JsonOption,
    StackOption,
    deployed_datasets,
)
from sluice.operations.output import Dialog


def run(
    context: typer.Context,
    name: DatasetOrAllArgument = None,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show the state of these datasets; return the exit code."""
    dialog, dataset_states = Dialog(as_json), status.collect_states(deployed_datasets(context, name, stack))
    if dialog.as_json:
        print(json.dumps([state.as_json() for state in dataset_states]))
    else:
        status_report.print_states(dataset_states)
    return ExitCode.OTHER_FAULT if any(state.is_unreachable for state in dataset_states) else ExitCode.DONE
