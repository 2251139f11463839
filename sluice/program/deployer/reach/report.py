"""A walk as one JSON object, as text for a terminal, and as the table in `docs/security.md`."""

from collections.abc import Iterable
from typing import Any

from sluice.program.deployer.reach.actions import is_read_only
from sluice.program.deployer.reach.requests import ARN_PARTS
from sluice.program.deployer.reach.roles import ANY_BOUNDED, DEPLOY, PREVIEW
from sluice.program.deployer.reach.steps import EscalationStep
from sluice.program.deployer.reach.walk import ReachedPermission, RoleFault, RoleReach, RoleWalk
from sluice.program.docs_part import replace_part

BEGIN, END = "<!-- begin: reach, written by `make security` -->", "<!-- end: reach -->"
"""Between these lines of `docs/security.md` the table stands."""


def as_json(walk: RoleWalk) -> dict[str, Any]:
    """Return all roles with what they end at and the paths to what they become, and the faults."""
    roles = {
        name: {
            "ends_at": [_permission_json(end) for end in reach.permissions],
            "paths": [_path_json(path) for path in reach.paths],
        }
        for name, reach in walk.roles.items()
    }
    return {"stack": walk.names.stack, "roles": roles, "faults": [_fault_json(fault) for fault in walk.faults]}


def _permission_json(end: ReachedPermission) -> dict[str, Any]:
    condition = {"condition": dict(end.condition)} if end.condition else {}
    return (
        {"action": end.action, "resource": end.resource}
        | condition
        | ({"by": end.through_action} if end.through_action else {})
    )


def _path_json(steps: tuple[EscalationStep, ...]) -> dict[str, Any]:
    """Return the last step of a path, and those before it."""
    return _step_json(steps[-1]) | {"through": [_step_json(step) for step in steps[:-1]]}


def _step_json(step: EscalationStep) -> dict[str, str]:
    return {"to": step.target, "by": step.action, "resource": step.resource, "how": step.effect}


def _fault_json(fault: RoleFault) -> dict[str, Any]:
    return {
        "fault": fault.kind.value,
        "role": fault.role,
        "action": fault.action,
        "resource": fault.resource,
        "path": [_step_json(step) for step in fault.path],
    }


def as_text(walk: RoleWalk) -> str:
    """Return a few lines a role, and a line a fault."""
    lines = [f"What each role of {walk.names.stack} can become"]
    for reach in walk.roles.values():
        taken_by, ends, path, bounded_by = table_row(walk, reach)
        lines += ["", reach.role.name, f"  taken by    {taken_by}", f"  ends at     {ends}"]
        lines += [f"  becomes     {path}", f"  bounded by  {bounded_by}"]
    lines += ["", f"{len(walk.faults)} faults" if walk.faults else "no fault"]
    return "\n".join([*lines, *(f"  {describe_fault(fault)}" for fault in walk.faults)])


def describe_fault(fault: RoleFault) -> str:
    """Return a fault in words: who does what, and by which steps."""
    path_text = "".join(f" through {step.target} ({step.action}: {step.effect})" for step in fault.path)
    return f"{fault.role} {fault.kind.value}: {fault.action} on {fault.resource}{path_text}"


def page_with_table(text: str, walk: RoleWalk) -> str:
    """Return `docs/security.md` with the table of a walk; raises LookupError where it has no place for it."""
    head = ("| role | taken by | ends at | becomes, and by what | bounded by |", "|---|---|---|---|---|")
    named_rows = [
        (reach.role.name.removeprefix(f"{walk.names.resource_name()}-"), table_row(walk, reach))
        for reach in walk.roles.values()
    ]
    rows = [f"| `{name}` | {' | '.join(cells)} |" for name, cells in named_rows]
    return replace_part(text, BEGIN, END, [*head, *rows])


def table_row(walk: RoleWalk, reach: RoleReach) -> tuple[str, str, str, str]:
    """Return who takes a role, what it ends at, what it becomes by which actions, and what bounds it."""
    bounded_by = reach.role.boundary_arn.rpartition("/")[2] or "its own policies"
    return (
        ", ".join(reach.role.taken_by),
        describe_areas(reach.permissions),
        describe_reachable(walk, reach),
        bounded_by,
    )


def describe_reachable(walk: RoleWalk, reach: RoleReach) -> str:
    """Return in words what a role becomes, and by which actions."""
    actions_by_role: dict[str, set[str]] = {}
    for path in reach.paths:
        actions_by_role.setdefault(path[-1].target, set()).add(path[0].action)
    declared = set(walk.roles) - {DEPLOY, PREVIEW}
    names_by_actions: dict[str, list[str]] = {}
    for name in sorted(reach.reachable_roles - {reach.role.name}):
        names_by_actions.setdefault(", ".join(sorted(actions_by_role[name])), []).append(
            name.removeprefix(f"{walk.names.resource_name()}-")
        )
    if declared <= reach.reachable_roles:
        actions = sorted({action for name in declared for action in actions_by_role[name]})
        names_by_actions = {
            ", ".join(actions): ["every role of the stack"],
            ", ".join(sorted(actions_by_role[ANY_BOUNDED])): [ANY_BOUNDED],
        }
    return (
        "; ".join(f"{', '.join(names)} by {actions}" for actions, names in names_by_actions.items()) or "nothing else"
    )


def describe_areas(ends: Iterable[ReachedPermission]) -> str:
    """Return in words where a role ends: what it reads only, and what it changes."""
    ends = list(ends)
    changed = {area_of(end) for end in ends if not is_read_only(end.action)}
    read = {area_of(end) for end in ends} - changed
    read_only = {
        area_name
        for area_name in read
        if area_name.removeprefix("names in ") not in read | changed or "names" not in area_name
    }
    parts = (("reads", read_only), ("changes", changed))
    return "; ".join(f"{verb} {', '.join(sorted(area_names))}" for verb, area_names in parts if area_names)


def area_of(end: ReachedPermission) -> str:
    """Return what kind of thing an action is on: a zone of the lake, or what a service has."""
    service, _, verb = end.action.partition(":")
    parts = end.resource.split(":", 5)
    resource = parts[-1]
    if resource == end.resource or len(parts) < ARN_PARTS:
        return "metrics" if verb == "PutMetricData" else f"the account's {service}"
    if parts[2] == "s3":
        return _of_bucket(*resource.partition("/"), verb)
    kind = resource.replace(":", "/").split("/")[0]
    return AREAS.get(f"{service} {kind}", AREAS.get(service, f"{service} {kind}"))


def _of_bucket(bucket: str, slash: str, key: str, verb: str) -> str:
    zone = next((zone for zone in ("raw", "processed", "assets", "logs") if f"-{zone}-" in bucket), "state")
    if slash:
        return f"folders of {zone}" if key.endswith("/") else zone
    return f"names in {zone}" if verb.startswith("ListBucket") else "buckets" if verb != "*" else zone


AREAS = {
    **dict.fromkeys(("glue catalog", "glue database", "glue table", "glue userDefinedFunction"), "catalog"),
    **{f"glue {kind}": f"{kind}s" for kind in ("job", "trigger", "crawler")},
    **{
        "states": "flow",
        "scheduler": "schedules",
        "sqs": "queues",
        "sns": "topic",
        "logs": "log groups",
        "iam": "roles",
    },
    **{f"events {kind}": "endpoints" for kind in ("connection", "api-destination")},
    **{"chatbot": "chats", "cloudwatch alarm-mute-rule": "mutes"},
    **{"kms": "key", "events": "rules", "cloudwatch": "alarms and dashboard", "athena": "workgroup"},
    **dict.fromkeys(("redshift-serverless", "redshift-data", "secretsmanager"), "warehouse"),
}
"""What the page calls a service's things."""
