"""Contracts as they were at a commit, read from Git without touching the working tree."""

import subprocess
from pathlib import Path

from components.settings.lake_folder import lake_folder
from etl.contract.stage import SUITE_STAGES
from sluice.cli.errors import WrongUse

MAINS = ("origin/main", "main")
FOLDER = "expectations"
SuiteTexts = dict[str, str]
"""Suite texts by their path in the repository."""


def suites_at(revision: str, root: Path | None = None) -> SuiteTexts:
    """Return the suites at a commit.

    Raises:
        WrongUse: Git knows no such commit.
    """
    root = root or lake_folder()
    commit = resolve_commit(revision, root)
    listed = _run_git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", f"{FOLDER}/").split("\0")
    return {path: _run_git(root, "show", f"{commit}:./{path}") for path in listed if _is_suite(path)}


def working_suites(root: Path | None = None) -> SuiteTexts:
    """Return the suites of the working tree, committed or not."""
    root = root or lake_folder()
    files = sorted((root / FOLDER).glob("*/*.json"))
    texts = {file.relative_to(root).as_posix(): file.read_bytes().decode(errors="replace") for file in files}
    return {path: text for path, text in texts.items() if _is_suite(path)}


def _is_suite(path: str) -> bool:
    return path.count("/") == 2 and Path(path).stem in SUITE_STAGES and path.endswith(".json")


def resolve_commit(revision: str, root: Path | None = None) -> str:
    """Return the commit that a revision names.

    Raises:
        WrongUse: Git knows no such commit.
    """
    root = root or lake_folder()
    try:
        return _run_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except WrongUse as error:
        raise WrongUse(f"there is no commit {revision!r} here; fetch it, or name another") from error


def base_commit(root: Path | None = None) -> str:
    """Return what a change is held against: where it left main; on main itself, the commit before.

    On main with contracts changed and not committed, that is the last commit.

    Raises:
        WrongUse: this is no repository, or it has no commit before.
    """
    root = root or lake_folder()
    head = resolve_commit("HEAD", root)
    for main in MAINS:
        try:
            fork_point = _run_git(root, "merge-base", main, "HEAD").strip()
        except WrongUse:
            continue
        if fork_point != head:
            return fork_point
    return head if suites_at(head, root) != working_suites(root) else resolve_commit("HEAD~", root)


def _run_git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, check=True, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise WrongUse("git is not on the PATH; install it, since older contracts are read from it") from error
    except subprocess.CalledProcessError as error:
        raise WrongUse(f"git {arguments[0]}: {error.stderr.strip() or 'failed'}") from error
    return done.stdout
