"""Owners of suites without a handle on GitHub: nobody is asked to review a change of their contracts."""

import re
from collections.abc import Iterator
from pathlib import Path

from sluice.contracts.lint.findings import Finding
from sluice.contracts.suite_files import SuiteFile

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file; the first that is there counts."""
HANDLE = re.compile(r"@[\w-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+")
"""A person, a team of an organisation or an e-mail address (GitHub, "About code owners", CODEOWNERS syntax)."""


def find_owners_without_handle(file: SuiteFile) -> Iterator[Finding]:
    """Yield the owner of a suite for which CODEOWNERS has no handle.

    A line for all contracts, or for all files, does not say who answers for one of them. Suites outside a lake have no
    CODEOWNERS, and nothing to say of it.
    """
    suite = file.path.resolve()
    lake = suite.parents[2]
    if file.contract is None or not (lake / "etl/datasets").is_dir():
        return
    if not handles_of(lake, suite):
        dataset_pattern = f"/{suite.parent.relative_to(lake).as_posix()}/"
        yield Finding(
            "owner",
            f"its owner {file.contract.owner!r} has no handle: no line of {CODEOWNERS[0]} is for {dataset_pattern}",
            f"add the line `{dataset_pattern} @organisation/team`, with the handle of a person or a team",
            column="owner",
        )


def handles_of(lake: Path, suite: Path) -> tuple[str, ...]:
    """Return whom GitHub asks to review a suite file, by a line of its own or of its dataset's folder.

    The last line that matches counts, as GitHub has it; one without a handle takes the owner away.
    """
    codeowners = next((lake / name for name in CODEOWNERS if (lake / name).is_file()), None)
    lines = codeowners.read_text(encoding="utf-8").splitlines() if codeowners else []
    folder = suite.parent.relative_to(lake).as_posix()
    patterns = {folder, f"{folder}/", f"{folder}/*", f"{folder}/**", f"{folder}/{suite.name}"}
    handles: tuple[str, ...] = ()
    for line in lines:
        pattern, *owners = line.partition("#")[0].split() or [""]
        if pattern.removeprefix("/") in patterns:
            handles = tuple(owner for owner in owners if HANDLE.fullmatch(owner))
    return handles
