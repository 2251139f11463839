"""One pure transform a dataset: typed columns in, the same and the derived ones out."""

from collections.abc import Callable
from importlib import import_module

from pyspark.sql import DataFrame

from etl.errors import UnknownDataset


def transform_of(dataset: str) -> Callable[[DataFrame], DataFrame]:
    """Return the transform of `etl/datasets/<dataset>.py`.

    Raises:
        UnknownDataset: there is no such module.
    """
    try:
        return import_module(f"{__name__}.{dataset}").transform
    except ModuleNotFoundError as error:
        raise UnknownDataset(
            f"dataset {dataset!r} has no transform: write etl/datasets/{dataset}.py with a function `transform`"
        ) from error
