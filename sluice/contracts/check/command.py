"""Take files through the gate of the job on this machine, with nothing deployed.

It is the job's own code: preflight, readers, both contracts, transform, quarantine, references, key. The lake is a temporary
folder. A draft is taken as it is, and a dataset without a transform is published as it is typed. Rules that compare with
another dataset are not evaluated unless --with gives a file of it. With --out the rows that would be published are written as
one Parquet file, the contract's columns in its order and with its types; where the day is refused, nothing is written.
"""

from pathlib import Path
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
            metavar="DATASET", help="A folder of the contracts, such as orders.", autocompletion=complete_dataset
        ),
    ],
    files: DayFilesArgument = None,
    contracts: Annotated[
        Path | None,
        typer.Option(
            "--contracts", metavar="DIR", help="Where DATASET/input.json and output.json are (default: expectations/)."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="ROWS.parquet", help="Write the rows that would be published to this file."),
    ] = None,
    published_first: PublishedFirstOption = None,
    run_date: RunDateOption = None,
    as_json: JsonReportOption = False,
) -> ExitCode:
    """Take the files through the gate."""
    end_on_signals()
    # Spark's Python takes a second, which help and the telling of wrong use need not wait for.
    from sluice.contracts.check.files_check import CheckOptions, check_files  # noqa: PLC0415

    first = files_by_dataset(published_first or ())
    return check_files(CheckOptions(dataset, files or [], first, contracts, out, run_date, as_json))
