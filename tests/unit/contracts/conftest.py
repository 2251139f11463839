"""Contracts of sales, changed, in a folder of their own."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from sluice.contracts.lint.java import Java
from tests.lake.mutations import SALES, Change

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


@pytest.fixture(scope="session")
def java() -> Iterator[Java]:
    """One Java for all that ask one."""
    running = Java()
    yield running
    running.end()


@pytest.fixture(autouse=True)
def one_java(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let lint ask that one, where a test lints in this process: each would start its own."""
    monkeypatch.setattr("sluice.contracts.lint.lint.java", lambda: nullcontext(request.getfixturevalue("java")))
