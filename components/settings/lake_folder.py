"""Where the files are that are a user's own: the repository, or another folder with the same layout.

A lake is a folder with `Pulumi.<stack>.yaml`, `expectations/` and `etl/datasets/`. The tests have one of their own, so that
a user's contracts change no test's result.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "SLUICE_LAKE"


def lake_folder() -> Path:
    """Return the folder of the user's own files: the repository, unless the environment names another as `SLUICE_LAKE`."""
    return Path(os.environ.get(VARIABLE) or ROOT).resolve()


def expectations_folder() -> Path:
    """Return the folder that holds a folder of contracts for each dataset."""
    return lake_folder() / "expectations"


def transforms_folder() -> Path:
    """Return the folder that holds a module for each dataset."""
    return lake_folder() / "etl" / "datasets"


@contextmanager
def use_lake(folder: Path) -> Generator[None]:
    """Let this process take another folder's files as the user's own, and afterwards those that it took before."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        os.environ.update({} if before is None else {VARIABLE: before})
