"""A lake for each test that asks for one."""

from typing import Any

import boto3
import pytest

from etl.clients import Clients
from sandbox.emulator import KEYS
from sandbox.spark import REGION
from tests.etl.lake import Lake


@pytest.fixture(scope="session")
def aws(endpoint: str) -> Clients:
    """Clients of the emulator."""
    session: Any = boto3.Session(**KEYS, region_name=REGION)
    return Clients(*(session.client(name, endpoint_url=endpoint) for name in ("s3", "glue", "cloudwatch")))


@pytest.fixture
def lake(aws: Clients, spark: Any) -> Lake:
    """A lake of its own for the test, with the shipped sales contracts."""
    return Lake(aws, spark)
