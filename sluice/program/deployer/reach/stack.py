"""A stack as a walk takes it: its roles by name, and the account around them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from components.access.policy_documents import Document, policy_document
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.reach.account import Account, StackPlace
from sluice.program.deployer.reach.roles import (
    ANY_BOUNDED,
    DEPLOY,
    PREVIEW,
    Role,
    any_bounded_role,
    declared_roles,
    policies_of,
)
from sluice.program.deployer.target import DeployTarget
from sluice.program.graph import Graph

SERVICES_OF_CHANNELS = frozenset({"chatbot.amazonaws.com", "events.amazonaws.com"})
"""Services that take a role of a stack with channels; the deploying role may pass them these also where there is none yet."""


@dataclass(frozen=True)
class StackRoles:
    """All roles of a stack by name, with `deploy`, `preview` and the one that stands for any, and their account."""

    account: Account
    roles: dict[str, Role]


def describe_stack(target: DeployTarget, graph: Graph, trusts: Mapping[str, Document]) -> StackRoles:
    """Gather what a program declares and what an administrator makes for it; `trusts` are of `deploy` and `preview`."""
    names = target.names
    tags = json.loads(graph.config["aws:defaultTags"])["tags"]
    place = StackPlace(names, target.state_bucket, target.state_key, tags)
    [boundary_document] = boundary_policy(names).values()
    declared = declared_roles(graph, place, boundary_document)
    services = frozenset(service for role in declared.values() for service in role.services) | SERVICES_OF_CHANNELS
    policies = {DEPLOY: deploy_policies(target), PREVIEW: preview_policies(target)}
    github_roles = {
        kind: Role(
            kind,
            names.global_arn("iam", f"role/{names.prefix}-{kind}-{names.stack}"),
            tuple(policies[kind].values()),
            trusts[kind],
        )
        for kind in (DEPLOY, PREVIEW)
    }
    account = Account(place, services, policies_of(graph, place), {role.arn: role.trust for role in declared.values()})
    return StackRoles(
        account,
        {**github_roles, **declared, ANY_BOUNDED: any_bounded_role(place, boundary_document, policy_document())},
    )
