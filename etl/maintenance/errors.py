"""Why a maintenance ends before its work is done, and what may be shown of that."""

from botocore.exceptions import BotoCoreError, ClientError

from etl.contract.masking import MASK_EVERYTHING
from etl.errors import EngineFailed, SluiceError

# They name places and permissions, and no value. `PermissionError` is ours, of an object that S3 did not delete.
OPEN = (SluiceError, BotoCoreError, ClientError, PermissionError)


class Busy(SluiceError):
    """A run of the dataset is in progress: the tables are left to it, and nothing more was changed."""


def masked_error(dataset: str, error: Exception) -> Exception:
    """Return an error as report and log may have it: what an engine said is told by its class and condition alone.

    A maintenance is given no contracts, and a table keeps rows of columns that no contract marks any more.
    """
    if isinstance(error, OPEN):
        return error
    return EngineFailed(f"{dataset}: the maintenance failed: {MASK_EVERYTHING.mask_exception(error)}")
