"""One emulator with a stub job, and one with the whole lake deployed; each shared by all who ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import emulator
from sandbox.deploy import deploy
from sandbox.emulator import Emulator
from sandbox.lake import Dataset, datasets
from sandbox.subscriber import Subscriber
from tests.sandbox.stub import Workshop

DAYS = Path(__file__).resolve().parents[2] / "sandbox" / "days"


@pytest.fixture(scope="package")
def workshop() -> Iterator[Workshop]:
    """An emulator for jobs of a few lines, without Spark."""
    emulator.forget_aws()
    with emulator.running() as running:
        yield Workshop.in_(running)


@dataclass(frozen=True)
class Lake:
    """The deployed lake, its sales, and somebody who subscribed to its topic."""

    emulator: Emulator
    outputs: dict[str, object]
    sales: Dataset
    inbox: Subscriber


@pytest.fixture(scope="package")
def lake() -> Iterator[Lake]:
    """The lake as the unchanged program declares it."""
    emulator.forget_aws()
    with emulator.running() as running:
        outputs = deploy(running).outputs
        sales = datasets(running)["sales"]
        yield Lake(running, outputs, sales, Subscriber.of(running, sales.topic()))
