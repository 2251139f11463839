"""Moving a stack's state with the real Pulumi CLI, by the commands of docs/moving-a-stack.md, where there is a CLI."""

import base64
import json
import shutil
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sluice.program.graph import ROOT
from sluice.sandbox.emulator.emulator import ACCOUNT, REGION
from tests.sandbox.stub import Workshop
from tests.sandbox.terminal import Terminal, make_terminal, shell_blocks

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("pulumi") and shutil.which("pulumi-language-python")),
        reason="pulumi and pulumi-language-python are not on the PATH",
    ),
]
BUCKET = "states-of-an-earlier-version"
PROGRAM = "import pulumi\npulumi.export('token', pulumi.Config().require_secret('token'))\n"
PROJECT = "name: sluice\nruntime: {name: python, options: {toolchain: pip, virtualenv: .venv}}\n"


@pytest.fixture
def shell(workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with the real CLI, and a stack with a secret in its file and its state, as an earlier version had it."""
    shell = make_terminal(workshop.emulator, tmp_path)
    keys = workshop.emulator.keys.session().get_credentials()
    assert keys
    lines = {
        "AWS_ENDPOINT_URL": workshop.emulator.endpoint,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_REGION": REGION,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PATH": f"{Path(shutil.which('pulumi') or '').parent}:/usr/bin:/bin",
    }
    install = Terminal._install

    def with_the_cli(shell: Terminal, port: int) -> None:
        install(shell, port)
        exports = "".join(f"export {name}={value}\n" for name, value in lines.items())
        (tmp_path / "bin" / "pulumi").write_text(f'#!/bin/bash\n{exports}exec pulumi "$@"\n')

    monkeypatch.setattr(Terminal, "_install", with_the_cli)
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "Pulumi.prod.yaml").unlink()
    shell.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    old = shell.client("kms").create_key()["KeyMetadata"]["KeyId"]
    shell.client("kms").create_alias(AliasName="alias/pulumi-secrets", TargetKeyId=old)
    shell.run_script(
        f"pulumi login 's3://{BUCKET}?region={REGION}'\n"
        f"pulumi stack init prod --secrets-provider 'awskms://alias/pulumi-secrets?region={REGION}'\n"
        "pulumi config set --secret token s3cr3t\n"
        "pulumi up --yes --skip-preview --stack prod"
    )
    return shell


def secrets_state(shell: Terminal, folder: str = "") -> dict[str, object]:
    key = f"{folder}.pulumi/stacks/sluice/prod.json"
    text = shell.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert "s3cr3t" not in text
    return json.loads(text)["checkpoint"]["latest"]["secrets_providers"]["state"]


def test_state_and_stack_file_are_opened_by_the_new_key_alone_and_the_former_state_stays(shell: Terminal) -> None:
    former = secrets_state(shell)
    kms = shell.client("kms")
    (part,) = [block for block in shell_blocks("moving-a-stack.md") if "change-secrets-provider" in block]
    key = kms.create_key()["KeyMetadata"]
    variables = f"STACK=prod REGION={REGION} ACCOUNT={ACCOUNT} STATE_BUCKET={BUCKET} STATE_KEY={key['Arn']}"
    shell.run_script(f"export {variables}\n{part}")
    moved = secrets_state(shell, "prod/")
    assert moved["url"] == f"awskms:///{key['Arn']}?region={REGION}"
    assert secrets_state(shell) == former
    assert moved["encryptedkey"] != former["encryptedkey"]
    kms.disable_key(KeyId=kms.describe_key(KeyId="alias/pulumi-secrets")["KeyMetadata"]["KeyId"])
    with pytest.raises(ClientError, match="Disabled"):
        kms.decrypt(CiphertextBlob=base64.b64decode(str(former["encryptedkey"])))
    shell.run_script(
        "pulumi preview --stack prod --expect-no-changes\n"
        "[ $(pulumi stack output token --show-secrets --stack prod) = s3cr3t ]\n"
        "[ $(pulumi config get token --stack prod) = s3cr3t ]"
    )
