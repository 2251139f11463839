"""Take files through the gate of the job on this machine, with nothing deployed.

It is the job's own code: preflight, readers, both contracts, transform, quarantine, references, key. The lake is a temporary
folder. A draft is taken as it is, and a dataset without a transform is published as it is typed. Rules that compare with
another dataset are not evaluated unless --with gives a file of it. With --out the rows that would be published are written as
one Parquet file, the contract's columns in its order and with its types; where the day is refused, nothing is written.
"""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Never

import typer

from sluice.console import parse_day


@dataclass(frozen=True)
class DatasetFile:
    """A file of a dataset."""

    dataset: str
    file: Path


def parse_dataset_file(text: str) -> DatasetFile:
    """Read `DATASET=FILE`.

    Raises:
        BadParameter: it is not of that form.
    """
    dataset, separator, file = text.partition("=")
    if not (dataset and separator and file):
        raise typer.BadParameter(f"{text!r} is not of the form DATASET=FILE")
    return DatasetFile(dataset, Path(file))


def parse_run_date(text: str) -> str:
    """Return a day as the job takes it.

    Raises:
        BadParameter: it is no day of the form yyyy-MM-dd.
    """
    try:
        return parse_day(text)
    except Exception as fault:
        raise typer.BadParameter(str(fault)) from fault


def run(  # noqa: PLR0913  a command's options are its parameters
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="A folder of the contracts, such as orders.")],
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
    run_date: Annotated[
        str | None,
        typer.Option(
            "--run-date",
            metavar="yyyy-MM-dd",
            parser=parse_run_date,
            help="The day the run believes it is (default: today).",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The last line of stdout is the report as one JSON object.")
    ] = False,
) -> int:
    """Take the files through the gate."""
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _exit_on_signal)
    # Spark's Python takes a second, which help and the telling of wrong use need not wait for.
    from sluice.contracts.check.files_check import CheckOptions, check_files  # noqa: PLC0415

    first: dict[str, list[Path]] = {}
    for published in published_first or ():
        first.setdefault(published.dataset, []).append(published.file)
    return check_files(CheckOptions(dataset, files or [], first, contracts, out, run_date, as_json))


def _exit_on_signal(signal_number: int, _frame: object) -> Never:
    raise SystemExit(128 + signal_number)
