"""The fixtures of the contract tools' tests."""

from tests.unit.contracts.conftest import java, one_java, write  # noqa: F401
