"""The AWS services a run talks to; made once, passed down, replaced in tests."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.config import Config

from etl.storage import clock, permission_errors
from etl.storage.aws_session import make_session

if TYPE_CHECKING:  # development only: no wheel of the job has these
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

RETRIES = Config(retries={"mode": "standard", "max_attempts": 6}, connect_timeout=5, read_timeout=60)


@dataclass(frozen=True)
class Clients:
    """boto3 clients, from the environment's credentials, region and endpoint."""

    s3: "S3Client"
    glue: "GlueClient"
    cloudwatch: "CloudWatchClient"

    @classmethod
    def connect(cls) -> "Clients":
        """Make them; no request is sent yet. The first answer of S3 shows whether the machine's clock is right."""
        session = make_session()
        return cls(
            s3=clock.guard_clock(permission_errors.explain_denials(session.client("s3", config=RETRIES))),
            glue=permission_errors.explain_denials(session.client("glue", config=RETRIES)),
            cloudwatch=permission_errors.explain_denials(session.client("cloudwatch", config=RETRIES)),
        )
