"""The AWS services a run talks to; made once, passed down, replaced in tests."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from etl.storage import clock, permission_errors

RETRIES = Config(retries={"mode": "standard", "max_attempts": 6}, connect_timeout=5, read_timeout=60)


@dataclass(frozen=True)
class Clients:
    """boto3 clients, from the environment's credentials, region and endpoint."""

    s3: Any
    glue: Any
    cloudwatch: Any

    @classmethod
    def connect(cls) -> "Clients":
        """Make them; no request is sent yet. The first answer of S3 shows whether the machine's clock is right."""
        s3, *other_clients = (
            permission_errors.explain_denials(boto3.client(name, config=RETRIES))
            for name in ("s3", "glue", "cloudwatch")
        )
        return cls(clock.guard_clock(s3), *other_clients)
