"""Deploy the lake with `start: arrival`, drop these files into the raw bucket, and show what they start."""

from typing import Annotated

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import JsonReportOption
from sluice.sandbox.commands.dataset_files import DatasetFile, end_on_signals, parse_dropped_file


def run(
    files: Annotated[
        list[DatasetFile],
        typer.Argument(
            metavar="FILE",
            parser=parse_dropped_file,
            help="DATASET=FILE, such as shoppers=shoppers.jsonl; a FILE alone is of the first dataset in "
            "Pulumi.local.yaml.",
        ),
    ],
    as_json: JsonReportOption = False,
) -> ExitCode:
    """Drop the files and follow the flow that they start."""
    end_on_signals()
    from sluice.sandbox.arrive import run_arrival  # noqa: PLC0415  boto3, which help need not wait for

    return run_arrival(files, as_json=as_json)
