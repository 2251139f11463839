"""Print the permissions boundary of a stack's roles, as JSON for AWS IAM: its name and its document."""

import json

from sluice.program.deployer.arguments import (
    DEFAULT_PREFIX,
    AccountOption,
    PrefixOption,
    RegionOption,
    StackOption,
    StackPlace,
    refuse_faults,
)
from sluice.program.deployer.boundary import boundary_policy


def run(
    stack: StackOption, account: AccountOption, region: RegionOption, prefix: PrefixOption = DEFAULT_PREFIX
) -> None:
    """Print the boundary."""
    place = StackPlace(stack, account, region, prefix)
    refuse_faults(place.list_faults())
    print(json.dumps({"policies": boundary_policy(place.names)}, indent=2))
