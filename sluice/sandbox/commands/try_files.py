"""Deploy the lake into an AWS emulator, upload these files as one day, run the job, report.

With --json stdout ends with a line that is one JSON object, and all talk is on stderr.
"""

from pathlib import Path
from typing import Annotated

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import JsonReportOption, RunDateOption, complete_dataset
from sluice.sandbox.commands.dataset_files import DatasetFile, end_on_signals, parse_dataset_file


def run(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="A folder of expectations/, such as orders.", autocompletion=complete_dataset
        ),
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="In the dataset's format, text also as .gz; none for a dataset that is built from tables.",
        ),
    ] = None,
    published_first: Annotated[
        list[DatasetFile] | None,
        typer.Option(
            "--with",
            metavar="DATASET=FILE",
            parser=parse_dataset_file,
            help="Publish this file of another dataset first, such as shoppers=shoppers.jsonl; may be given again.",
        ),
    ] = None,
    as_json: JsonReportOption = False,
    run_date: RunDateOption = None,
) -> ExitCode:
    """Take the files through the gate."""
    end_on_signals()
    # The emulator and boto3 take a second, which help and the telling of wrong use need not wait for.
    from sluice.sandbox.try_day import try_day  # noqa: PLC0415

    first: dict[str, list[Path]] = {}
    for name, file in published_first or ():
        first.setdefault(name, []).append(file)
    return try_day(dataset, files or [], run_date, first=first, as_json=as_json)
