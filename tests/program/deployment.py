"""The roles of GitHub for a stack as one document each, and what the tests ask of them."""

from collections.abc import Mapping
from typing import Any

from components.access.policy_documents import policy_document
from components.names import Names
from sluice.program.deployer.target import DeployTarget
from sluice.program.graph import ACCOUNT

STATE_BUCKET, STATE_KEY = "sluice-state", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b"
ALL_OPTIONS = {
    "sluice:start": "arrival",
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1,subnet-2,subnet-3",
    "sluice:redshift_security_groups": "sg-1",
}
"""Every option that adds resources."""


def make_names(stack: str, prefix: str = "sluice") -> Names:
    return Names(prefix, stack, "eu-west-1", ACCOUNT)


def make_target(stack: str, prefix: str = "sluice", redshift: bool = False, destroyable: bool = False) -> DeployTarget:
    return DeployTarget(make_names(stack, prefix), STATE_BUCKET, STATE_KEY, redshift, destroyable)


def merged_policy(policies: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A role's managed policies as one document, which AWS reads them as."""
    return policy_document(*(statement for policy in policies.values() for statement in policy["Statement"]))
