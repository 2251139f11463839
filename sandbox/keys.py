"""The keys that a run acts under: its role's, so that what it asks for is held against its role."""

from dataclasses import dataclass
from typing import Any

import boto3

from sandbox.spark import REGION


@dataclass(frozen=True)
class Keys:
    """The temporary keys of a job's role."""

    access: str
    secret: str
    token: str

    @classmethod
    def of_role(cls, role: str, endpoint: str) -> "Keys":
        """Assume `role` (an ARN) at the emulator, as Glue does before it touches anything of a job."""
        sts = boto3.Session("glue", "glue", region_name=REGION).client("sts", endpoint_url=endpoint)
        got = sts.assume_role(RoleArn=role, RoleSessionName="GlueJobRunnerSession")["Credentials"]
        return cls(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

    def environment(self) -> dict[str, str]:
        """Return them as the SDKs read them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_SESSION_TOKEN": self.token,
        }

    def client(self, service: str, endpoint: str) -> Any:
        """Return a boto3 client that acts under these keys."""
        session = boto3.Session(self.access, self.secret, self.token, REGION)
        return session.client(service, endpoint_url=endpoint)
