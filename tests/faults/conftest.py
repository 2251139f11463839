"""A proxy before the emulator, and lakes whose runs go through it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.retries.standard import ExponentialBackoff

from etl.storage.clients import Clients
from tests.faults import proxy
from tests.faults.fresh import FreshProcess
from tests.faults.lake import FaultyLake, direct_clients, run_clients
from tests.faults.proxy import Proxy


@pytest.fixture(scope="session")
def direct(endpoint: str) -> Clients:
    """Clients that reach the emulator itself."""
    return direct_clients(endpoint)


@pytest.fixture(scope="session")
def before(endpoint: str) -> Iterator[Proxy]:
    """The proxy; it passes everything on unless a test tells it otherwise."""
    with proxy.running_proxy(endpoint) as running:
        yield running


@pytest.fixture(scope="session")
def through(before: Proxy) -> Clients:
    """A run's clients, through the proxy."""
    return run_clients(before.endpoint)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients try again as often as ever, but without the wait."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.01)


@pytest.fixture
def make(direct: Clients, spark: Any, before: Proxy, through: Clients) -> Callable[..., FaultyLake]:
    """Make lakes."""
    return lambda **options: FaultyLake(direct, spark, before, through, **options)


@pytest.fixture
def faulty(make: Callable[..., FaultyLake]) -> FaultyLake:
    """A lake of its own for the test."""
    return make()


@pytest.fixture(autouse=True)
def unplanned(before: Proxy) -> Iterator[None]:
    """Leave no plan to the next test."""
    yield
    before.plan = before.after = None
    before.ahead = timedelta(0)


@pytest.fixture
def fresh(before: Proxy, tmp_path: Path) -> FreshProcess:
    """Runs in processes of their own."""
    return FreshProcess(before.endpoint, tmp_path)
