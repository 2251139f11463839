"""Whoever deletes the sample has a repository that checks and plans, and says what is missing where a dataset is."""

import re
from pathlib import Path

import pytest

from tests.without_sample import copy_without_sample, run_there

pytestmark = pytest.mark.long
CHECKS = re.compile(r"^check:.*\n((?:\t.+\n)+)", re.MULTILINE)
OTHER_LAKE = "sluice/sandbox/jobs/archive_lake"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy without the sample."""
    return copy_without_sample(tmp_path_factory.mktemp("without") / "sample")


def test_every_command_of_make_check_passes(tree: Path) -> None:
    [lines] = CHECKS.findall((tree / "Makefile").read_text())
    commands = [line.strip().replace("$(BIN)/", "").split() for line in lines.splitlines()]
    assert len(commands) > 4
    ended = {" ".join(command): run_there(tree, *command) for command in commands}
    failed = {command: done.stdout + done.stderr for command, done in ended.items() if done.returncode}
    assert failed == {}


def test_every_test_is_collected_and_only_those_of_the_sample_are_skipped(tree: Path) -> None:
    completed = run_there(tree, "python", "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "tests")
    assert completed.returncode == 0, completed.stdout[-4000:]
    skipped = [line for line in completed.stdout.splitlines() if line.startswith("SKIPPED")]
    assert skipped
    assert [line for line in skipped if "tests/sample/" not in line or "the sample is gone" not in line] == []


@pytest.mark.parametrize("folder", ["tests/unit/job", "tests/unit/contracts", "tests/program"])
def test_tests_are_green(tree: Path, folder: str) -> None:
    completed = run_there(tree, "python", "-m", "pytest", "-p", "no:cacheprovider", folder)
    assert completed.returncode == 0, completed.stdout[-4000:]


def test_a_lint_of_no_dataset_has_no_findings(tree: Path) -> None:
    completed = run_there(tree, "sluice", "lint")
    assert (completed.returncode, completed.stdout) == (
        0,
        "no findings in 0 suites with 0 rules\n→ no dataset yet: sluice new\n",
    )


@pytest.mark.parametrize("command", ["prove none", "export --odcs none", "docs --out site"])
def test_a_command_on_a_dataset_says_in_a_line_that_there_is_none(tree: Path, command: str) -> None:
    completed = run_there(tree, "sluice", *command.split())
    assert "Traceback" not in completed.stderr
    assert completed.returncode in (0, 2)


def test_a_plan_says_that_the_lake_has_no_dataset_and_an_update_refuses(tree: Path) -> None:
    planned = run_there(tree, "sluice", "plan", "dev")
    assert (planned.returncode, planned.stdout) == (0, "no dataset yet: sluice new\n")
    refused = run_there(tree, "python", "-m", "sluice.program.deployed_stack", "dev")
    assert (refused.returncode, refused.stderr) == (1, "dev has nothing to deploy, no dataset yet: sluice new\n")


def test_a_plan_of_another_lake_is_made_by_the_same_code(tree: Path) -> None:
    completed = run_there(tree, "sluice", "plan", "local", SLUICE_LAKE=OTHER_LAKE)
    assert completed.returncode == 0, completed.stderr
    assert "sluice-local-readings" in completed.stdout


def test_the_demo_says_that_it_tells_of_the_sample(tree: Path) -> None:
    completed = run_there(tree, "sluice", "demo")
    assert completed.returncode == 2
    assert "the demo tells of the sample" in completed.stderr
