"""What `up` prints is all that a user needs, and what nobody else has."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sluice.sandbox.jobs.environment import clean_environment
from tests.sandbox.commands import ROOT, command_line
from tests.sandbox.left_running import left_running
from tests.sandbox.test_ending import free_port
from tests.sandbox.waiting import MOST_SECONDS

WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
BUCKETS = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'])"


@pytest.fixture(scope="module")
def exports() -> Iterator[str]:
    """The commands that an emulator, left running, tells its user to type."""
    with left_running(command_line("up", "--empty", "--port", str(free_port())), ROOT) as printed:
        yield printed


def type_command(exports: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Type the exports into a shell, and then a command."""
    script = f'{exports}\nexec "$@"'
    return subprocess.run(
        ["sh", "-c", script, "sh", *argv],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=MOST_SECONDS,
    )


@pytest.mark.parametrize("script", [WHO, BUCKETS])
def test_boto3_takes_the_exports_and_nothing_else(exports: str, script: str) -> None:
    answer = type_command(exports, sys.executable, "-c", script)
    assert (answer.returncode, answer.stdout.strip()) == (0, "000000000000" if script == WHO else "[]"), answer.stderr


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not on the PATH")
def test_the_aws_cli_takes_them_too(exports: str) -> None:
    answer = type_command(exports, "aws", "glue", "get-jobs", "--query", "Jobs", "--output", "json")
    assert (answer.returncode, answer.stdout.strip()) == (0, "[]"), answer.stderr


@pytest.mark.parametrize("key", ["test", "SANDBOX00000000000000000000000000000000"])
def test_with_another_key_it_says_where_its_own_are(exports: str, key: str) -> None:
    changed = re.sub(r"(AWS_ACCESS_KEY_ID=)\w+", rf"\g<1>{key}", exports)
    assert changed != exports
    answer = type_command(changed, sys.executable, "-c", WHO)
    assert answer.returncode == 1
    assert "`sluice up` prints" in answer.stderr
