"""What each role can become: a fixed point over roles, and what it ends at by all that it can be."""

import functools
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from components.names import Names
from sluice.program.deployer.reach.account import Account
from sluice.program.deployer.reach.actions import CREATE, OPENING
from sluice.program.deployer.reach.faults import Kind, faults
from sluice.program.deployer.reach.requests import Granted, Requests
from sluice.program.deployer.reach.roles import ANY, DEPLOY, PREVIEW, Role
from sluice.program.deployer.reach.steps import Step, steps
from sluice.program.iam import covers

FLOW = "states.amazonaws.com"


@dataclass(frozen=True)
class Fault:
    """What a role can do that no role of the stack may; `path` are the steps to the role that is allowed it."""

    kind: Kind
    role: str
    action: str
    resource: str
    path: tuple[Step, ...] = ()


@dataclass(frozen=True)
class End:
    """An action on a resource that a role ends at, under a condition or by changing the resource's own policy."""

    action: str
    resource: str
    condition: Mapping[str, Any]
    by: str = ""


@dataclass(frozen=True)
class Reach:
    """What one role can become by which steps, and what it is then granted.

    `paths` are all single steps to a role, the shortest ways of more steps, and what opens a resource to whom one likes.
    """

    role: Role
    paths: tuple[tuple[Step, ...], ...]
    granted: tuple[Granted, ...]

    @functools.cached_property
    def ends_at(self) -> tuple[End, ...]:
        """Return what it ends at by itself and as what it becomes, sorted, without what another entry has already."""
        ends = [end for granted in self.granted for end in _end(granted)]
        ends = list({(end.action.lower(), end.resource, str(end.condition)): end for end in ends}.values())
        wide = [end for end in ends if not end.condition]
        kept = [end for end in ends if not any(other is not end and _covers(other, end) for other in wide)]
        return tuple(sorted(kept, key=lambda end: (end.action, end.resource, str(end.condition))))

    @property
    def becomes(self) -> set[str]:
        """Return the names of the roles that it can become."""
        return {path[-1].to for path in self.paths if not path[-1].to.startswith("arn:")}


@dataclass(frozen=True)
class Walk:
    """All roles of a stack, and what is wrong about them."""

    names: Names
    roles: Mapping[str, Reach]
    faults: tuple[Fault, ...]


def walk(account: Account, roles: Mapping[str, Role]) -> Walk:
    """Follow each role to all that it can become.

    `roles` has `deploy` and `preview`, the program's by name, and `ANY`, which stands for any role within the boundary.
    """
    requests = Requests(account)
    granted = {name: requests.granted(role) for name, role in roles.items()}
    # what the program declares has to hold by itself: a stack that no GitHub deploys has no boundary
    alone = {
        name: role if name in (DEPLOY, PREVIEW, ANY) else replace(role, boundary=None) for name, role in roles.items()
    }
    direct = {name: steps(role, alone, requests) for name, role in alone.items()}
    wrong = {name: list(dict.fromkeys(_wrong(account, role, requests, direct[name]))) for name, role in alone.items()}
    paths = {name: _paths(name, direct) for name in roles}
    reached = {
        name: Reach(
            role,
            _ways(direct[name], paths[name], granted[name]),
            tuple(each for part in (name, *paths[name]) for each in granted[part]),
        )
        for name, role in roles.items()
        if name != ANY
    }
    return Walk(account.place.names, reached, tuple(_all_faults(paths, wrong)))


def _ways(
    direct: list[Step], paths: Mapping[str, tuple[Step, ...]], granted: list[Granted]
) -> tuple[tuple[Step, ...], ...]:
    """Return all single steps, the shortest paths of more, and the resources that a role opens."""
    opens = {
        Step(each.resource, action, each.resource, "changes its policy, which grants whatever it then says")
        for each in granted
        for action, _, _ in each.requests
        if action in OPENING
    }
    longer = [path for path in paths.values() if len(path) > 1]
    return (*((step,) for step in direct), *longer, *((step,) for step in sorted(opens, key=str)))


def _paths(start: str, direct: Mapping[str, list[Step]]) -> dict[str, tuple[Step, ...]]:
    """Return the shortest steps to each role that a role can become."""
    paths: dict[str, tuple[Step, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for step in direct[name]:
            if step.to not in paths:  # a step to itself, such as by its own state, is no way to another
                paths[step.to] = (*paths[name], step)
                waiting.append(step.to)
    del paths[start]
    return paths


def _wrong(account: Account, role: Role, requests: Requests, direct: list[Step]) -> Iterator[Fault]:
    """Yield what a role does wrong by itself."""
    for granted in requests.granted(role):
        for kind, action, resource in faults(account, role.name, granted):
            yield Fault(kind, role.name, action, resource)
    if role.name not in (DEPLOY, PREVIEW):
        if role.boundary_arn != account.place.names.boundary_arn:
            yield Fault(Kind.UNBOUNDED, role.name, CREATE, role.arn)
        if role.taken_by != role.services:
            yield Fault(Kind.TAKEN, role.name, "sts:AssumeRole", role.arn)
    for step in direct:
        if not _by_design(role, step):
            yield Fault(Kind.BECOMES, role.name, step.by, step.resource, (step,))


def _by_design(role: Role, step: Step) -> bool:
    """Whether a role is meant to become another: who deploys is all of the stack, and the flow runs the jobs.

    So the boundary, which is one for all roles, leaves them to start jobs, and nothing else that makes one another.
    """
    if role.name == DEPLOY:
        return True
    return (role.name == ANY or FLOW in role.services) and step.by == "glue:StartJobRun"


def _all_faults(
    paths: Mapping[str, Mapping[str, tuple[Step, ...]]], wrong: Mapping[str, list[Fault]]
) -> Iterator[Fault]:
    """Yield each role's faults, then those of what it can become."""
    for name, reached in paths.items():
        yield from wrong[name]
        for other, path in reached.items():
            inherited = [fault for fault in wrong[other] if fault.kind is not Kind.BECOMES]
            yield from (replace(fault, role=name, path=path) for fault in inherited)


def _end(granted: Granted) -> Iterator[End]:
    yield End(granted.action, granted.resource, granted.condition)
    for action in {action for action, _, _ in granted.requests} & set(OPENING):
        opened, parts = OPENING[action]
        yield from (End(opened, granted.resource + part, granted.condition, action) for part in parts)


def _covers(wide: End, narrow: End) -> bool:
    """Whether one end has all of another."""
    return covers(wide.resource, narrow.resource) and covers(wide.action.lower(), narrow.action.lower())
