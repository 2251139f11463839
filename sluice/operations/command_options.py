"""Arguments and options of operators' commands, each described once, and the deployed dataset that they name."""

from typing import Annotated

import typer

from sluice.cli import options
from sluice.cli.options import complete_dataset
from sluice.operations.account import Account
from sluice.operations.deployed_dataset import DeployedDataset, one_deployed, some_deployed

DatasetArgument = Annotated[
    str, typer.Argument(metavar="DATASET", help="Such as orders.", autocompletion=complete_dataset)
]
DatasetOrAllArgument = Annotated[
    str | None,
    typer.Argument(metavar="DATASET", help="Such as orders (default: all).", autocompletion=complete_dataset),
]
ObjectsArgument = Annotated[
    list[str], typer.Argument(metavar="OBJECT", help="A key, with or without the dataset's prefix.")
]
StackOption = options.StackOption
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout, talk on stderr.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
WhoOption = Annotated[
    str | None,
    typer.Option("--who", metavar="NAME", help="Who is recorded (default: the ARN that the keys belong to)."),
]


def parse_reason(text: str) -> str:
    """Read why something is done, which is kept with it.

    Raises:
        BadParameter: it says nothing.
    """
    if not text.strip():
        raise typer.BadParameter("say why, in a sentence")
    return text.strip()


def deployed_dataset(context: typer.Context, dataset: str, stack: str | None) -> DeployedDataset:
    """Return the dataset that a command names, in the account of the command's user.

    Raises:
        WrongUse: there is none, or more than one.
    """
    return one_deployed(account_of(context), dataset, stack)


def deployed_datasets(context: typer.Context, dataset: str | None, stack: str | None) -> list[DeployedDataset]:
    """Return the datasets that a command names, all by default.

    Raises:
        WrongUse: there is none.
    """
    return some_deployed(account_of(context), dataset, stack)


def account_of(context: typer.Context) -> Account:
    """Return the account of the command's user."""
    return context.obj if isinstance(context.obj, Account) else Account.from_environment()
