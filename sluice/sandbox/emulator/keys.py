"""The keys of a sandbox: those of its user, new at each start, and those of a role, which a run acts under."""

import functools
import os
import secrets
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.loaders
import botocore.session

from sluice.sandbox.jobs.spark import REGION


@functools.cache
def service_descriptions() -> Any:
    """Return botocore's descriptions of AWS's services, for all sessions of this process.

    Each session would parse them anew: a sixth of a second of the processor for each run of a job.
    """
    loaders: Any = botocore.loaders
    return loaders.create_loader()


@dataclass(frozen=True)
class AccessKeys:
    """Keys as AWS has them; `session_token` comes with temporary ones. None of them is shown where the record is."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    @classmethod
    def generate(cls) -> "AccessKeys":
        """Make new keys; 128 random bits in the access key id, which is what a sandbox looks at."""
        return cls(f"SANDBOX{secrets.token_hex(16).upper()}", secrets.token_hex(20))

    @classmethod
    def from_environment(cls) -> "AccessKeys":
        """Return the keys that this process was started with; raises KeyError where it has none."""
        return cls(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])

    @classmethod
    def assume_role(cls, role: str, emulator: "EmulatorConnection") -> "AccessKeys":
        """Assume `role` (an ARN), as Glue does before it touches anything of a job."""
        sts = emulator.keys.client("sts", emulator.endpoint)
        credentials = sts.assume_role(RoleArn=role, RoleSessionName="GlueJobRunnerSession")["Credentials"]
        return cls(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])

    def as_environment(self) -> dict[str, str]:
        """Return them as the SDKs read them."""
        token = {"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {}
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key, **token}

    def session(self) -> boto3.Session:
        """Return a session with these keys and nothing of the user's own AWS settings."""
        own_session: Any = botocore.session.Session()
        own_session.register_component("data_loader", service_descriptions())
        keys = (self.access_key_id, self.secret_access_key, self.session_token or None)
        return boto3.Session(*keys, REGION, botocore_session=own_session)

    def client(self, service: str, endpoint: str, **options: Any) -> Any:
        """Return a boto3 client that acts under these keys."""
        session: Any = self.session()
        return session.client(service, endpoint_url=endpoint, **options)


@dataclass(frozen=True)
class EmulatorConnection:
    """Where an emulator answers (`endpoint`, a URL), and the keys of its user."""

    endpoint: str
    keys: AccessKeys
