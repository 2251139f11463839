"""Nothing in the sandbox reaches a real account, whatever the user's own settings are."""

import os

import boto3
import pytest

from sluice.sandbox.emulator import emulator
from tests.sandbox.stub import Workshop


def test_the_users_aws_settings_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_S3": "https://real"})
    with emulator.running_emulator() as running:
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_ENDPOINT_URL_S3" not in os.environ
        assert running.client("sts").get_caller_identity()["Account"] == "000000000000"
        assert boto3.Session().get_credentials() is None


def test_a_run_gets_the_emulators_address_and_none_of_the_users_settings(workshop: Workshop) -> None:
    run = workshop.run_job(
        workshop.create_job("import os; print(*sorted(name for name in os.environ if name.startswith('AWS_')))")
    )
    assert workshop.run_log(run).split() == [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
    ]
