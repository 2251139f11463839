"""The environments on GitHub: which branches use them, who approves, and what the printed commands leave behind."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.names import Names
from sluice.cli.app import main
from sluice.program.deployer.environments import holds_secret, stack_environments
from sluice.program.graph import ACCOUNT
from sluice.program.stack_parameters import deployed_stacks
from tests.sandbox.terminal import Terminal

PULL = "refs/pull/*/merge"
REVIEWERS = [{"type": "User", "id": 11}]
NEEDED = ["--repository", "me/lake", "--account", ACCOUNT, "--region", "eu-west-1", "--state-bucket", "states"]


def printed_script(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["deployer", "environments", *NEEDED, *options]) == 0
    return capsys.readouterr().out


def run_script(script: str, folder: Path, github: dict[str, Any]) -> dict[str, Any]:
    """Run a script with the stand-in for the GitHub CLI; return what GitHub has then."""
    (folder / "github.json").write_text(json.dumps(github))
    (folder / "script.sh").write_text(script)
    terminal = Terminal(None, folder)
    terminal.run_script("sh script.sh")
    return terminal.github


def test_each_stack_has_two_environments_with_rules_for_their_branches(capsys: pytest.CaptureFixture[str]) -> None:
    titles = [line for line in printed_script(capsys, "--reviewer", "11").splitlines() if line.startswith("#")]
    approved = {
        stack: "nobody has to approve" if stack == "dev" else "a reviewer approves" for stack in deployed_stacks()
    }
    assert titles == [
        title
        for stack, approval in approved.items()
        for title in (f"# {stack}: main; {approval}", f"# preview-{stack}: main, {PULL}; nobody has to approve")
    ]
    assert {"dev", "prod", "staging"} <= approved.keys()
    assert "local" not in approved


@pytest.mark.parametrize(
    ("file", "secret"),
    [
        ({"aws:region": "eu-west-1", "sluice:datasets": {"trades": {"needs": ["buyers"]}}}, False),
        ({"sluice:token": {"secure": "AAABAPq"}}, True),
        ({"sluice:datasets": {"trades": {"token": {"secure": "AAABAPq"}}}}, True),
        ({"aws:endpoints": [{"s3": "http://x"}, {"s3": {"secure": "AAABAPq"}}]}, True),
        ({"sluice:alarm_email": "secure"}, False),
        ({}, False),
    ],
)
def test_a_preview_waits_for_a_reviewer_where_the_stack_file_holds_a_secret(file: dict[str, Any], secret: bool) -> None:
    assert holds_secret(file) is secret
    names = Names("sluice", "dev", "eu-west-1", ACCOUNT)
    reviewers = {
        environment.name: list(environment.reviewers)
        for environment in stack_environments(names, "states", REVIEWERS, holds_secret(file))
    }
    assert reviewers == {"dev": [], "preview-dev": REVIEWERS if secret else []}


def test_the_stack_file_of_the_command_decides(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for stack in deployed_stacks():
        text = "config:\n  aws:region: eu-west-1\n" + ("  sluice:token: {secure: AAAB}\n" if stack == "prod" else "")
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(text)
    (tmp_path / "Pulumi.local.yaml").write_text("config:\n  aws:endpoints: []\n")
    monkeypatch.setattr("sluice.program.stack_files.lake_folder", lambda: tmp_path)
    script = printed_script(capsys, "--reviewer", "11")
    assert f"# preview-prod: main, {PULL}; a reviewer approves" in script
    assert f"# preview-dev: main, {PULL}; nobody has to approve" in script


def test_the_commands_close_what_was_open_and_may_be_run_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script = printed_script(capsys, "--reviewer", "11", "12", "--team", "21", "--stack", "prod")
    open_before = {
        "prod": {"settings": {}, "rules": {"1": "branch *", "2": "tag main", "3": "branch main"}, "variables": {}},
        "preview-prod": {"settings": {}, "rules": {"4": "branch release/*"}, "variables": {"AWS_REGION": "us-east-1"}},
    }
    github = run_script(script, tmp_path, open_before)
    people = [{"type": "User", "id": 11}, {"type": "User", "id": 12}, {"type": "Team", "id": 21}]
    custom = {"protected_branches": False, "custom_branch_policies": True}
    state = {"AWS_REGION": "eu-west-1", "PULUMI_BACKEND_URL": "s3://states/prod?region=eu-west-1"}
    role = f"arn:aws:iam::{ACCOUNT}:role/sluice"
    assert github == {
        "prod": {
            "settings": {"reviewers": people, "deployment_branch_policy": custom},
            "rules": {"3": "branch main"},
            "variables": {"AWS_ROLE_ARN": f"{role}-deploy-prod"} | state,
        },
        "preview-prod": {
            "settings": {"reviewers": None, "deployment_branch_policy": custom},
            "rules": {"5": "branch main", "6": f"branch {PULL}"},
            "variables": {"AWS_ROLE_ARN": f"{role}-preview-prod"} | state,
        },
    }
    assert run_script(script, tmp_path, github) == github
    fresh = run_script(script, tmp_path, {})
    assert {name: sorted(environment["rules"].values()) for name, environment in fresh.items()} == {
        "prod": ["branch main"],
        "preview-prod": ["branch main", f"branch {PULL}"],
    }


def test_a_rule_that_cannot_be_read_ends_the_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = printed_script(capsys, "--reviewer", "11", "--stack", "dev").replace(".type", ".kind")
    with pytest.raises(AssertionError, match="gh api"):
        run_script(script, tmp_path, {})


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ([], "1 to 6 reviewers"),
        (["--reviewer", "1", "2", "3", "4", "5", "6", "7"], "not 7"),
        (["--reviewer", "ann"], "--reviewer"),
        (["--reviewer", "1", "--stack", "local"], "--stack"),
        (["--reviewer", "1", "--repository", "me/lake; rm -rf /"], "owner/name"),
        (["--reviewer", "1", "--account", "12"], "--account is 12"),
        (["--reviewer", "1", "--region", "Ireland"], "--region is Ireland"),
        (["--reviewer", "1", "--prefix", "my-lake"], "the prefix is my-lake"),
        (["--reviewer", "1", "--state-bucket", "sluice-dev-raw-123456789012"], "--state-bucket is"),
    ],
)
def test_wrong_use_is_refused(options: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "environments", *NEEDED, *options]) == 2
    assert fault in capsys.readouterr().err
