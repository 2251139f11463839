"""The pages on a new stack and on taking one down, followed command by command: what they leave in an account."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sluice.program import graph
from sluice.program.graph import FakeCloud, Graph
from sluice.program.policies import broken_policies
from sluice.sandbox.emulator.emulator import ACCOUNT, REGION
from tests.lake import LAKE
from tests.sandbox.stub import Workshop
from tests.sandbox.terminal import ROOT, Terminal, make_terminal, shell_blocks

STACK = "test"
BUCKET = f"sluice-state-{ACCOUNT}"
ROLES = ("sluice-preview-test", "sluice-deploy-test")


def block_with_command(page: str, command: str) -> str:
    """Return the only block of a page that has a command, for this stack."""
    (block,) = [block for block in shell_blocks(page) if command in block]
    return block.replace("STACK=prod", f"STACK={STACK}")


VARIABLES = block_with_command("deploying.md", "export PARTITION")
NEW = [
    VARIABLES,
    block_with_command("new-stack.md", "cat >Pulumi"),
    block_with_command("deploying.md", "pulumi stack init"),
    next(block for block in shell_blocks("deploying.md") if "aws iam create-policy " in block),
    block_with_command("new-stack.md", "make up"),
]
"""The commands in the order in which docs/new-stack.md names them, in an account that has a stack already."""


@pytest.fixture(scope="module")
def shell(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A terminal in which a new stack was made, and handed to GitHub."""
    shell = make_terminal(workshop.emulator, tmp_path_factory.mktemp("shell"))
    shell.run_script("\n".join(NEW))
    name_the_tests_datasets(shell.folder / f"Pulumi.{STACK}.yaml")
    github = "\n".join(shell_blocks("github.md")).replace("STACK=prod", f"STACK={STACK}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sluice.program.stack_files.lake_folder", lambda: shell.folder)
        patch.setattr("sluice.program.stack_parameters.stack_names", lambda: (STACK,))
        shell.run_script(github)
    return shell


def name_the_tests_datasets(file: Path) -> None:
    """Do what the page leaves to its reader: the datasets of the lake at hand, in place of the sample's."""
    written = yaml.safe_load(file.read_text())
    written["config"]["sluice:datasets"] = yaml.safe_load((LAKE / "Pulumi.prod.yaml").read_text())["config"][
        "sluice:datasets"
    ]
    file.write_text(yaml.safe_dump(written))


def test_every_block_of_the_page_on_a_new_stack_is_followed() -> None:
    assert {block.replace("STACK=prod", f"STACK={STACK}") for block in shell_blocks("new-stack.md")} <= {*NEW}


@pytest.fixture(scope="module")
def declared(shell: Terminal) -> Graph:
    """What the program declares for the new stack's file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sluice.program.stack_files.lake_folder", lambda: shell.folder)
        return graph.run_program(STACK, FakeCloud(ACCOUNT), program=ROOT / "__main__.py")


def test_the_program_takes_the_new_stacks_file_and_holds_every_policy(declared: Graph) -> None:
    assert broken_policies(declared) == {}
    boundaries = {node.inputs["permissionsBoundary"] for node in declared.nodes_of_type("aws:iam/role:Role")}
    assert boundaries == {f"arn:aws:iam::{ACCOUNT}:policy/sluice-test-boundary"}
    jobs = {
        node.inputs["name"] for node in declared.nodes_of_type("aws:glue/job:Job") if "maintenance" not in node.name
    }
    assert jobs == {f"sluice-test-{name}" for name in ("buyers", "goods", "trades", "trades_daily", "forget")}


def test_the_new_stack_rests(declared: Graph) -> None:
    assert {node.inputs["state"] for node in declared.nodes_of_type("aws:scheduler/schedule:Schedule")} == {"DISABLED"}


def test_the_new_stacks_state_lies_in_its_own_folder_under_its_own_key(shell: Terminal) -> None:
    key = shell.client("kms").describe_key(KeyId="alias/pulumi-sluice-test")["KeyMetadata"]["Arn"]
    pulumi = [call[1:] for call in shell.calls if call[0] == "pulumi"]
    assert pulumi[:2] == [
        ["login", f"s3://{BUCKET}/test?region={REGION}"],
        ["stack", "init", "test", "--secrets-provider", f"awskms:///{key}?region={REGION}"],
    ]
    assert [call[1:] for call in shell.calls if call[0] == "make"] == [["preview", "STACK=test"], ["up", "STACK=test"]]
    assert set(shell.github) == {"test", "preview-test"}


def test_the_job_that_the_page_adds_to_the_workflow_is_as_the_others_are() -> None:
    text = (ROOT / "docs" / "new-stack.md").read_text()
    workflow = (ROOT / ".github" / "workflows" / "up.yml").read_text()
    (_, added) = text.split("```yaml\n")
    jobs = yaml.safe_load(workflow + added.split("```")[0])["jobs"]
    expected = json.dumps(jobs["staging"]).replace("staging", STACK)
    assert json.loads(expected) == jobs[STACK]


def exists_in_iam(shell: Terminal, method: str, **parameters: Any) -> bool:
    """Whether IAM knows such a role or policy."""
    client = shell.client("iam")
    try:
        getattr(client, method)(**parameters)
    except client.exceptions.NoSuchEntityException:
        return False
    else:
        return True


def test_what_is_taken_down_leaves_a_key_that_waits_and_nothing_else(shell: Terminal) -> None:
    iam, kms = shell.client("iam"), shell.client("kms")
    key = kms.describe_key(KeyId="alias/pulumi-sluice-test")["KeyMetadata"]["KeyId"]
    policies = [
        policy["PolicyArn"]
        for role in ROLES
        for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    ]
    policies.append(f"arn:aws:iam::{ACCOUNT}:policy/sluice-test-boundary")
    assert len(policies) > len(ROLES)
    assert all(exists_in_iam(shell, "get_policy", PolicyArn=arn) for arn in policies)
    shell.calls.clear()
    shell.run_script("\n".join([VARIABLES, *shell_blocks("taking-down.md")]))
    assert [call for call in shell.calls if call[0] in ("make", "pulumi")] == [
        ["pulumi", "login", f"s3://{BUCKET}/test?region={REGION}"],
        ["pulumi", "config", "set", "active", "false", "--stack", "test"],
        ["make", "up", "STACK=test"],
        ["pulumi", "destroy", "--exclude-protected", "--stack", "test"],
        ["pulumi", "config", "set", "protect", "false", "--stack", "test"],
        ["make", "preview", "STACK=test"],
        ["make", "up", "STACK=test"],
        ["make", "destroy", "STACK=test"],
        ["pulumi", "stack", "rm", "test", "--yes", "--remove-backups"],
    ]
    assert ["aws", "s3", "rm", "--recursive", f"s3://{BUCKET}/test/"] in shell.calls
    assert not any(exists_in_iam(shell, "get_role", RoleName=role) for role in ROLES)
    assert not any(exists_in_iam(shell, "get_policy", PolicyArn=arn) for arn in policies)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert "alias/pulumi-sluice-test" not in {alias["AliasName"] for alias in kms.list_aliases()["Aliases"]}
