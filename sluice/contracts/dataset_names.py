"""What a dataset may be called, said with a name that would do."""

import re

from etl.contract.field_kinds import DATASET_LENGTH, DATASET_NAME
from sluice.cli.errors import WrongUse

OTHERWISE = "orders"  # proposed where a name has no word that could stand in one


def require_dataset_name(name: str, remedy: str = "take another name") -> None:
    """Refuse what is no dataset's name.

    Raises:
        WrongUse: it is too long, or has other characters; the message proposes a name.
    """
    if not re.fullmatch(DATASET_NAME, name, re.ASCII):
        raise WrongUse(
            f"{name!r} is no dataset's name, which has at most {DATASET_LENGTH} of a-z, 0-9 and underscore, a letter first; "
            f"{remedy}, such as {propose_dataset_name(name)}"
        )


def propose_dataset_name(name: str) -> str:
    """Return a dataset's name of the first whole words of a name."""
    words = re.findall(r"[a-z][a-z0-9]*", name.lower())
    proposal = ""
    for word in words:
        longer = f"{proposal}_{word}" if proposal else word[:DATASET_LENGTH]
        if len(longer) > DATASET_LENGTH:
            break
        proposal = longer
    return proposal or OTHERWISE
