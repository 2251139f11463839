"""A walk as one JSON object, as text for a terminal, and as the table in `docs/security.md`."""

from collections.abc import Iterable
from typing import Any

from sluice.program.deployer.reach.actions import reads
from sluice.program.deployer.reach.requests import ARN_PARTS
from sluice.program.deployer.reach.roles import ANY, DEPLOY, PREVIEW
from sluice.program.deployer.reach.steps import Step
from sluice.program.deployer.reach.walk import End, Fault, Reach, Walk
from sluice.program.docs_part import with_part

BEGIN, END = "<!-- begin: reach, written by `make security` -->", "<!-- end: reach -->"
"""Between these lines of `docs/security.md` the table stands."""


def as_json(walk: Walk) -> dict[str, Any]:
    """Return all roles with what they end at and the paths to what they become, and the faults."""
    roles = {
        name: {"ends_at": [_end(end) for end in reach.ends_at], "paths": [_path(path) for path in reach.paths]}
        for name, reach in walk.roles.items()
    }
    return {"stack": walk.names.stack, "roles": roles, "faults": [_fault(fault) for fault in walk.faults]}


def _end(end: End) -> dict[str, Any]:
    condition = {"condition": dict(end.condition)} if end.condition else {}
    return {"action": end.action, "resource": end.resource} | condition | ({"by": end.by} if end.by else {})


def _path(steps: tuple[Step, ...]) -> dict[str, Any]:
    """Return the last step of a path, and those before it."""
    return _step(steps[-1]) | {"through": [_step(step) for step in steps[:-1]]}


def _step(step: Step) -> dict[str, str]:
    return {"to": step.to, "by": step.by, "resource": step.resource, "how": step.how}


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "fault": fault.kind.value,
        "role": fault.role,
        "action": fault.action,
        "resource": fault.resource,
        "path": [_step(step) for step in fault.path],
    }


def as_text(walk: Walk) -> str:
    """Return a few lines a role, and a line a fault."""
    lines = [f"What each role of {walk.names.stack} can become"]
    for reach in walk.roles.values():
        taken, ends, path, bounded = row(walk, reach)
        lines += ["", reach.role.name, f"  taken by    {taken}", f"  ends at     {ends}"]
        lines += [f"  becomes     {path}", f"  bounded by  {bounded}"]
    lines += ["", f"{len(walk.faults)} faults" if walk.faults else "no fault"]
    return "\n".join([*lines, *(f"  {describe(fault)}" for fault in walk.faults)])


def describe(fault: Fault) -> str:
    way = "".join(f" through {step.to} ({step.by}: {step.how})" for step in fault.path)
    return f"{fault.role} {fault.kind.value}: {fault.action} on {fault.resource}{way}"


def page(text: str, walk: Walk) -> str:
    """Return `docs/security.md` with the table of a walk; raises LookupError where it has no place for it."""
    head = ("| role | taken by | ends at | becomes, and by what | bounded by |", "|---|---|---|---|---|")
    named = [(reach.role.name.removeprefix(f"{walk.names.of()}-"), row(walk, reach)) for reach in walk.roles.values()]
    rows = [f"| `{name}` | {' | '.join(cells)} |" for name, cells in named]
    return with_part(text, BEGIN, END, [*head, *rows])


def row(walk: Walk, reach: Reach) -> tuple[str, str, str, str]:
    """Return who takes a role, what it ends at, what it becomes by which actions, and what bounds it."""
    bounded = reach.role.boundary_arn.rpartition("/")[2] or "its own policies"
    return ", ".join(reach.role.taken_by), areas(reach.ends_at), becomes(walk, reach), bounded


def becomes(walk: Walk, reach: Reach) -> str:
    """Return in words what a role becomes, and by which actions."""
    by: dict[str, set[str]] = {}
    for path in reach.paths:
        by.setdefault(path[-1].to, set()).add(path[0].by)
    declared = set(walk.roles) - {DEPLOY, PREVIEW}
    ways: dict[str, list[str]] = {}
    for name in sorted(reach.becomes - {reach.role.name}):
        ways.setdefault(", ".join(sorted(by[name])), []).append(name.removeprefix(f"{walk.names.of()}-"))
    if declared <= reach.becomes:
        actions = sorted({action for name in declared for action in by[name]})
        ways = {", ".join(actions): ["every role of the stack"], ", ".join(sorted(by[ANY])): [ANY]}
    return "; ".join(f"{', '.join(names)} by {actions}" for actions, names in ways.items()) or "nothing else"


def areas(ends: Iterable[End]) -> str:
    """Return in words where a role ends: what it reads only, and what it changes."""
    ends = list(ends)
    changed = {area(end) for end in ends if not reads(end.action)}
    read = {area(end) for end in ends} - changed
    shown = {thing for thing in read if thing.removeprefix("names in ") not in read | changed or "names" not in thing}
    parts = (("reads", shown), ("changes", changed))
    return "; ".join(f"{verb} {', '.join(sorted(things))}" for verb, things in parts if things)


def area(end: End) -> str:
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
    **{"kms": "key", "events": "rules", "cloudwatch": "alarms and dashboard", "athena": "workgroup"},
    **dict.fromkeys(("redshift-serverless", "redshift-data", "secretsmanager"), "warehouse"),
}
"""What the page calls a service's things."""
