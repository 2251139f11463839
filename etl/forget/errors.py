"""Why rows were not forgotten, or not all of them, and what may be shown of that."""

from botocore.exceptions import BotoCoreError, ClientError

from etl.contract.masking import MASK_EVERYTHING
from etl.errors import EngineFailed, SluiceError

OPEN = (SluiceError, BotoCoreError, ClientError, PermissionError)
"""Errors that name places and permissions, and no value."""


class ForgetRefused(SluiceError):
    """What was asked for cannot be done: nothing was changed."""


class RunsInProgress(SluiceError):
    """A job stages on the dataset's tables: nothing more was changed, and the same keys can be started again."""


class ForgetIncomplete(SluiceError):
    """All was done that could be, and some places may have such rows still: the report names them."""


def masked_error(dataset: str, error: Exception) -> Exception:
    """Return an error as report and log may have it: what an engine said is told by its class and condition alone."""
    if isinstance(error, OPEN):
        return error
    return EngineFailed(f"{dataset}: forgetting failed: {MASK_EVERYTHING.mask_exception(error)}")
