"""Files as they are typed for a dataset, and how a command of the sandbox ends when its terminal goes."""

import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple, Never

import typer

from components.settings.project_name import option_key
from sluice.program.stack_files import load_stack_file


class DatasetFile(NamedTuple):
    """A dataset's name and a file of it."""

    dataset: str
    file: Path


def parse_dataset_file(text: str) -> DatasetFile:
    """Return the dataset and the file of DATASET=FILE.

    Raises:
        BadParameter: it has another form.
    """
    dataset, separator, file = text.partition("=")
    if not (dataset and separator and file):
        raise typer.BadParameter(f"{text!r} is not of the form DATASET=FILE")
    return DatasetFile(dataset, Path(file))


def parse_dropped_file(text: str) -> DatasetFile:
    """Return the same, where a file alone is of the first dataset in `Pulumi.local.yaml`.

    Raises:
        BadParameter: it has no dataset, and the stack has none either.
    """
    return parse_dataset_file(text) if "=" in text else DatasetFile(_default_dataset(), Path(text))


DayFilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE", help="In the dataset's format, text also as .gz; none for a dataset that is built from tables."
    ),
]
PublishedFirstOption = Annotated[
    list[DatasetFile] | None,
    typer.Option(
        "--with",
        metavar="DATASET=FILE",
        parser=parse_dataset_file,
        help="Publish this file of another dataset first, such as shoppers=shoppers.jsonl; may be given again.",
    ),
]


def files_by_dataset(files: Iterable[DatasetFile]) -> dict[str, list[Path]]:
    """Return the files of each dataset, in the order that they were typed in."""
    grouped: dict[str, list[Path]] = {}
    for dataset, file in files:
        grouped.setdefault(dataset, []).append(file)
    return grouped


def end_on_signals() -> None:
    """Let the end of the terminal, or of whoever started the command, end it in order: the emulator ends with it."""
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _exit_on_signal)


def _default_dataset() -> str:
    names = load_stack_file("local").get(option_key("datasets"))
    if not names:
        raise typer.BadParameter("Pulumi.local.yaml names no dataset: write DATASET=FILE")
    return next(iter(names))


def _exit_on_signal(signal_number: int, _frame: object) -> Never:
    raise SystemExit(128 + signal_number)
