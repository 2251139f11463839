"""The program with one thing wrong, to see that somebody notices."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sluice.program.graph import ROOT, Graph, run_program

Change = tuple[str, str, str]
"""A file of the program, a text in it, and what stands there instead."""


def run_mutated(home: Path, changes: Sequence[Change], stack: str, config: Mapping[str, str]) -> Graph:
    """Copy the program to `home`, change it, run it. A text that is not there is an error: no mutant without mutation."""
    shutil.copytree(ROOT / "components", home / "components")
    shutil.copy(ROOT / "__main__.py", home)
    (ROOT / ".wheels").mkdir(exist_ok=True)
    for data in ("etl", "expectations", "requirements-glue.txt", "requirements-glue-preinstalled.txt", ".wheels"):
        (home / data).symlink_to(ROOT / data)
    for file, old, new in changes:
        text = (home / file).read_text()
        if old not in text:
            raise LookupError(f"{file} has no {old!r}: the mutant would be the program itself")
        (home / file).write_text(text.replace(old, new))
    with import_components_from(home):
        return run_program(stack, changed=config, program=home / "__main__.py")


@contextmanager
def import_components_from(home: Path) -> Iterator[None]:
    """Let `components` be the copy's for a while."""

    def loaded_components() -> dict[str, object]:
        return {name: module for name, module in sys.modules.items() if name.split(".")[0] == "components"}

    own_modules = loaded_components()
    for name in own_modules:
        del sys.modules[name]
    sys.path.insert(0, str(home))
    try:
        yield
    finally:
        sys.path.remove(str(home))
        for name in loaded_components():
            del sys.modules[name]
        sys.modules.update(own_modules)  # pyright: ignore[reportCallIssue, reportArgumentType]
