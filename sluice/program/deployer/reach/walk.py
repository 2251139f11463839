"""What each role can become: a fixed point over roles, and what it ends at by all that it can be."""

import functools
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from components.names import Names
from sluice.program.deployer.reach.account import Account
from sluice.program.deployer.reach.actions import CREATE_ROLE, POLICY_CHANGES
from sluice.program.deployer.reach.faults import FaultKind, grant_faults
from sluice.program.deployer.reach.requests import Grant, Requests
from sluice.program.deployer.reach.roles import ANY_BOUNDED, DEPLOY, PREVIEW, Role
from sluice.program.deployer.reach.steps import EscalationStep, find_steps
from sluice.program.iam import covers_pattern

FLOW_SERVICE = "states.amazonaws.com"


@dataclass(frozen=True)
class RoleFault:
    """What a role can do that no role of the stack may; `path` are the steps to the role that is allowed it."""

    kind: FaultKind
    role: str
    action: str
    resource: str
    path: tuple[EscalationStep, ...] = ()


@dataclass(frozen=True)
class ReachedPermission:
    """An action on a resource that a role ends at, under a condition or by changing the resource's own policy."""

    action: str
    resource: str
    condition: Mapping[str, Any]
    through_action: str = ""


@dataclass(frozen=True)
class RoleReach:
    """What one role can become by which steps, and what it is then granted.

    `paths` are all single steps to a role, the shortest ways of more steps, and what opens a resource to whom one likes.
    """

    role: Role
    paths: tuple[tuple[EscalationStep, ...], ...]
    grants: tuple[Grant, ...]

    @functools.cached_property
    def permissions(self) -> tuple[ReachedPermission, ...]:
        """Return what it ends at by itself and as what it becomes, sorted, without what another entry has already."""
        ends = [end for grant in self.grants for end in _permissions_of(grant)]
        ends = list({(end.action.lower(), end.resource, str(end.condition)): end for end in ends}.values())
        unconditional = [end for end in ends if not end.condition]
        remaining = [
            end
            for end in ends
            if not any(wider is not end and _covers_permission(wider, end) for wider in unconditional)
        ]
        return tuple(sorted(remaining, key=lambda end: (end.action, end.resource, str(end.condition))))

    @property
    def reachable_roles(self) -> set[str]:
        """Return the names of the roles that it can become."""
        return {path[-1].target for path in self.paths if not path[-1].target.startswith("arn:")}


@dataclass(frozen=True)
class RoleWalk:
    """All roles of a stack, and what is wrong about them."""

    names: Names
    roles: Mapping[str, RoleReach]
    faults: tuple[RoleFault, ...]


def walk_roles(account: Account, roles: Mapping[str, Role]) -> RoleWalk:
    """Follow each role to all that it can become.

    `roles` has `deploy` and `preview`, the program's by name, and `ANY`, which stands for any role within the boundary.
    """
    requests = Requests(account)
    grants = {name: requests.grants_of(role) for name, role in roles.items()}
    # what the program declares has to hold by itself: a stack that no GitHub deploys has no boundary
    unbounded = {
        name: role if name in (DEPLOY, PREVIEW, ANY_BOUNDED) else replace(role, boundary=None)
        for name, role in roles.items()
    }
    direct = {name: find_steps(role, unbounded, requests) for name, role in unbounded.items()}
    own_faults = {
        name: list(dict.fromkeys(_own_faults(account, role, requests, direct[name])))
        for name, role in unbounded.items()
    }
    paths = {name: _shortest_paths(name, direct) for name in roles}
    reaches = {
        name: RoleReach(
            role,
            _all_paths(direct[name], paths[name], grants[name]),
            tuple(grant for part in (name, *paths[name]) for grant in grants[part]),
        )
        for name, role in roles.items()
        if name != ANY_BOUNDED
    }
    return RoleWalk(account.place.names, reaches, tuple(_all_faults(paths, own_faults)))


def _all_paths(
    direct: list[EscalationStep], paths: Mapping[str, tuple[EscalationStep, ...]], grants: list[Grant]
) -> tuple[tuple[EscalationStep, ...], ...]:
    """Return all single steps, the shortest paths of more, and the resources that a role opens."""
    policy_changes = {
        EscalationStep(grant.resource, action, grant.resource, "changes its policy, which grants whatever it then says")
        for grant in grants
        for action, _, _ in grant.requests
        if action in POLICY_CHANGES
    }
    longer = [path for path in paths.values() if len(path) > 1]
    return (*((step,) for step in direct), *longer, *((step,) for step in sorted(policy_changes, key=str)))


def _shortest_paths(start: str, direct: Mapping[str, list[EscalationStep]]) -> dict[str, tuple[EscalationStep, ...]]:
    """Return the shortest steps to each role that a role can become."""
    paths: dict[str, tuple[EscalationStep, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for step in direct[name]:
            if step.target not in paths:  # a step to itself, such as by its own state, is no way to another
                paths[step.target] = (*paths[name], step)
                waiting.append(step.target)
    del paths[start]
    return paths


def _own_faults(account: Account, role: Role, requests: Requests, direct: list[EscalationStep]) -> Iterator[RoleFault]:
    """Yield what a role does wrong by itself."""
    for grant in requests.grants_of(role):
        for kind, action, resource in grant_faults(account, role.name, grant):
            yield RoleFault(kind, role.name, action, resource)
    if role.name not in (DEPLOY, PREVIEW):
        if role.boundary_arn != account.place.names.boundary_arn:
            yield RoleFault(FaultKind.UNBOUNDED, role.name, CREATE_ROLE, role.arn)
        if role.taken_by != role.services:
            yield RoleFault(FaultKind.TAKEN, role.name, "sts:AssumeRole", role.arn)
    for step in direct:
        if not _is_by_design(role, step):
            yield RoleFault(FaultKind.BECOMES, role.name, step.action, step.resource, (step,))


def _is_by_design(role: Role, step: EscalationStep) -> bool:
    """Whether a role is meant to become another: who deploys is all of the stack, and the flow runs the jobs.

    So the boundary, which is one for all roles, leaves them to start jobs, and nothing else that makes one another.
    """
    if role.name == DEPLOY:
        return True
    return (role.name == ANY_BOUNDED or FLOW_SERVICE in role.services) and step.action == "glue:StartJobRun"


def _all_faults(
    paths: Mapping[str, Mapping[str, tuple[EscalationStep, ...]]], own_faults: Mapping[str, list[RoleFault]]
) -> Iterator[RoleFault]:
    """Yield each role's faults, then those of what it can become."""
    for name, reached_paths in paths.items():
        yield from own_faults[name]
        for reached_name, path in reached_paths.items():
            inherited = [fault for fault in own_faults[reached_name] if fault.kind is not FaultKind.BECOMES]
            yield from (replace(fault, role=name, path=path) for fault in inherited)


def _permissions_of(grant: Grant) -> Iterator[ReachedPermission]:
    yield ReachedPermission(grant.action, grant.resource, grant.condition)
    for action in {action for action, _, _ in grant.requests} & set(POLICY_CHANGES):
        opened_actions, parts = POLICY_CHANGES[action]
        yield from (ReachedPermission(opened_actions, grant.resource + part, grant.condition, action) for part in parts)


def _covers_permission(wide: ReachedPermission, narrow: ReachedPermission) -> bool:
    """Whether one end has all of another."""
    return covers_pattern(wide.resource, narrow.resource) and covers_pattern(wide.action.lower(), narrow.action.lower())
