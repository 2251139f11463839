"""Why a maintenance ends before its work is done."""

from etl.errors import SluiceError


class Busy(SluiceError):
    """A run of the dataset is in progress: the tables are left to it, and nothing more was changed."""
