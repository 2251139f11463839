"""One emulator for all tests of the operator's commands, and in it a dataset for each test that asks for one."""

from collections.abc import Iterator

import pytest

from operate.account import Account
from sandbox import emulator
from sandbox.emulator import Emulator
from tests.operate.lake import Lake


@pytest.fixture(scope="package")
def at() -> Iterator[Emulator]:
    """An emulator that nothing is deployed into, of our own for what it records."""
    with emulator.running() as running:
        running.client("iam").create_role(RoleName="job", AssumeRolePolicyDocument="{}")
        yield running


@pytest.fixture(scope="package")
def account(at: Emulator) -> Account:
    """The emulator as an operator's account, its clients made once."""
    return at.account


@pytest.fixture
def lake(at: Emulator, account: Account) -> Lake:
    """A deployed dataset that nothing was published of."""
    return Lake(at, account, at.client("iam").get_role(RoleName="job")["Role"]["Arn"])
