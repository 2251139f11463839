"""One emulator for all tests of the operator's commands, and in it a dataset for each test that asks for one."""

from collections.abc import Iterator

import pytest

from sluice.operations.account import Account
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from tests.sandbox.operations.lake import Lake


@pytest.fixture(scope="package")
def at() -> Iterator[Emulator]:
    """An emulator that nothing is deployed into, of our own for what it records."""
    with emulator.running_emulator() as running:
        yield running


@pytest.fixture(scope="package")
def role(at: Emulator) -> str:
    """The ARN of a role, which jobs run as."""
    return at.client("iam").create_role(RoleName="job", AssumeRolePolicyDocument="{}")["Role"]["Arn"]


@pytest.fixture(scope="package")
def account(at: Emulator) -> Account:
    """The emulator as an operator's account, its clients made once."""
    return at.account


@pytest.fixture
def lake(at: Emulator, account: Account, role: str) -> Iterator[Lake]:
    """A deployed dataset that nothing was published of."""
    lake = Lake(at, account, role)
    yield lake
    lake.remove_jobs()
