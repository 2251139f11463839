"""An earlier program, then today's: nothing is replaced or deleted but what `EXPECTED` says, with the reason."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import yaml

from components.settings.project_name import option_key
from sluice.program.engine import steps
from sluice.program.engine.life import Step
from sluice.program.engine.project import Project, copy_program
from sluice.program.engine.steps import OBJECT, Change, raise_if_any
from sluice.program.graph import ROOT

FIRST_REVISION = "2cd5a11"
"""The program that an upgrade begins with as long as no release has a tag."""
REPLACE_OPERATIONS = ("replace", "create-replacement", "delete-replaced")


@dataclass(frozen=True)
class ExpectedLoss:
    """Resources that an upgrade replaces or deletes: the operation, a pattern of their names, and why that is right."""

    operation: str
    name: str
    reason: str

    def covers_change(self, change: Change) -> bool:
        """Return whether a change is this one, by operation and logical name."""
        operations = REPLACE_OPERATIONS if self.operation == "replace" else (self.operation,)
        return change.operation in operations and fnmatchcase(change.name, self.name)


EXPECTED_LOSSES: Mapping[str, Sequence[ExpectedLoss]] = {
    FIRST_REVISION: (
        ExpectedLoss(
            "replace", "flow-schedule-daily-0600", "a schedule is named by its time, not by the first dataset it starts"
        ),
        ExpectedLoss(
            "replace", "readers-athena-*", "the text of a saved query changed, and Athena changes none in place"
        ),
        ExpectedLoss(
            "replace",
            "alarms-email",
            "messages in words go to a topic of their own, and AWS asks the address to confirm again",
        ),
        ExpectedLoss("delete", "*-watch-failed-*", "bad ends of all jobs have one rule: a bus has room for 300"),
        ExpectedLoss("delete", "*-watch-late-*", "late runs of all jobs have one rule"),
        ExpectedLoss(
            "delete", "*-watch-quarantined-alarm", "it could never ring: the dataset's contract sets no rows aside"
        ),
    )
}
"""By the program that was there before: what is replaced or deleted."""
STACKS = ("dev", "prod")


def earlier_revision() -> str:
    """Return the last release's tag, or FIRST where there is none.

    Raises:
        LookupError: the repository has not got that commit, as in a shallow clone.
    """
    tag = run_git("describe", "--tags", "--abbrev=0", "HEAD")
    revision = tag.stdout.strip() if tag.returncode == 0 else FIRST_REVISION
    if run_git("cat-file", "-e", f"{revision}^{{commit}}").returncode:
        raise LookupError(f"Git has no commit {revision}, from which an upgrade begins: `git fetch --unshallow --tags`")
    return revision


def run_git(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in the repository; its exit code is the caller's to judge."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def upgrade_steps(project: Project, stack: str, revision: str) -> Iterator[Step]:
    """Yield the steps by name: the project is a copy of the earlier program at first."""
    yield f"up of {revision}", lambda: deploy_earlier(project, stack)
    yield f"{revision} to today's program", lambda: deploy_today(project, stack, EXPECTED_LOSSES.get(revision, ()))


def deploy_earlier(project: Project, stack: str) -> None:
    """Deploy a stack by an earlier version of the program."""
    steps.init_stack(project, stack)
    project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)


def deploy_today(project: Project, stack: str, expected: Sequence[ExpectedLoss]) -> None:
    """Put today's program in the place of the earlier one, with the same stack, and update.

    Raises:
        Surprise: naming each resource that is replaced or deleted and not said to be, or said to be and is not.
    """
    file = project.tree / f"Pulumi.{stack}.yaml"
    salt = yaml.safe_load(file.read_text(encoding="utf-8"))["encryptionsalt"]
    copy_program(project.tree, None)
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({"encryptionsalt": salt, **content}, sort_keys=False), encoding="utf-8")
    steps.write_config(project, stack, {option_key("alarm_email"): steps.EMAIL})
    changes = steps.update_stack(project, stack, lambda change: change.type == OBJECT or is_accepted(change, expected))
    unmatched = [loss for loss in expected if not any(loss.covers_change(change) for change in changes)]
    raise_if_any([f"said to be, and is not: {loss.operation} {loss.name}" for loss in unmatched])


def is_accepted(change: Change, expected: Sequence[ExpectedLoss]) -> bool:
    """Whether a change loses nothing, or what it loses is said."""
    return change.operation in ("create", "update") or any(loss.covers_change(change) for loss in expected)
