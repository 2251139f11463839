"""`python -m sluice.lake_template.update_check`: whether an update left conflicts, or the lake no longer knows its source.

Copier marks conflicts within the files; nothing else would notice the marks in a page or a stack's file.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from components.settings.lake_folder import ROOT
from sluice.console import print_error

MARKS = ("<" * 7 + " before updating", ">" * 7 + " after updating")
ANSWERS = ".copier-answers.yml"
REMEDY = f"restore it by `git checkout HEAD -- {ANSWERS}`, or from an earlier commit (`git log -- {ANSWERS}`)"


def update_faults(tree: Path) -> list[str]:
    """Return a sentence for each file with conflicts, and for answers that no update can read."""
    return [*_conflicts(tree), *_answer_faults(tree)]


def _conflicts(tree: Path) -> Iterator[str]:
    pattern = "|".join(f"^{mark}" for mark in MARKS)
    command = ["git", "grep", "--untracked", "-I", "-E", "--line-number", pattern]
    listed = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False).stdout.splitlines()
    lines: dict[str, str] = {}
    for name, number, _ in (line.split(":", 2) for line in listed):
        lines.setdefault(name, number)
    for name, number in lines.items():
        yield f"{name}:{number}: a conflict of an update is open; keep one side or both, and take its marks out"


def _answer_faults(tree: Path) -> Iterator[str]:
    file = tree / ANSWERS
    if not file.is_file():
        return
    try:
        answers = yaml.safe_load(file.read_text(encoding="utf-8"))
        missing = [key for key in ("_commit", "_src_path", "name", "prefix") if not answers.get(key)]
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError) as fault:
        yield f"{ANSWERS}: it is no YAML with answers ({' '.join(str(fault).split())}); {REMEDY}"
        return
    if missing:
        yield f"{ANSWERS}: it lacks {', '.join(missing)}, so that `copier update` cannot compare; {REMEDY}"


def main() -> int:
    """Exit code 1 where there is a fault."""
    faults = update_faults(ROOT)
    for fault in faults:
        print_error(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
