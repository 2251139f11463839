"""What a stack goes through in its life, each step by the CLI, and what each has to leave behind."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from sandbox.engine.compared import differences
from sandbox.engine.project import Project
from sandbox.policies.keeping import GUARDS

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
        return self.urn.split("::")[2].split("$")[-1]

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    def __str__(self) -> str:
        return f"{self.operation} {self.type} {self.name}"


def preview(project: Project, stack: str) -> list[Change]:
    """Return what an update would do, without what stays as it is."""
    printed = project.pulumi("preview", "--json", "--stack", stack)
    steps = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])["steps"]
    return [Change(step["op"], step["urn"]) for step in steps if step["op"] not in QUIET]


def begin(project: Project, stack: str) -> None:
    """Make the stack as a user does; both commands write the stack's file anew, in their own spelling."""
    project.pulumi("stack", "init", stack)
    project.pulumi("config", "set", "sluice:alarm_email", EMAIL, "--stack", stack)


def up(project: Project, stack: str, allowed: Callable[[Change], bool]) -> list[Change]:
    """Preview, update, and see that a second preview has nothing left and that state and plan are the same.

    Raises:
        Surprise: the preview has a step that is not `allowed`, something is left, or state and plan differ.
    """
    changes = preview(project, stack)
    _none([f"not expected: {change}" for change in changes if not allowed(change)])
    project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)
    settled(project, stack)
    return changes


def settled(project: Project, stack: str) -> None:
    """Raises Surprise where another update would change something, or state and plan differ."""
    _none([f"left after the update: {change}" for change in preview(project, stack)])
    _none(differences(project.planned(stack), project.state(stack)))


def refreshed(project: Project, stack: str) -> None:
    """Raises StepFailed where a refresh finds that something is other than the state says."""
    project.pulumi("refresh", "--yes", "--expect-no-changes", "--stack", stack)


def contract_changed(project: Project, stack: str, dataset: str) -> list[Change]:
    """Raise the version of a contract, as a pull request does: objects come and go, nothing else is replaced."""
    file = project.tree / "expectations" / dataset / "output.json"
    suite = json.loads(file.read_text(encoding="utf-8"))
    major, minor, patch = suite["meta"]["version"].split(".")
    suite["meta"]["version"] = f"{major}.{minor}.{int(patch) + 1}"
    file.write_text(json.dumps(suite, indent=2), encoding="utf-8")
    return up(project, stack, lambda change: change.operation == "update" or change.type == OBJECT)


def dataset_out_and_in(project: Project, stack: str, dataset: str) -> None:
    """Take a dataset out and add it again, at another place: what is another's is not touched."""
    config = stack_file(project, stack)
    before = dict(config["sluice:datasets"])
    rest = {name: entry for name, entry in before.items() if name != dataset}
    taken_out = up_with(project, stack, {"sluice:datasets": rest}, {"delete", "update"})
    added = up_with(project, stack, {"sluice:datasets": {dataset: before[dataset], **rest}}, {"create", "update"})
    touched = [change for change in (*taken_out, *added) if change.operation in ("create", "delete")]
    _none([f"another dataset's: {change}" for change in touched if set(change.name.split("-")) & rest.keys()])


def order_turned(project: Project, stack: str) -> None:
    """Turn the order of the datasets round: nothing changes."""
    datasets = stack_file(project, stack)["sluice:datasets"]
    write(project, stack, {"sluice:datasets": dict(reversed(datasets.items()))})
    settled(project, stack)


def taken_down(project: Project, stack: str) -> None:
    """Destroy the stack; a protected one refuses until its protection is taken off, which is a step of its own."""
    if stack_file(project, stack).get("sluice:protect") in (True, "true"):
        before = {resource["urn"] for resource in project.state(stack)}
        project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack, fails=True)
        lost = sorted(before - {resource["urn"] for resource in project.state(stack)})
        _none([f"gone although the stack is protected: {urn}" for urn in lost if guards_data(urn)])
        up_with(project, stack, {"sluice:protect": "false"}, {"update", "create"})
    project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack)
    _none([f"still there: {resource['urn']}" for resource in project.state(stack)])


KEPT = ("Bucket", "Key", *GUARDS)


def guards_data(urn: str) -> bool:
    """Whether the resource holds data, or protects it."""
    return urn.split("::")[2].rpartition(":")[2] in KEPT


def up_with(project: Project, stack: str, config: Mapping[str, Any], operations: Collection[str]) -> list[Change]:
    """Write configuration into the stack's file and update; only these operations, and objects that come and go."""
    write(project, stack, config)
    return up(project, stack, lambda change: change.operation in operations or change.type == OBJECT)


def stack_file(project: Project, stack: str) -> dict[str, Any]:
    return yaml.safe_load((project.tree / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]


def write(project: Project, stack: str, config: Mapping[str, Any]) -> None:
    path = project.tree / f"Pulumi.{stack}.yaml"
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    whole["config"] |= config
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")


def _none(lines: list[str]) -> None:
    if lines:
        raise Surprise("\n".join(lines))
