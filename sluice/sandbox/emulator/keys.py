"""The keys of a sandbox: those of its user, new at each start, and those of a role, which a run acts under."""

import os
import secrets
from dataclasses import dataclass, field
from typing import Any

import boto3

from sluice.sandbox.jobs.spark import REGION


@dataclass(frozen=True)
class Keys:
    """Keys as AWS has them; `token` comes with temporary ones. None of them is shown where the record is."""

    access: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def random(cls) -> "Keys":
        """Make new keys; 128 random bits in the access key id, which is what a sandbox looks at."""
        return cls(f"SANDBOX{secrets.token_hex(16).upper()}", secrets.token_hex(20))

    @classmethod
    def of_environment(cls) -> "Keys":
        """Return the keys that this process was started with; raises KeyError where it has none."""
        return cls(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])

    @classmethod
    def of_role(cls, role: str, emulator: "Connection") -> "Keys":
        """Assume `role` (an ARN), as Glue does before it touches anything of a job."""
        sts = emulator.keys.client("sts", emulator.endpoint)
        got = sts.assume_role(RoleArn=role, RoleSessionName="GlueJobRunnerSession")["Credentials"]
        return cls(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

    def environment(self) -> dict[str, str]:
        """Return them as the SDKs read them."""
        token = {"AWS_SESSION_TOKEN": self.token} if self.token else {}
        return {"AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret, **token}

    def session(self) -> boto3.Session:
        """Return a session with these keys and nothing of the user's own AWS settings."""
        return boto3.Session(self.access, self.secret, self.token or None, REGION)

    def client(self, service: str, endpoint: str, **options: Any) -> Any:
        """Return a boto3 client that acts under these keys."""
        session: Any = self.session()
        return session.client(service, endpoint_url=endpoint, **options)


@dataclass(frozen=True)
class Connection:
    """Where an emulator answers (`endpoint`, a URL), and the keys of its user."""

    endpoint: str
    keys: Keys
