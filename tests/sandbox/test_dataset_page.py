"""docs/adding-a-dataset.md, followed to the letter in a copy of the tree: from somebody's file to its first published day."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sluice.program.engine.pages import SAMPLE, add_dataset_entry, complete_drafts
from sluice.program.engine.project import copy_program
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.environment import clean_environment
from tests.fences import PAGES, Hold, read_fences
from tests.sandbox.left_running import left_running
from tests.sandbox.terminal import ROOT, shell_blocks
from tests.sandbox.test_ending import free_port

pytestmark = pytest.mark.long
PAGE = "adding-a-dataset.md"
COMMANDS = (Hold.LONG, Hold.EMULATOR)
"""How the page's commands are held, all of them here."""
PROGRAMS = {
    "aws": """[ "$1 $2" = "s3 cp" ] && exec python -c '
import sys, boto3
bucket, _, key = sys.argv[2].removeprefix("s3://").partition("/")
boto3.client("s3").upload_file(sys.argv[1], bucket, key)' "$3" "$4" """,
    "sluice": 'exec python -m sluice "$@"',
    "make": """echo "$*" >>make.calls
[ "$1" != plan ] || exec sluice plan "${2#STACK=}" """,
}
"""The AWS CLI's one command of the page by boto3. What make runs apart from the plan is another test's."""


@dataclass(frozen=True)
class Copy:
    """A copy of the tree, in which a reader works."""

    tree: Path
    exports: str = ""

    def run_commands(self, *commands: str) -> str:
        """Run commands in bash, which ends at its first failure; return what they wrote.

        Raises:
            AssertionError: one failed.
        """
        path = os.pathsep.join([str(self.tree / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        completed = subprocess.run(
            ["/bin/bash", "-c", "\n".join(["set -e", self.exports, *commands])],
            cwd=self.tree,
            env=clean_environment("JAVA_HOME") | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert completed.returncode == 0, f"{completed.stdout[-3000:]}{completed.stderr[-3000:]}"
        return completed.stdout


def page_block(text_within: str, *infos: str) -> str:
    """Return the only block of the page that has these words, one of the reader's commands unless an `info` is given."""
    fences = read_fences(PAGE, PAGES[f"docs/{PAGE}"])
    (fence,) = [fence for fence in fences if fence.info in (infos or COMMANDS) and text_within in fence.text]
    return fence.text


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The tree after the page's first four steps."""
    tree = tmp_path_factory.mktemp("copy")
    copy_program(tree, None)
    shutil.copytree(ROOT / ".jars", tree / ".jars", copy_function=os.link)
    (tree / "bin").mkdir()
    for name, script in PROGRAMS.items():
        (tree / "bin" / name).write_text(f"#!/bin/bash\n{script}\n")
        (tree / "bin" / name).chmod(0o755)
    (tree / "stores.csv").write_text(SAMPLE)
    reader = Copy(tree)
    reader.run_commands(page_block("review profile"))
    complete_drafts(tree / "expectations" / "stores")
    (tree / "etl" / "datasets" / "stores.py").write_text(page_block("def transform", "python"))
    for stack in ("local", "dev", "staging", "prod"):
        add_dataset_entry(tree / f"Pulumi.{stack}.yaml", page_block("stores", "yaml"))
    return reader


def test_the_page_has_the_steps() -> None:
    assert len(shell_blocks(PAGE, *COMMANDS)) == 3


def test_the_new_datasets_rules_bite_and_its_file_passes_the_gate(copied: Copy) -> None:
    written = copied.run_commands(page_block("review prove"))
    assert "no findings" in written
    assert re.search(r"(\d+) of \1 rules bite", written)
    assert (copied.tree / "make.calls").read_text().splitlines() == ["plan STACK=local", "test"]


def test_the_first_day_is_published_by_the_pages_commands(copied: Copy) -> None:
    # the copy's own stack files, which the page has had changed, and not the samples of the tests
    changed = {name: value for name, value in os.environ.items() if name != "SLUICE_LAKE"}
    up = [sys.executable, "-m", "sluice", "up", "--port", str(free_port())]
    with left_running(up, copied.tree, changed) as exports:
        reader = Copy(copied.tree, f"{exports}\nexport STACK=local ACCOUNT={ACCOUNT}")
        status_text = reader.run_commands(page_block("operate start"))
    assert "sluice-local-flow SUCCEEDED" in status_text
    assert re.search(r"readers see +snapshot \d+, 4 rows", status_text)
    assert (copied.tree / "make.calls").read_text().splitlines()[-2:] == ["preview STACK=local", "up STACK=local"]


def test_the_programs_own_tests_stay_green_with_one_dataset_more(copied: Copy) -> None:
    assert "FAILED" not in copied.run_commands("python -m pytest -q tests/program tests/unit/contracts/test_lint.py")
