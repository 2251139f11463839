"""What runs on GitHub: which job may what, in which environment, with which tools."""

import re
from typing import Any

import pytest
import yaml

from sandbox.graph import ROOT

WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load(WORKFLOWS[name].read_text())


def steps() -> list[dict[str, Any]]:
    return [step for name in WORKFLOWS for job in workflow(name)["jobs"].values() for step in job["steps"]]


def test_the_workflows_are_there() -> None:
    assert set(WORKFLOWS) == {"check", "contracts", "preview", "up", "drift"}


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_a_workflow_has_no_permission_but_its_jobs(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    for job in workflow(name)["jobs"].values():
        assert set(job["permissions"]) <= {"contents", "id-token", "pull-requests", "issues"}
        assert job["permissions"]["contents"] == "read"
        assert job["timeout-minutes"] <= 60


def test_every_action_is_pinned_and_says_its_version() -> None:
    used = [line for path in WORKFLOWS.values() for line in path.read_text().splitlines() if "uses:" in line]
    assert len(used) > 10
    for line in used:
        assert re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_a_checkout_leaves_no_token_behind() -> None:
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_cli_is_the_one_that_the_program_is_locked_to() -> None:
    locked = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    installed = [step["with"]["pulumi-version"] for step in steps() if "pulumi-version" in step.get("with", {})]
    assert locked
    assert installed
    assert set(installed) == {locked.group(1)}


def test_a_merge_goes_from_stack_to_stack() -> None:
    jobs = workflow("up")["jobs"]
    assert [(job["environment"], job.get("needs")) for job in jobs.values()] == [
        ("dev", None),
        ("staging", "dev"),
        ("prod", "staging"),
    ]


@pytest.mark.parametrize("name", ["preview", "drift"])
def test_every_stack_of_an_account_is_previewed(name: str) -> None:
    for job in workflow(name)["jobs"].values():
        assert job["strategy"]["matrix"]["stack"] == ["dev", "staging", "prod"]
        assert job["environment"] == "preview-${{ matrix.stack }}"


def test_both_pythons_are_checked() -> None:
    assert workflow("check")["jobs"]["check"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
