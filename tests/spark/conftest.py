"""A lake for each test that asks for one."""

from collections.abc import Iterator
from typing import Any

import pytest

from etl.storage.clients import Clients
from tests.keys import KEYS
from tests.spark.lake import Lake


@pytest.fixture(scope="session")
def aws(endpoint: str) -> Clients:
    """Clients of the emulator."""
    return Clients(*(KEYS.client(name, endpoint) for name in ("s3", "glue", "cloudwatch")))


@pytest.fixture
def lake(aws: Clients, spark: Any) -> Lake:
    """A lake of its own for the test, with the shipped trades contracts."""
    return Lake(aws, spark)


@pytest.fixture
def publisher(lake: Lake, endpoint: str) -> Iterator[str]:
    """A Glue job whose one run goes on until the test is over."""
    glue, name = lake.aws.glue, f"publisher-{lake.number}"
    role = KEYS.client("iam", endpoint).create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    lake.put_key("code/sleep.py", b"import time\ntime.sleep(600)\n")
    script: Any = {"Name": "glueetl", "ScriptLocation": f"s3://{lake.bucket}/code/sleep.py", "PythonVersion": "3"}
    glue.create_job(Name=name, Role=role["Role"]["Arn"], Command=script, GlueVersion="6.0", DefaultArguments={})
    run = glue.start_job_run(JobName=name)["JobRunId"]
    yield name
    glue.batch_stop_job_run(JobName=name, JobRunIds=[run])
