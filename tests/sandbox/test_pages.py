"""The pages on deploying, followed command by command: what they leave in AWS's IAM, S3 and KMS, and on GitHub."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from components.names import Names
from sluice.program.deployer.trust import ISSUER, Repository, RoleKind, github_trust, role_arn
from sluice.sandbox.emulator.emulator import ACCOUNT, REGION
from tests.sandbox.stub import Workshop
from tests.sandbox.terminal import Terminal, make_terminal, shell_blocks

NAMES = Names("sluice", "prod", REGION, ACCOUNT)
BUCKET = f"sluice-state-{ACCOUNT}"
STALE = {"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}


@pytest.fixture(scope="module")
def followed(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A first stack from a clone to GitHub, in an account that has the roles of an earlier version."""
    iam = workshop.emulator.client("iam")
    for name in ("sluice-preview-prod", "sluice-deploy-prod"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(STALE))
        iam.put_role_policy(RoleName=name, PolicyName="sluice", PolicyDocument=json.dumps(STALE))
    arn = iam.create_policy(PolicyName="former", PolicyDocument=json.dumps(STALE))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="sluice-deploy-prod", PolicyArn=arn)
    shell = make_terminal(workshop.emulator, tmp_path_factory.mktemp("shell"))
    shell.follow_pages("deploying.md", "github.md")
    return shell


def policies_in_force(shell: Terminal, role: str) -> dict[str, Any]:
    """The documents in force of the managed policies that hang on a role."""
    iam = shell.client("iam")
    policies = iam.list_attached_role_policies(RoleName=f"sluice-{role}-prod")["AttachedPolicies"]
    return {policy["PolicyName"]: in_force(shell, policy["PolicyArn"]) for policy in policies}


def in_force(shell: Terminal, arn: str) -> Any:
    iam = shell.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def printed_document(shell: Terminal, role: str) -> dict[str, Any]:
    return json.loads((shell.folder / f"sluice-{role}-prod.json").read_text())


def test_the_pages_have_commands() -> None:
    assert min(len(shell_blocks(page)) for page in ("deploying.md", "github.md", "moving-a-stack.md")) >= 5


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_a_role_has_the_trust_and_the_policies_that_are_printed_and_no_other(
    followed: Terminal, role: RoleKind
) -> None:
    iam, name = followed.client("iam"), f"sluice-{role}-prod"
    ours = Repository("me", "lake", "1001", "2002")
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == github_trust(ours, NAMES, role)
    assert policies_in_force(followed, role) == printed_document(followed, role)["policies"]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []


def test_aws_knows_github_once(followed: Terminal) -> None:
    iam = followed.client("iam")
    (provider,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert provider["Arn"] == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"


def test_the_boundary_is_the_printed_one_and_nothing_hangs_on_it(followed: Terminal) -> None:
    (document,) = json.loads((followed.folder / "boundary.json").read_text())["policies"].values()
    assert in_force(followed, f"arn:aws:iam::{ACCOUNT}:policy/sluice-prod-boundary") == document


def test_the_state_is_versioned_closed_and_under_a_key_of_the_stacks_own(followed: Terminal) -> None:
    s3, kms = followed.client("s3"), followed.client("kms")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    key = kms.describe_key(KeyId="alias/pulumi-sluice-prod")["KeyMetadata"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == []  # a tag `stack` would give it to the deploying role
    assert [call for call in followed.calls if call[0] == "pulumi"][:2] == [
        ["pulumi", "login", f"s3://{BUCKET}/prod?region={REGION}"],
        ["pulumi", "stack", "init", "prod", "--secrets-provider", f"awskms:///{key['Arn']}?region={REGION}"],
    ]
    texts = [
        json.dumps(document)
        for role in ("preview", "deploy")
        for document in policies_in_force(followed, role).values()
    ]
    assert [text for text in texts if key["Arn"] in text]


def test_the_environments_name_these_roles_and_this_state(followed: Terminal) -> None:
    assert set(followed.github) == {"prod", "preview-prod"}
    roles: dict[str, RoleKind] = {"prod": "deploy", "preview-prod": "preview"}
    for environment, role in roles.items():
        variables = followed.github[environment]["variables"]
        assert variables["AWS_ROLE_ARN"] == role_arn(NAMES, role)
        assert variables["PULUMI_BACKEND_URL"] == f"s3://{BUCKET}/prod?region={REGION}"
        followed.client("iam").get_role(RoleName=variables["AWS_ROLE_ARN"].rpartition("/")[2])


def test_after_an_update_the_page_on_github_is_followed_again(followed: Terminal) -> None:
    """A managed policy keeps five versions, so an old one has to go first."""
    iam = followed.client("iam")
    before = {role: policies_in_force(followed, role) for role in ("preview", "deploy")}
    full = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in before["preview"]]
    for arn in full:
        for _ in range(4):
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(STALE), SetAsDefault=True)
    followed.follow_pages("github.md")
    assert {role: policies_in_force(followed, role) for role in ("preview", "deploy")} == before
    assert {len(iam.list_policy_versions(PolicyArn=arn)["Versions"]) for arn in full} == {4}


def test_a_stack_that_exists_is_moved_in_an_order_that_loses_no_secret(
    followed: Terminal, workshop: Workshop, tmp_path: Path
) -> None:
    shell = make_terminal(workshop.emulator, tmp_path)
    kms = shell.client("kms")
    kms.delete_alias(AliasName="alias/pulumi-sluice-prod")
    shell.follow_pages("moving-a-stack.md", STACK="prod", REGION=REGION, ACCOUNT=ACCOUNT, STATE_BUCKET=BUCKET)
    key = kms.describe_key(KeyId="alias/pulumi-sluice-prod")["KeyMetadata"]["Arn"]
    old = f"awskms://alias/pulumi-secrets?region={REGION}"
    assert [call[1:] for call in shell.calls if call[0] == "pulumi"] == [
        ["login", f"s3://{BUCKET}?region={REGION}"],
        ["stack", "export", "--stack", "prod", "--file", "state.json"],
        ["login", f"s3://{BUCKET}/prod?region={REGION}"],
        ["stack", "init", "prod", "--secrets-provider", old],
        ["stack", "import", "--stack", "prod", "--file", "state.json"],
        ["stack", "change-secrets-provider", "--stack", "prod", f"awskms:///{key}?region={REGION}"],
        ["preview", "--stack", "prod", "--expect-no-changes"],
    ]
    assert not (tmp_path / "state.json").exists()
    stopped = [call[2:4] for call in shell.calls if call[:2] == ["gh", "workflow"]]
    assert stopped == [
        *([does, f"{name}.yml"] for does in ("disable", "enable") for name in ("preview", "up", "drift")),
        ["run", "drift.yml"],
    ]
    assert [call[-1] for call in shell.calls if call[:3] == ["aws", "s3", "rm"]] == [
        f"s3://{BUCKET}/.pulumi/{part}"
        for part in (
            "stacks/sluice/prod.json",
            "stacks/sluice/prod.json.bak",
            "history/sluice/prod/",
            "backups/sluice/prod/",
        )
    ]


def test_a_policy_that_iam_refuses_ends_the_loop(followed: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Terminal.aws

    def refuse_policy_version(shell: Terminal, argv: list[str], piped: str) -> str:
        if argv[:2] == ["iam", "create-policy-version"]:
            raise ClientError({"Error": {"Code": "MalformedPolicyDocument"}}, "CreatePolicyVersion")
        return aws(shell, argv, piped)

    monkeypatch.setattr(Terminal, "aws", refuse_policy_version)
    with pytest.raises(AssertionError, match="MalformedPolicyDocument"):
        followed.follow_pages("github.md")
