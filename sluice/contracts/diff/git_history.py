"""Contracts as they were at a commit, read from Git without touching the working tree."""

import subprocess
from pathlib import Path

from sluice.contracts.suite_files import ROOT, STAGES, WrongUse

MAINS = ("origin/main", "main")
FOLDER = "expectations"
Side = dict[str, str]
"""Suite texts by their path in the repository."""


def at(revision: str, root: Path = ROOT) -> Side:
    """Return the suites at a commit.

    Raises:
        WrongUse: Git knows no such commit.
    """
    commit = resolve(revision, root)
    listed = _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", f"{FOLDER}/").split("\0")
    return {path: _git(root, "show", f"{commit}:./{path}") for path in listed if _is_suite(path)}


def now(root: Path = ROOT) -> Side:
    """Return the suites of the working tree, committed or not."""
    files = sorted((root / FOLDER).glob("*/*.json"))
    texts = {file.relative_to(root).as_posix(): file.read_bytes().decode(errors="replace") for file in files}
    return {path: text for path, text in texts.items() if _is_suite(path)}


def _is_suite(path: str) -> bool:
    return path.count("/") == 2 and Path(path).stem in STAGES and path.endswith(".json")


def resolve(revision: str, root: Path = ROOT) -> str:
    """Return the commit that a revision names.

    Raises:
        WrongUse: Git knows no such commit.
    """
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except WrongUse as error:
        raise WrongUse(f"there is no commit {revision!r} here; fetch it, or name another") from error


def base(root: Path = ROOT) -> str:
    """Return what a change is held against: where it left main; on main itself, the commit before.

    On main with contracts changed and not committed, that is the last commit.

    Raises:
        WrongUse: this is no repository, or it has no commit before.
    """
    head = resolve("HEAD", root)
    for main in MAINS:
        try:
            left = _git(root, "merge-base", main, "HEAD").strip()
        except WrongUse:
            continue
        if left != head:
            return left
    return head if at(head, root) != now(root) else resolve("HEAD~", root)


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, check=True, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise WrongUse("git is not on the PATH; install it, since older contracts are read from it") from error
    except subprocess.CalledProcessError as error:
        raise WrongUse(f"git {arguments[0]}: {error.stderr.strip() or 'failed'}") from error
    return done.stdout
