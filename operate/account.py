"""The account and region that commands act in: the user's own, or an emulator."""

import os
from dataclasses import dataclass
from typing import Any

import boto3


@dataclass(frozen=True)
class Account:
    """Whose keys are used; `endpoint` is an emulator's URL, None on AWS."""

    session: boto3.Session
    endpoint: str | None = None

    @classmethod
    def own(cls) -> "Account":
        """Return what the AWS CLI would use: profile, environment, and AWS_ENDPOINT_URL where it is set."""
        return cls(boto3.Session(), os.environ.get("AWS_ENDPOINT_URL"))

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        return self.session.client(service, endpoint_url=self.endpoint)  # pyright: ignore[reportCallIssue, reportArgumentType]

    def table(self, name: str) -> Any:
        """Return a pyiceberg table by its name `catalog.database.table`, None where there is none."""
        # Half a second to import, and only those who look at rows pay it.
        from pyiceberg.catalog import load_catalog  # noqa: PLC0415
        from pyiceberg.exceptions import NoSuchTableError  # noqa: PLC0415

        catalog = load_catalog("lake", **{"type": "glue", **self._keys(), **self._endpoints()})
        try:
            return catalog.load_table(tuple(name.split(".")[1:]))
        except NoSuchTableError:
            return None

    def _keys(self) -> dict[str, str]:
        keys = self.session.get_credentials()
        frozen = keys.get_frozen_credentials() if keys else None
        found = {
            "client.region": self.session.region_name,
            "client.access-key-id": frozen and frozen.access_key,
            "client.secret-access-key": frozen and frozen.secret_key,
            "client.session-token": frozen and frozen.token,
        }
        return {name: value for name, value in found.items() if value}

    def _endpoints(self) -> dict[str, str]:
        return {"glue.endpoint": self.endpoint, "s3.endpoint": self.endpoint} if self.endpoint else {}
