"""How one role becomes another: each way by which a role comes to act as one that it is not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sluice.program.deployer.reach.account import Owner
from sluice.program.deployer.reach.actions import (
    CREATE_ROLE,
    PASS_ROLE,
    RUN_ACTIONS,
    STEERING_ACTIONS,
    UPDATE_TRUST,
    WIDENING_ACTIONS,
    WRITE_OBJECT,
)
from sluice.program.deployer.reach.requests import Requests
from sluice.program.deployer.reach.roles import ANY_BOUNDED, DEPLOY, PREVIEW, Role


@dataclass(frozen=True)
class EscalationStep:
    """A role becomes the role `to`, by an action on a resource; `how` says what the action does there."""

    target: str
    action: str
    resource: str
    effect: str


def find_steps(role: Role, other_roles: Mapping[str, Role], requests: Requests) -> list[EscalationStep]:
    """Return each way of a role to each other, the first request of each."""
    first_steps: dict[tuple[str, str], EscalationStep] = {}
    for name, other_role in other_roles.items():
        for step in (
            _widening_steps(role, other_roles, requests)
            if name == ANY_BOUNDED
            else _steps_to_role(role, name, other_role, requests)
        ):
            first_steps.setdefault((step.target, step.action), step)
    return list(first_steps.values())


def _steps_to_role(role: Role, name: str, other_role: Role, requests: Requests) -> Iterator[EscalationStep]:
    """Yield each way of a role to another: whom that one trusts, what it runs, and what decides about it."""
    if name == DEPLOY:
        yield from _state_steps(role, name, requests)
    if other_role is role:
        return
    if requests.is_allowed(role, UPDATE_TRUST, other_role.arn):
        yield EscalationStep(name, UPDATE_TRUST, other_role.arn, "lets itself take the role")
    if requests.is_allowed(role, "sts:AssumeRole", other_role.arn):
        yield EscalationStep(name, "sts:AssumeRole", other_role.arn, "takes the role, whose trust names it")
    yield from _pass_role_steps(role, name, other_role, requests)
    for runner in other_role.runners:
        for action, effect in STEERING_ACTIONS.items():
            if runner.split(":")[2] == _service_of(action) and requests.is_allowed(role, action, runner):
                yield EscalationStep(name, action, runner, effect)
    for code in other_role.code:
        for action in WRITE_OBJECT:
            if requests.is_allowed(role, action, code):
                yield EscalationStep(name, action, code, "writes what the role's job runs or obeys")


def _service_of(action: str) -> str:
    service = action.split(":", maxsplit=1)[0]
    return "redshift-serverless" if service == "redshift-data" else service


def _pass_role_steps(role: Role, name: str, other_role: Role, requests: Requests) -> Iterator[EscalationStep]:
    """Yield where a role is handed to a service that takes it, and that service is told what to run as it."""
    passed_to = {
        context.get("iam:PassedToService") for context in requests.allowed_contexts(role, PASS_ROLE, other_role.arn)
    }
    for service in other_role.services:
        if not passed_to & {service, None}:
            continue
        runners = [action for action in RUN_ACTIONS.get(service, ()) if _is_allowed_anywhere(role, action, requests)]
        if runners:
            yield EscalationStep(name, PASS_ROLE, other_role.arn, f"passes the role to {service} with {runners[0]}")


def _is_allowed_anywhere(role: Role, action: str, requests: Requests) -> bool:
    return any(
        requests.is_allowed(role, action, resource.arn)
        for resource in requests.account.resources.values()
        if resource.owner is Owner.STACK and resource.arn.split(":")[2] == _service_of(action)
    ) or requests.is_allowed(role, action, "*")


def _state_steps(role: Role, name: str, requests: Requests) -> Iterator[EscalationStep]:
    state = requests.account.place.state
    for action in WRITE_OBJECT:
        if requests.is_allowed(role, action, state):
            yield EscalationStep(name, action, state, "writes the state, which decides what the next deployment does")


def _widening_steps(role: Role, other_roles: Mapping[str, Role], requests: Requests) -> Iterator[EscalationStep]:
    """Yield where a role makes a role of the stack, or gives one more: it then has all that the boundary leaves."""
    new_role_arn = other_roles[ANY_BOUNDED].arn
    if role.name == ANY_BOUNDED:
        return
    if requests.is_allowed(role, CREATE_ROLE, new_role_arn):
        yield EscalationStep(ANY_BOUNDED, CREATE_ROLE, new_role_arn, "makes a role under the boundary")
    for other_role in other_roles.values():
        for action in WIDENING_ACTIONS:
            if other_role.name not in (DEPLOY, PREVIEW, ANY_BOUNDED) and requests.is_allowed(
                role, action, other_role.arn
            ):
                yield EscalationStep(
                    ANY_BOUNDED, action, other_role.arn, "gives a role under the boundary a policy of its choice"
                )
