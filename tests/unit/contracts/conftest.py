"""Contracts of trades, changed, in a folder of their own."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from sluice.contracts.lint.java import JavaProcess
from tests.lake.mutations import TRADES, Change

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write both suites of trades under `expectations/` of a new folder, changed as asked, and return that folder."""

    def write_contracts(output: Change = dict, input_change: Change = dict) -> Path:
        folder = tmp_path / "expectations/trades"
        folder.mkdir(parents=True, exist_ok=True)
        for stage, change in (("output", output), ("input", input_change)):
            suite = copy.deepcopy(TRADES[stage])
            change(suite)
            (folder / f"{stage}.json").write_text(json.dumps(suite, indent=1))
        return tmp_path

    return write_contracts


@pytest.fixture(scope="session")
def java() -> Iterator[JavaProcess]:
    """One Java for all that ask one."""
    running = JavaProcess()
    yield running
    running.stop_process()


@pytest.fixture(autouse=True)
def one_java(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let lint ask that one, where a test lints in this process: each would start its own."""
    monkeypatch.setattr("sluice.contracts.lint.lint.running_java", lambda: nullcontext(request.getfixturevalue("java")))
