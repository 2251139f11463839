"""How a dataset's contracts came to be what they are: each change of a suite, from Git, in words."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sluice.cli.errors import WrongUse
from sluice.contracts.diff.diff import SuiteDiff, diff_suites
from sluice.contracts.diff.git_history import FOLDER, suites_at, working_suites

COMMIT = "%x00%h%x1f%as%x1f%s"
NONE = "0" * 40


@dataclass(frozen=True)
class ContractStep:
    """One suite's change in one commit; `commit` is empty where it is not committed yet. `date` is ISO, the author's."""

    stage: str
    what: SuiteDiff
    commit: str = ""
    date: str = ""
    subject: str = ""


def contract_history(root: Path) -> dict[str, list[ContractStep]] | None:
    """Return each dataset's changes, the newest first; None where this is no Git repository.

    Two processes, however long the history is.
    """
    try:
        log = _git_text(
            root, "log", f"--format={COMMIT}", "--raw", "--no-abbrev", "--no-renames", "--relative", "--", FOLDER
        )
        changed = [*_uncommitted_steps(root), *_committed_steps(root, log)]
    except WrongUse:
        return None
    steps_by_dataset: dict[str, list[ContractStep]] = {}
    for step in changed:
        steps_by_dataset.setdefault(Path(step.what.path).parent.name, []).append(step)
    return steps_by_dataset


def _uncommitted_steps(root: Path) -> list[ContractStep]:
    return [
        ContractStep(Path(suite_diff.path).stem, suite_diff)
        for suite_diff in diff_suites(suites_at("HEAD", root), working_suites(root))
    ]


def _committed_steps(root: Path, log: str) -> list[ContractStep]:
    commits = [commit.split("\n") for commit in log.split("\0")[1:]]
    raw = [(head.split("\x1f"), line) for head, *lines in commits for line in lines if line.startswith(":")]
    changed_files = [(head, *_parse_blobs(line)) for head, line in raw]
    changes = [change for change in changed_files if _is_suite(change[1])]  # beside suites there are queries
    texts = _blob_texts(root, {blob for _, _, *blobs in changes for blob in blobs if blob != NONE})
    committed: list[ContractStep] = []
    for (commit, date, subject), path, old, new in changes:
        before, after = ({path: texts[blob]} if blob in texts else {} for blob in (old, new))
        committed += [
            ContractStep(Path(path).stem, suite_diff, commit, date, subject)
            for suite_diff in diff_suites(before, after)
        ]
    return committed


def _is_suite(path: str) -> bool:
    return Path(path).name in ("input.json", "output.json") and path.count("/") == 2


def _parse_blobs(line: str) -> tuple[str, str, str]:
    """Return path, old and new blob of a line such as `:100644 100644 <old> <new> M<tab><path>`."""
    fields, _, path = line.partition("\t")
    _, _, old, new, _ = fields.split(" ")
    return path, old, new


def _blob_texts(root: Path, blobs: set[str]) -> dict[str, str]:
    """Return the blobs' texts, of one process."""
    order = sorted(blobs)
    out = _run_git(root, ["cat-file", "--batch"], "\n".join(order).encode())
    texts: dict[str, str] = {}
    position = 0
    for blob in order:
        head, _, _ = out[position:].partition(b"\n")
        size, start = int(head.split()[2]), position + len(head) + 1
        texts[blob] = out[start : start + size].decode(errors="replace")
        position = start + size + 1
    return texts


def _git_text(root: Path, *arguments: str) -> str:
    return _run_git(root, list(arguments)).decode(errors="replace")


def _run_git(root: Path, arguments: list[str], stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise WrongUse(f"git {arguments[0]} failed: no history can be told") from error
