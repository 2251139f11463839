"""What every step is made of: a preview, an update, and the engine's state beside the plan."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from sluice.program.engine.compared import differences
from sluice.program.engine.project import Project

QUIET = {"same", "read", "refresh"}
"""Operations that change nothing (Pulumi, `pulumi preview --json`)."""
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
EMAIL = "data-oncall@lake.internal"


class Surprise(AssertionError):
    """The engine would do, or did, what a step does not allow; the message has a line for each."""


@dataclass(frozen=True)
class Change:
    """One step of a preview: the operation in the engine's word, and what it is done to."""

    operation: str
    urn: str

    @property
    def type(self) -> str:
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    def __str__(self) -> str:
        return f"{self.operation} {self.type} {self.name}"


Allowed = Callable[[Change], bool]


def preview(project: Project, stack: str) -> list[Change]:
    """Return what an update would do, without what stays as it is."""
    printed = project.pulumi("preview", "--json", "--stack", stack)
    steps = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])["steps"]
    return [Change(step["op"], step["urn"]) for step in steps if step["op"] not in QUIET]


def begin(project: Project, stack: str) -> None:
    """Make the stack as a user does; both commands write the stack's file anew, in their own spelling."""
    project.pulumi("stack", "init", stack)
    project.pulumi("config", "set", "sluice:alarm_email", EMAIL, "--stack", stack)


def up(project: Project, stack: str, allowed: Allowed) -> list[Change]:
    """Preview, update, and see that a second preview has nothing left and that state and plan are the same.

    Raises:
        Surprise: the preview has a step that is not `allowed`, the CLI warns, something is left, or state and plan differ.
    """
    changes = preview(project, stack)
    none([f"not expected: {change}" for change in changes if not allowed(change)])
    printed = project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)
    none([line.strip() for line in printed.splitlines() if "warning:" in line or "deprecated" in line])
    settled(project, stack)
    return changes


def up_with(project: Project, stack: str, config: Mapping[str, Any], operations: Collection[str]) -> list[Change]:
    """Write configuration into the stack's file and update; only these operations, and objects that come and go."""
    write(project, stack, config)
    return up(project, stack, lambda change: change.operation in operations or change.type == OBJECT)


def settled(project: Project, stack: str) -> None:
    """Raises Surprise where another update would change something, or state and plan differ."""
    none([f"left after the update: {change}" for change in preview(project, stack)])
    none(differences(project.planned(stack), project.state(stack)))


def stack_file(project: Project, stack: str) -> dict[str, Any]:
    return yaml.safe_load((project.tree / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]


def write(project: Project, stack: str, config: Mapping[str, Any]) -> None:
    """Put configuration into the stack's file, beside what the CLI has written there."""
    path = project.tree / f"Pulumi.{stack}.yaml"
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    whole["config"] |= config
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")


def none(lines: list[str]) -> None:
    """Raises Surprise with the lines, where there is one."""
    if lines:
        raise Surprise("\n".join(lines))
