"""An earlier program, then today's: nothing is replaced or deleted but what `EXPECTED` says, with the reason."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import yaml

from sluice.program.engine import steps
from sluice.program.engine.life import Step
from sluice.program.engine.project import Project, copy
from sluice.program.engine.steps import OBJECT, Change, none
from sluice.program.graph import ROOT

FIRST = "2cd5a11"
"""The program that an upgrade begins with as long as no release has a tag."""
REPLACING = ("replace", "create-replacement", "delete-replaced")


@dataclass(frozen=True)
class Loss:
    """Resources that an upgrade replaces or deletes: the operation, a pattern of their names, and why that is right."""

    operation: str
    name: str
    reason: str

    def covers(self, change: Change) -> bool:
        operations = REPLACING if self.operation == "replace" else (self.operation,)
        return change.operation in operations and fnmatchcase(change.name, self.name)


EXPECTED: Mapping[str, Sequence[Loss]] = {
    FIRST: (
        Loss(
            "replace", "flow-schedule-daily-0600", "a schedule is named by its time, not by the first dataset it starts"
        ),
        Loss("replace", "readers-athena-*", "the text of a saved query changed, and Athena changes none in place"),
        Loss("delete", "*-watch-quarantined-alarm", "it could never ring: the dataset's contract sets no rows aside"),
    )
}
"""By the program that was there before: what is replaced or deleted."""
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
    yield f"{revision} to today's program", lambda: upgraded(project, stack, EXPECTED.get(revision, ()))


def first(project: Project, stack: str) -> None:
    steps.begin(project, stack)
    project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)


def upgraded(project: Project, stack: str, expected: Sequence[Loss]) -> None:
    """Put today's program in the place of the earlier one, with the same stack, and update.

    Raises:
        Surprise: naming each resource that is replaced or deleted and not said to be, or said to be and is not.
    """
    file = project.tree / f"Pulumi.{stack}.yaml"
    salt = yaml.safe_load(file.read_text(encoding="utf-8"))["encryptionsalt"]
    copy(project.tree, None)
    whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({"encryptionsalt": salt, **whole}, sort_keys=False), encoding="utf-8")
    steps.write(project, stack, {"sluice:alarm_email": steps.EMAIL})
    changes = steps.up(project, stack, lambda change: change.type == OBJECT or fine(change, expected))
    idle = [loss for loss in expected if not any(loss.covers(change) for change in changes)]
    none([f"said to be, and is not: {loss.operation} {loss.name}" for loss in idle])


def fine(change: Change, expected: Sequence[Loss]) -> bool:
    """Whether a change loses nothing, or what it loses is said."""
    return change.operation in ("create", "update") or any(loss.covers(change) for loss in expected)
