"""How a dataset's contracts came to be what they are: each change of a suite, from Git, in words."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sluice.contracts.diff.diff import SuiteDiff, diff
from sluice.contracts.diff.git_history import FOLDER, at, now
from sluice.contracts.suite_files import WrongUse

COMMIT = "%x00%h%x1f%as%x1f%s"
NONE = "0" * 40


@dataclass(frozen=True)
class Step:
    """One suite's change in one commit; `commit` is empty where it is not committed yet. `date` is ISO, the author's."""

    stage: str
    what: SuiteDiff
    commit: str = ""
    date: str = ""
    subject: str = ""


def steps(root: Path) -> dict[str, list[Step]] | None:
    """Return each dataset's changes, the newest first; None where this is no Git repository.

    Two processes, however long the history is.
    """
    try:
        log = _git(
            root, "log", f"--format={COMMIT}", "--raw", "--no-abbrev", "--no-renames", "--relative", "--", FOLDER
        )
        changed = [*_uncommitted(root), *_committed(root, log)]
    except WrongUse:
        return None
    found: dict[str, list[Step]] = {}
    for step in changed:
        found.setdefault(Path(step.what.path).parent.name, []).append(step)
    return found


def _uncommitted(root: Path) -> list[Step]:
    return [Step(Path(one.path).stem, one) for one in diff(at("HEAD", root), now(root))]


def _committed(root: Path, log: str) -> list[Step]:
    commits = [commit.split("\n") for commit in log.split("\0")[1:]]
    raw = [(head.split("\x1f"), line) for head, *lines in commits for line in lines if line.startswith(":")]
    changes = [(head, *_blobs(line)) for head, line in raw]
    texts = _texts(root, {blob for _, _, *blobs in changes for blob in blobs if blob != NONE})
    found = []
    for (commit, date, subject), path, old, new in changes:
        before, after = ({path: texts[blob]} if blob in texts else {} for blob in (old, new))
        found += [Step(Path(path).stem, one, commit, date, subject) for one in diff(before, after) if _is_suite(path)]
    return found


def _is_suite(path: str) -> bool:
    return Path(path).name in ("input.json", "output.json") and path.count("/") == 2


def _blobs(line: str) -> tuple[str, str, str]:
    """Return path, old and new blob of a line such as `:100644 100644 <old> <new> M<tab><path>`."""
    fields, _, path = line.partition("\t")
    _, _, old, new, _ = fields.split(" ")
    return path, old, new


def _texts(root: Path, blobs: set[str]) -> dict[str, str]:
    """Return the blobs' texts, of one process."""
    order = sorted(blobs)
    out = _run(root, ["cat-file", "--batch"], "\n".join(order).encode())
    texts, place = {}, 0
    for blob in order:
        head, _, _ = out[place:].partition(b"\n")
        size, start = int(head.split()[2]), place + len(head) + 1
        texts[blob] = out[start : start + size].decode(errors="replace")
        place = start + size + 1
    return texts


def _git(root: Path, *arguments: str) -> str:
    return _run(root, list(arguments)).decode(errors="replace")


def _run(root: Path, arguments: list[str], given: bytes = b"") -> bytes:
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise WrongUse(f"git {arguments[0]} failed: no history can be told") from error
