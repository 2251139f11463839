"""Arguments and options that several commands have, each described once, for the annotations of their parameters."""

import re
from datetime import date
from typing import Annotated

import typer

from components.settings.lake_folder import expectations_folder


def parse_day(text: str) -> str:
    """Return a day as the job takes it.

    Raises:
        BadParameter: it is no day of the form yyyy-MM-dd.
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) and date.fromisoformat(text):
            return text
    except ValueError:
        pass
    raise typer.BadParameter(f"{text!r} is no day of the form yyyy-MM-dd, such as 2026-01-31")


def complete_dataset(incomplete: str) -> list[str]:
    """Return the names of the lake's datasets that begin with a text, for the shell."""
    return sorted(
        path.parent.name
        for path in expectations_folder().glob("*/output.json")
        if path.parent.name.startswith(incomplete)
    )


DatasetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="DATASET",
        help="A dataset, or the folder of its contracts; all datasets by default.",
        autocompletion=complete_dataset,
    ),
]
RunDateOption = Annotated[
    str | None,
    typer.Option(
        "--run-date", metavar="yyyy-MM-dd", parser=parse_day, help="The day the job believes it is (default: today)."
    ),
]
StackOption = Annotated[
    str | None, typer.Option("--stack", metavar="STACK", help="Which stack's, where the account has several.")
]
JsonReportOption = Annotated[
    bool, typer.Option("--json", help="The last line of stdout is the report as one JSON object.")
]
