"""What runs on GitHub: which job may what, in which environment, with which tools."""

import re
from typing import Any

import pytest
import yaml

from components.names import Names
from sluice.program.deployer.trust import RoleKind, github_trust
from sluice.program.graph import ACCOUNT, ROOT
from tests.program.test_trust import MAIN, MERGE, OURS, Token, accepts_token

WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def load_workflow(name: str) -> dict[Any, Any]:
    return yaml.safe_load(WORKFLOWS[name].read_text())


def workflow_steps() -> list[dict[str, Any]]:
    return [step for name in WORKFLOWS for job in load_workflow(name)["jobs"].values() for step in job["steps"]]


def test_the_workflows_are_there() -> None:
    assert set(WORKFLOWS) == {"check", "contracts", "preview", "up", "drift"}


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_a_workflow_has_no_permission_but_its_jobs(name: str) -> None:
    assert load_workflow(name)["permissions"] == {}
    for job in load_workflow(name)["jobs"].values():
        assert set(job["permissions"]) <= {"contents", "id-token", "pull-requests", "issues"}
        assert job["permissions"]["contents"] == "read"
        assert job["timeout-minutes"] <= 60


REFS = {"push": [MAIN], "pull_request": [MERGE], "schedule": [MAIN], "workflow_dispatch": [MAIN]}
"""Triggers, and the ref that their runs are on (GitHub, Events that trigger workflows); of a push only main's."""


def workflow_triggers(name: str) -> dict[str, Any]:
    document: dict[Any, Any] = load_workflow(name)
    return document[True]  # YAML 1.1 reads the key `on` as a truth


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_no_workflow_runs_on_mains_ref_with_a_strangers_input(name: str) -> None:
    """Such as `pull_request_target`, `issue_comment` and `workflow_run`: their tokens look like main's."""
    assert set(workflow_triggers(name)) <= set(REFS)
    assert workflow_triggers(name).get("push", {"branches": ["main"]}) == {"branches": ["main"]}


def credential_steps(job: dict[str, Any]) -> list[int]:
    """The places of the steps in which a job takes a role."""
    return [index for index, step in enumerate(job["steps"]) if "configure-aws-credentials" in step.get("uses", "")]


JOBS = [(name, title, job) for name in sorted(WORKFLOWS) for title, job in load_workflow(name)["jobs"].items()]


@pytest.mark.parametrize(("name", "title", "job"), JOBS, ids=[f"{name}-{title}" for name, title, _ in JOBS])
def test_a_role_is_taken_only_in_an_environment_and_after_the_plan(name: str, title: str, job: dict[str, Any]) -> None:
    assert len(credential_steps(job)) == (name in ("preview", "up", "drift"))
    assert ("id-token" in job["permissions"]) == bool(credential_steps(job)) == ("environment" in job)
    before = [step.get("run", "").split(" #")[0] for step in job["steps"][: (credential_steps(job) or [0])[0]]]
    assert ('make plan STACK="$STACK"' in before) == bool(credential_steps(job)), title


@pytest.mark.parametrize(("name", "role"), [("preview", "preview"), ("drift", "preview"), ("up", "deploy")])
def test_each_job_gets_the_role_of_its_environment_and_not_the_other(name: str, role: RoleKind) -> None:
    other_role: RoleKind = "deploy" if role == "preview" else "preview"
    for job in load_workflow(name)["jobs"].values():
        for stack in job.get("strategy", {}).get("matrix", {}).get("stack", [job["environment"]]):
            names = Names("sluice", stack, "eu-west-1", ACCOUNT)
            environment = job["environment"].replace("${{ matrix.stack }}", stack)
            for ref in (ref for trigger in workflow_triggers(name) for ref in REFS[trigger]):
                claims = Token(ref, environment).claims
                assert accepts_token(github_trust(OURS, names, role), claims), (stack, ref)
                assert not accepts_token(github_trust(OURS, names, other_role), claims), (stack, ref)


@pytest.mark.parametrize("name", ["preview", "up", "drift"])
def test_where_the_state_is_and_which_role_opens_it_comes_from_the_environment(name: str) -> None:
    for job in load_workflow(name)["jobs"].values():
        (index,) = credential_steps(job)
        backends = {step["with"]["cloud-url"] for step in job["steps"] if "command" in step.get("with", {})}
        backends |= {
            step["env"]["PULUMI_BACKEND_URL"] for step in job["steps"] if "sluice.program.deployed_stack" in str(step)
        }
        assert backends == {"${{ vars.PULUMI_BACKEND_URL }}"}
        assert job["steps"][index]["with"] == {
            "role-to-assume": "${{ vars.AWS_ROLE_ARN }}",
            "aws-region": "${{ vars.AWS_REGION }}",
        }


def words_of(job: dict[str, Any]) -> list[str]:
    """What a job does, step by step: the CLI's command, `install` where it has none, else the shell's command."""
    return [
        step["with"].get("command", "install")
        if "pulumi/actions" in step.get("uses", "")
        else step.get("run", step.get("uses", "")).split(" #")[0]
        for step in job["steps"]
    ]


@pytest.mark.parametrize(
    ("name", "commands"), [("preview", ["preview"]), ("drift", ["preview"]), ("up", ["preview", "up"])]
)
def test_a_stack_is_compared_with_what_is_deployed_and_previewed_before_it_is_changed(
    name: str, commands: list[str]
) -> None:
    for job in load_workflow(name)["jobs"].values():
        commands_run = words_of(job)
        compared = commands_run.index('.venv/bin/python -m sluice.program.deployed_stack "$STACK"')
        assert commands_run.index("install") < credential_steps(job)[0] < compared
        assert [command_run for command_run in commands_run[compared:] if command_run in ("preview", "up")] == commands
        assert not {"preview", "up"} & set(commands_run[:compared])


def test_the_engine_runs_on_each_pull_request_with_the_whole_history() -> None:
    assert "pull_request" in workflow_triggers("check")
    job = load_workflow("check")["jobs"]["engine"]
    assert words_of(job)[-2:] == ["install", "make engine"]
    assert job["steps"][0]["with"]["fetch-depth"] == 0


def test_a_fork_is_not_previewed() -> None:
    assert load_workflow("preview")["jobs"]["preview"]["if"] == (
        "github.event.pull_request.head.repo.full_name == github.repository"
    )


def test_every_action_is_pinned_and_says_its_version() -> None:
    used = [line for path in WORKFLOWS.values() for line in path.read_text().splitlines() if "uses:" in line]
    assert len(used) > 10
    for line in used:
        assert re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_a_checkout_leaves_no_token_behind() -> None:
    checkouts = [step for step in workflow_steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_cli_is_the_one_that_the_program_is_locked_to() -> None:
    locked = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    installed = [
        step["with"]["pulumi-version"] for step in workflow_steps() if "pulumi-version" in step.get("with", {})
    ]
    assert locked
    assert installed
    assert set(installed) == {locked.group(1)}


def test_a_merge_goes_from_stack_to_stack() -> None:
    jobs = load_workflow("up")["jobs"]
    assert [(job["environment"], job.get("needs")) for job in jobs.values()] == [
        ("dev", None),
        ("staging", "dev"),
        ("prod", "staging"),
    ]


@pytest.mark.parametrize("name", ["preview", "drift"])
def test_every_stack_of_an_account_is_previewed(name: str) -> None:
    for job in load_workflow(name)["jobs"].values():
        assert job["strategy"]["matrix"]["stack"] == ["dev", "staging", "prod"]
        assert job["environment"] == "preview-${{ matrix.stack }}"


def test_both_pythons_are_checked() -> None:
    assert load_workflow("check")["jobs"]["check"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
