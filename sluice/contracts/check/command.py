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
from sluice.sandbox.commands.dataset_files import DatasetFile, end_on_signals, parse_dataset_file


def run(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="A folder of the contracts, such as orders.", autocompletion=complete_dataset
        ),
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="In the dataset's format, text also as .gz; none for a dataset that is built from tables.",
        ),
    ] = None,
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
    published_first: Annotated[
        list[DatasetFile] | None,
        typer.Option(
            "--with",
            metavar="DATASET=FILE",
            parser=parse_dataset_file,
            help="Publish this file of another dataset first, such as shoppers=shoppers.jsonl; may be given again.",
        ),
    ] = None,
    run_date: RunDateOption = None,
    as_json: JsonReportOption = False,
) -> ExitCode:
    """Take the files through the gate."""
    end_on_signals()
    # Spark's Python takes a second, which help and the telling of wrong use need not wait for.
    from sluice.contracts.check.files_check import CheckOptions, check_files  # noqa: PLC0415

    first: dict[str, list[Path]] = {}
    for published in published_first or ():
        first.setdefault(published.dataset, []).append(published.file)
    return check_files(CheckOptions(dataset, files or [], first, contracts, out, run_date, as_json))
