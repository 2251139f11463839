"""Deploy the lake into an AWS emulator, upload these files as one day, run the job, report.

With --json stdout ends with a line that is one JSON object, and all talk is on stderr.
"""

from typing import Annotated

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import JsonReportOption, RunDateOption, complete_dataset
from sluice.sandbox.commands.dataset_files import (
    DayFilesArgument,
    PublishedFirstOption,
    end_on_signals,
    files_by_dataset,
)


def run(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="A folder of expectations/, such as orders.", autocompletion=complete_dataset
        ),
    ],
    files: DayFilesArgument = None,
    published_first: PublishedFirstOption = None,
    as_json: JsonReportOption = False,
    run_date: RunDateOption = None,
) -> ExitCode:
    """Take the files through the gate."""
    end_on_signals()
    # The emulator and boto3 take a second, which help and the telling of wrong use need not wait for.
    from sluice.sandbox.try_day import try_day  # noqa: PLC0415

    first = files_by_dataset(published_first or ())
    return try_day(dataset, files or [], run_date, first=first, as_json=as_json)
