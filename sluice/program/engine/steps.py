"""What every step is made of: a preview, an update, and the engine's state beside the plan."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from components.settings.project_name import option_key
from sluice.program.engine.compared import plan_differences
from sluice.program.engine.project import Project

QUIET_OPERATIONS = {"same", "read", "refresh"}
"""Operations that change nothing (Pulumi, `pulumi preview --json`)."""
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
EMAIL = "data-oncall@lake.internal"


class UnexpectedChange(AssertionError):
    """The engine would do, or did, what a step does not allow; the message has a line for each."""


@dataclass(frozen=True)
class Change:
    """One step of a preview: the operation in the engine's word, and what it is done to."""

    operation: str
    urn: str

    @property
    def type(self) -> str:
        """The resource's type, without its parents'."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]

    def __str__(self) -> str:
        return f"{self.operation} {self.type} {self.name}"


Allowed = Callable[[Change], bool]


def preview_changes(project: Project, stack: str) -> list[Change]:
    """Return what an update would do, without what stays as it is."""
    printed = project.pulumi("preview", "--json", "--stack", stack)
    steps = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])["steps"]
    return [Change(step["op"], step["urn"]) for step in steps if step["op"] not in QUIET_OPERATIONS]


def init_stack(project: Project, stack: str) -> None:
    """Make the stack as a user does; both commands write the stack's file anew, in their own spelling."""
    project.pulumi("stack", "init", stack)
    project.pulumi("config", "set", option_key("alarm_email"), EMAIL, "--stack", stack)


def update_stack(project: Project, stack: str, allowed: Allowed) -> list[Change]:
    """Preview, update, and see that a second preview has nothing left and that state and plan are the same.

    Raises:
        Surprise: the preview has a step that is not `allowed`, the CLI warns, something is left, or state and plan differ.
    """
    changes = preview_changes(project, stack)
    raise_if_any([f"not expected: {change}" for change in changes if not allowed(change)])
    printed = project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)
    raise_if_any([line.strip() for line in printed.splitlines() if "warning:" in line or "deprecated" in line])
    check_settled(project, stack)
    return changes


def update_with_config(
    project: Project, stack: str, config: Mapping[str, Any], operations: Collection[str]
) -> list[Change]:
    """Write configuration into the stack's file and update; only these operations, and objects that come and go."""
    write_config(project, stack, config)
    return update_stack(project, stack, lambda change: change.operation in operations or change.type == OBJECT)


def check_settled(project: Project, stack: str) -> None:
    """Raises Surprise where another update would change something, or state and plan differ."""
    raise_if_any([f"left after the update: {change}" for change in preview_changes(project, stack)])
    raise_if_any(plan_differences(project.planned(stack), project.state(stack)))


def read_stack_file(project: Project, stack: str) -> dict[str, Any]:
    """Return the configuration in a stack's file by key."""
    return yaml.safe_load((project.tree / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]


def write_config(project: Project, stack: str, config: Mapping[str, Any]) -> None:
    """Put configuration into the stack's file, beside what the CLI has written there."""
    path = project.tree / f"Pulumi.{stack}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["config"] |= config
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def raise_if_any(lines: list[str]) -> None:
    """Raises Surprise with the lines, where there is one."""
    if lines:
        raise UnexpectedChange("\n".join(lines))
