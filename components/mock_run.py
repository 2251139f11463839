"""Whether Pulumi's engine runs the program, or mocks do: a plan or a test, which deploys nothing."""

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from components.settings.config_reader import BadConfiguration


def under_mocks() -> bool:
    """Return whether the program runs under Pulumi's mocks, and no engine."""
    return isinstance(get_monitor(), MockMonitor)


def refuse_deployment(fault: str) -> None:
    """Raise BadConfiguration with what must not be deployed; under mocks warn of it, since nothing is."""
    if not under_mocks():
        raise BadConfiguration(fault)
    pulumi.log.warn(fault)
