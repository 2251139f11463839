"""A stack as a walk takes it: its roles by name, and the account around them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from components.access.policy_documents import Document, document
from sluice.program.deployer.boundary import boundary
from sluice.program.deployer.policies import deploy, preview
from sluice.program.deployer.reach.account import Account, Place
from sluice.program.deployer.reach.roles import ANY, DEPLOY, PREVIEW, Role, any_bounded, of_graph, policies_of
from sluice.program.deployer.target import Target
from sluice.program.graph import Graph


@dataclass(frozen=True)
class Described:
    """All roles of a stack by name, with `deploy`, `preview` and the one that stands for any, and their account."""

    account: Account
    roles: dict[str, Role]


def described(target: Target, graph: Graph, trusts: Mapping[str, Document]) -> Described:
    """Gather what a program declares and what an administrator makes for it; `trusts` are of `deploy` and `preview`."""
    names = target.names
    tags = json.loads(graph.config["aws:defaultTags"])["tags"]
    place = Place(names, target.state_bucket, target.state_key, tags)
    [bound] = boundary(names).values()
    declared = of_graph(graph, place, bound)
    services = frozenset(service for role in declared.values() for service in role.services)
    policies = {DEPLOY: deploy(target), PREVIEW: preview(target)}
    outer = {
        kind: Role(
            kind,
            names.global_arn("iam", f"role/{names.prefix}-{kind}-{names.stack}"),
            tuple(policies[kind].values()),
            trusts[kind],
        )
        for kind in (DEPLOY, PREVIEW)
    }
    account = Account(place, services, policies_of(graph, place), {role.arn: role.trust for role in declared.values()})
    return Described(account, {**outer, **declared, ANY: any_bounded(place, bound, document())})
