"""How one role becomes another: each way by which a role comes to act as one that it is not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sluice.program.deployer.reach.account import Owner
from sluice.program.deployer.reach.actions import CREATE, PASS, RUNNERS, STEER, TRUST, WIDEN, WRITE_OBJECT
from sluice.program.deployer.reach.requests import Requests
from sluice.program.deployer.reach.roles import ANY, DEPLOY, PREVIEW, Role


@dataclass(frozen=True)
class Step:
    """A role becomes the role `to`, by an action on a resource; `how` says what the action does there."""

    to: str
    by: str
    resource: str
    how: str


def steps(role: Role, others: Mapping[str, Role], requests: Requests) -> list[Step]:
    """Return each way of a role to each other, the first request of each."""
    ways: dict[tuple[str, str], Step] = {}
    for name, other in others.items():
        for step in _widens(role, others, requests) if name == ANY else _becomes(role, name, other, requests):
            ways.setdefault((step.to, step.by), step)
    return list(ways.values())


def _becomes(role: Role, name: str, other: Role, requests: Requests) -> Iterator[Step]:
    """Yield each way of a role to another: whom that one trusts, what it runs, and what decides about it."""
    if name == DEPLOY:
        yield from _writes_state(role, name, requests)
    if other is role:
        return
    if requests.can(role, TRUST, other.arn):
        yield Step(name, TRUST, other.arn, "lets itself take the role")
    if requests.can(role, "sts:AssumeRole", other.arn):
        yield Step(name, "sts:AssumeRole", other.arn, "takes the role, whose trust names it")
    yield from _passes(role, name, other, requests)
    for runner in other.runs:
        for action, how in STEER.items():
            if runner.split(":")[2] == _service(action) and requests.can(role, action, runner):
                yield Step(name, action, runner, how)
    for code in other.code:
        for action in WRITE_OBJECT:
            if requests.can(role, action, code):
                yield Step(name, action, code, "writes what the role's job runs or obeys")


def _service(action: str) -> str:
    service = action.split(":", maxsplit=1)[0]
    return "redshift-serverless" if service == "redshift-data" else service


def _passes(role: Role, name: str, other: Role, requests: Requests) -> Iterator[Step]:
    """Yield where a role is handed to a service that takes it, and that service is told what to run as it."""
    passed = {context.get("iam:PassedToService") for context in requests.contexts(role, PASS, other.arn)}
    for service in other.services:
        runners = [action for action in RUNNERS.get(service, ()) if _may_anywhere(role, action, requests)]
        if passed & {service, None} and runners:
            yield Step(name, PASS, other.arn, f"passes the role to {service} with {runners[0]}")


def _may_anywhere(role: Role, action: str, requests: Requests) -> bool:
    return any(
        requests.can(role, action, resource.arn)
        for resource in requests.account.resources.values()
        if resource.owner is Owner.STACK and resource.arn.split(":")[2] == _service(action)
    ) or requests.can(role, action, "*")


def _writes_state(role: Role, name: str, requests: Requests) -> Iterator[Step]:
    state = requests.account.place.state
    for action in WRITE_OBJECT:
        if requests.can(role, action, state):
            yield Step(name, action, state, "writes the state, which decides what the next deployment does")


def _widens(role: Role, others: Mapping[str, Role], requests: Requests) -> Iterator[Step]:
    """Yield where a role makes a role of the stack, or gives one more: it then has all that the boundary leaves."""
    new = others[ANY].arn
    if role.name == ANY:
        return
    if requests.can(role, CREATE, new):
        yield Step(ANY, CREATE, new, "makes a role under the boundary")
    for other in others.values():
        for action in WIDEN:
            if other.name not in (DEPLOY, PREVIEW, ANY) and requests.can(role, action, other.arn):
                yield Step(ANY, action, other.arn, "gives a role under the boundary a policy of its choice")
