"""One pure transform a dataset: typed columns in, the same and the derived ones out.

A dataset that is built from tables has a `derive` too: rows of these tables in, by name, its rows out.

Hides from which folder a transform is loaded.
"""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from pyspark.sql import DataFrame

from etl.errors import UnknownDataset

__all__ = ["derivation_of", "transform_of"]

# Another lake's transforms in place of these, on a developer's machine alone: a deployed package holds its lake's own.
if os.environ.get("SLUICE_LAKE"):
    __path__ = [str(Path(os.environ["SLUICE_LAKE"]).resolve() / "etl" / "datasets")]


def transform_of(module: str) -> Callable[[DataFrame], DataFrame]:
    """Return the transform of `etl/datasets/<module>.py`: of the dataset of that name, or of one that names it.

    Raises:
        UnknownDataset: there is none.
    """
    return _load_function(module, "transform")


def derivation_of(module: str) -> Callable[..., DataFrame]:
    """Return what builds a dataset from the tables of others, which it takes by their names.

    Raises:
        UnknownDataset: there is none.
    """
    return _load_function(module, "derive")


def _load_function(module: str, name: str) -> Callable[..., DataFrame]:
    try:
        return getattr(import_module(f"{__name__}.{module}"), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise UnknownDataset(
            f"dataset {module!r} has no {name}: write etl/datasets/{module}.py with a function `{name}`, or name another "
            "module as meta.transform in the output suite"
        ) from error
