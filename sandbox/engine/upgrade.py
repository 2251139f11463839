"""An earlier program, then today's: nothing is replaced that is not said to be, with the reason, in `EXPECTED`."""

import subprocess
from collections.abc import Iterator, Mapping

import yaml

from sandbox.engine import steps
from sandbox.engine.life import Step
from sandbox.engine.project import Project, copy
from sandbox.engine.steps import OBJECT, Change, none
from sandbox.graph import ROOT

FIRST = "2cd5a11"
"""The program that an upgrade begins with as long as no release has a tag."""
EXPECTED: Mapping[str, Mapping[str, str]] = {
    FIRST: {
        "flow-schedule-daily-0600": "a schedule is named by its time, no longer by the first dataset that it starts",
    }
}
"""By the program that was there before: the resources that are replaced, by name, and why."""
REPLACING = ("replace", "create-replacement", "delete-replaced")
STACKS = ("dev", "prod")


def earlier() -> str:
    """Return the last release's tag, or FIRST where there is none.

    Raises:
        LookupError: the repository has not got that commit, as in a shallow clone.
    """
    tag = git("describe", "--tags", "--abbrev=0", "HEAD")
    revision = tag.stdout.strip() if tag.returncode == 0 else FIRST
    if git("cat-file", "-e", f"{revision}^{{commit}}").returncode:
        raise LookupError(f"Git has no commit {revision}, from which an upgrade begins: `git fetch --unshallow --tags`")
    return revision


def git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def upgrade(project: Project, stack: str, revision: str) -> Iterator[Step]:
    """Yield the steps by name: the project is a copy of the earlier program at first."""
    yield f"up of {revision}", lambda: first(project, stack)
    yield f"{revision} to today's program", lambda: upgraded(project, stack, EXPECTED.get(revision, {}))


def first(project: Project, stack: str) -> None:
    steps.begin(project, stack)
    project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)


def upgraded(project: Project, stack: str, expected: Mapping[str, str]) -> None:
    """Put today's program in the place of the earlier one, with the same stack, and update.

    Raises:
        Surprise: naming each resource that is replaced and not said to be, or said to be and not replaced.
    """
    file = project.tree / f"Pulumi.{stack}.yaml"
    salt = yaml.safe_load(file.read_text(encoding="utf-8"))["encryptionsalt"]
    copy(project.tree, None)
    whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({"encryptionsalt": salt, **whole}, sort_keys=False), encoding="utf-8")
    steps.write(project, stack, {"sluice:alarm_email": steps.EMAIL})
    changes = steps.up(project, stack, lambda change: change.type == OBJECT or fine(change, expected))
    replaced = {change.name for change in changes if change.operation in REPLACING and change.type != OBJECT}
    none([f"said to be replaced, and is not: {name}" for name in sorted(expected.keys() - replaced)])


def fine(change: Change, expected: Mapping[str, str]) -> bool:
    """Whether a change loses nothing: what is deleted or replaced has to be said."""
    return change.operation in ("create", "update") or (change.operation in REPLACING and change.name in expected)
