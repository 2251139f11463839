"""A copy of the repository whose user has deleted the sample, as `expectations/README.md` says."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from sluice.program.engine.project import copy_program


def copy_without_sample(tree: Path) -> Path:
    """Put the files that Git knows into a folder, without datasets: no contract, no transform, no entry of a stack."""
    tree.mkdir()
    copy_program(tree, None)
    for folder in filter(Path.is_dir, (tree / "expectations").iterdir()):
        shutil.rmtree(folder)
    for module in (tree / "etl" / "datasets").glob("[!_]*.py"):
        module.unlink()
    for file in tree.glob("Pulumi.*.yaml"):
        stack = yaml.safe_load(file.read_text(encoding="utf-8"))
        stack["config"]["sluice:datasets"] = {}
        file.write_text(yaml.safe_dump(stack), encoding="utf-8")
    commit_files(tree)
    return tree


def commit_files(tree: Path) -> None:
    """Make the copy a repository of one commit: a comparison of contracts needs one."""
    author = ("-c", "user.name=a user", "-c", "user.email=user@example.com")
    for command in (
        ("init", "--quiet"),
        ("add", "--all"),
        (*author, "commit", "--quiet", "--message", "The sample is gone"),
    ):
        subprocess.run(["git", *command], cwd=tree, check=True)


def run_there(tree: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the environment in such a copy; it knows of no other lake than those that `variables` name."""
    surroundings: Mapping[str, str] = {
        name: text for name, text in os.environ.items() if not name.startswith("SLUICE_")
    }
    # The environment's `sluice` has the code of the folder that it is in, and the copy has its own.
    program = (
        (sys.executable, "-m", "sluice") if command[0] == "sluice" else (Path(sys.executable).with_name(command[0]),)
    )
    return subprocess.run(
        [*program, *command[1:]],
        cwd=tree,
        env={**surroundings, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
