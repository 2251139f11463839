"""The account and region that commands act in: the user's own, or an emulator."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config

from etl.storage.aws_session import make_session

if TYPE_CHECKING:  # development only
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

# An operator waits: what does not answer is said soon. As many connections as `status` has threads.
CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 3}, connect_timeout=3, read_timeout=30, max_pool_connections=32
)


@dataclass(frozen=True)
class Account:
    """Whose keys are used; `endpoint` is an emulator's URL, None on AWS."""

    session: boto3.Session
    endpoint: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_environment(cls) -> "Account":
        """Return what the AWS CLI would use: profile, environment, and AWS_ENDPOINT_URL where it is set."""
        return cls(make_session(), os.environ.get("AWS_ENDPOINT_URL"))

    @overload
    def client(self, service: Literal["s3"]) -> "S3Client": ...
    @overload
    def client(self, service: Literal["glue"]) -> "GlueClient": ...
    @overload
    def client(self, service: Literal["stepfunctions"]) -> "SFNClient": ...
    @overload
    def client(self, service: Literal["sts"]) -> "STSClient": ...
    @overload
    def client(self, service: str) -> Any: ...
    def client(self, service: str) -> Any:
        """Return the boto3 client of a service, one for each; threads may share it once it was made."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, endpoint_url=self.endpoint, config=CONFIG)  # pyright: ignore[reportCallIssue, reportArgumentType]
        return self._clients[service]

    def caller_arn(self) -> str:
        """Return the ARN of whoever these keys belong to."""
        return self.client("sts").get_caller_identity()["Arn"]

    def regional_arn(self, service: str, resource: str) -> str:
        """Return the ARN of a service's resource in this account and region."""
        _, partition, _, _, owner, *_ = self.caller_arn().split(":")
        return f"arn:{partition}:{service}:{self.session.region_name}:{owner}:{resource}"

    def load_table(self, name: str) -> Any:
        """Return a pyiceberg table by its name `catalog.database.table`, None where there is none."""
        # Half a second to import, and only those who look at rows pay it.
        from pyiceberg.catalog.glue import GlueCatalog  # noqa: PLC0415
        from pyiceberg.exceptions import NoSuchTableError  # noqa: PLC0415

        catalog = GlueCatalog("lake", client=self.client("glue"), **self._file_io_properties())
        try:
            return catalog.load_table(tuple(name.split(".")[1:]))
        except NoSuchTableError:
            return None

    def _file_io_properties(self) -> dict[str, str]:
        """Return how pyiceberg reads and writes a table's files: by the same keys, but through pyarrow."""
        keys = self.session.get_credentials()
        frozen = keys.get_frozen_credentials() if keys else None
        properties = {
            "s3.region": self.session.region_name,
            "s3.access-key-id": frozen and frozen.access_key,
            "s3.secret-access-key": frozen and frozen.secret_key,
            "s3.session-token": frozen and frozen.token,
            "s3.endpoint": self.endpoint,
        }
        return {name: value for name, value in properties.items() if value}
