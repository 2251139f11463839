"""Contracts of sales, changed, in a folder of their own."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.etl.mutations import SALES, Change

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write both suites of sales under `expectations/` of a new folder, changed as asked, and return that folder."""

    def written(output: Change = dict, given: Change = dict) -> Path:
        folder = tmp_path / "expectations/sales"
        folder.mkdir(parents=True, exist_ok=True)
        for stage, change in (("output", output), ("input", given)):
            suite = copy.deepcopy(SALES[stage])
            change(suite)
            (folder / f"{stage}.json").write_text(json.dumps(suite, indent=1))
        return tmp_path

    return written
