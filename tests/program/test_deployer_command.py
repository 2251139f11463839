"""`sluice deployer`: what it prints for IAM, and the arguments that it refuses, all at once."""

import json

import pytest

from components.names import Names
from sluice.cli.app import main
from sluice.program.commands.deployer import SUBCOMMANDS
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.target import DeployTarget
from sluice.program.deployer.trust import ISSUER
from sluice.program.graph import ACCOUNT
from tests.program.deployment import STATE_BUCKET, STATE_KEY, make_names, make_target

LENGTH, POLICIES = 6144, 10
"""Characters of a managed policy without white space, and managed policies of a role by default (AWS IAM, Quotas)."""
STACK = {"--stack": "dev", "--account": ACCOUNT, "--region": "eu-west-1"}
ROLE = STACK | {
    **{"--repository": "me/lake", "--owner-id": "7", "--repository-id": "42"},
    **{"--state-bucket": STATE_BUCKET, "--state-key": STATE_KEY},
}


def command_line(arguments: dict[str, str], **changed: str) -> list[str]:
    """Arguments as a shell has them; `state_bucket` is `--state-bucket`."""
    merged = arguments | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return [argument for pair in merged.items() for argument in pair]


@pytest.mark.parametrize(("role", "documents"), [("preview", preview_policies), ("deploy", deploy_policies)])
def test_a_role_is_printed_with_its_trust_and_its_policies_by_name(
    role: str, documents: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deployer", role, *command_line(ROLE), "--redshift", "--destroyable"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() == {"trust", "policies"}
    assert callable(documents)
    assert printed["policies"] == documents(make_target("dev", redshift=True, destroyable=True))
    (statement,) = printed["trust"]["Statement"]
    assert statement["Condition"]["StringEquals"][f"{ISSUER}:repository_id"] == "42"
    assert f"sluice-{role}-dev-state" in printed["policies"]


def test_the_boundary_is_printed_as_one_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "boundary", *command_line(STACK)]) == 0
    assert json.loads(capsys.readouterr().out) == {"policies": boundary_policy(make_names("dev"))}
    assert list(boundary_policy(make_names("dev"))) == ["sluice-dev-boundary"]


def test_a_stack_in_china_gets_documents_of_its_partition(capsys: pytest.CaptureFixture[str]) -> None:
    key = STATE_KEY.replace("arn:aws:kms:eu-west-1", "arn:aws-cn:kms:cn-north-1")
    assert main(["deployer", "deploy", *command_line(ROLE, region="cn-north-1", state_key=key), "--redshift"]) == 0
    printed = capsys.readouterr().out
    assert "arn:aws-cn:iam" in printed
    assert "arn:aws:" not in printed


@pytest.mark.parametrize("command", ["preview", "deploy"])
def test_all_that_is_refused_is_told_at_once(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = command_line(
        ROLE, stack="dev-eu", prefix="my-lake", account="12345", region="Ireland", state_bucket="s3://my-state",
        state_key="alias/pulumi-secrets", owner_id="me", repository_id="-",
    )  # fmt: skip
    assert main(["deployer", command, *wrong]) == 2
    stderr = capsys.readouterr().err
    for value in ("dev-eu", "my-lake", "12345", "Ireland", "s3://my-state", "alias/pulumi-secrets", "'me'", "'-'"):
        assert value in stderr


@pytest.mark.parametrize(
    "bucket",
    [f"sluice-{stack}-{zone}-{ACCOUNT}" for stack in ("dev", "prod") for zone in ("raw", "assets")]
    + ["sluice-dev-state", "sluice-pulumi-state", f"acme-prod-raw-{ACCOUNT}", "sluice-dev-*", "state/dev", "s"],
)
def test_a_bucket_that_a_stack_may_have_keeps_no_state(bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "deploy", *command_line(ROLE, state_bucket=bucket)]) == 2
    assert bucket in capsys.readouterr().err


@pytest.mark.parametrize("bucket", ["sluice-state", f"sluice-state-{ACCOUNT}", "my-company.pulumi", "acme-dev-state"])
def test_another_bucket_keeps_it(bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "deploy", *command_line(ROLE, state_bucket=bucket)]) == 0
    assert f":{bucket}/dev/.pulumi/*" in capsys.readouterr().out


@pytest.mark.parametrize(
    "key",
    [
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/pulumi-secrets",
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*",
        f"arn:aws-cn:kms:cn-north-1:{ACCOUNT}:key/0a1b",
        "0a1b",
    ],
)
def test_a_key_of_secrets_is_one_key_by_its_arn(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "preview", *command_line(ROLE, state_key=key)]) == 2
    assert key in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["--owner-id", "--repository-id", "--state-bucket", "--state-key", "--repository"])
def test_what_a_role_cannot_do_without_is_asked_for(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["deployer", "deploy", *command_line({name: value for name, value in ROLE.items() if name != missing})])
        == 2
    )
    assert missing in capsys.readouterr().err


@pytest.mark.parametrize("command", [entry.name for entry in SUBCOMMANDS])
def test_each_command_has_a_page_of_its_own(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", command, "--help"]) == 0
    assert f"sluice deployer {command}" in capsys.readouterr().out


LONGEST = Names("p" * 20, "s" * 12, "us-isob-east-1", "1" * 12)
LONGEST_TARGET = DeployTarget(
    LONGEST, "b" * 63, f"arn:aws-iso-b:kms:us-isob-east-1:{'1' * 12}:key/mrk-{'0' * 32}", True, True
)


@pytest.mark.parametrize(
    "policies",
    [preview_policies(LONGEST_TARGET), deploy_policies(LONGEST_TARGET), boundary_policy(LONGEST)],
    ids=["preview", "deploy", "boundary"],
)
def test_with_the_longest_names_and_every_option_the_policies_fit(policies: dict[str, dict[str, object]]) -> None:
    lengths = {name: len("".join(json.dumps(policy).split())) for name, policy in policies.items()}
    assert 0 < len(policies) <= POLICIES
    assert {name: length for name, length in lengths.items() if length > LENGTH} == {}
    assert max(map(len, policies)) <= 128
    text = json.dumps(policies)
    assert "arn:aws:" not in text
    assert text.count("arn:aws-iso-b:") > 5
