"""A role that GitHub takes, as what an administrator makes it from: its trust and its managed policies."""

import json
from collections.abc import Callable, Mapping

from components.access.policy_documents import Document
from sluice.program.deployer.arguments import GithubRole, refuse_faults
from sluice.program.deployer.target import DeployTarget
from sluice.program.deployer.trust import RoleKind, github_trust


def print_role(kind: RoleKind, role: GithubRole, policies_of: Callable[[DeployTarget], Mapping[str, Document]]) -> None:
    """Print the documents of a role as JSON.

    Raises:
        WrongUse: something of what was typed is refused; all of it is told at once.
    """
    refuse_faults(role.list_faults())
    documents = {
        "trust": github_trust(role.as_repository(), role.place.names, kind),
        "policies": policies_of(role.as_target()),
    }
    print(json.dumps(documents, indent=2))
