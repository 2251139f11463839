"""The raw bucket as a run sees it: the latest version of each object that is data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any


@dataclass(frozen=True, order=True)
class RawObject:
    """One version of one object; `size` in bytes, `modified` in UTC as ISO text.

    An unversioned bucket's version is the text "null".
    """

    key: str
    version: str
    size: int = 0
    modified: str = ""

    @property
    def identity(self) -> dict[str, str]:
        """What the ledger and the verdict keep of it."""
        return {"key": self.key, "version": self.version}


@dataclass(frozen=True)
class Place:
    """A prefix in a bucket, from a URI such as s3://bucket/sales/."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, uri: str) -> "Place":
        """Read a URI.

        Raises:
            ValueError: it does not start with s3://.
        """
        scheme, _, rest = uri.partition("://")
        if scheme != "s3" or not rest:
            raise ValueError(f"{uri!r} is no S3 URI; write s3://bucket/prefix")
        bucket, _, prefix = rest.partition("/")
        return cls(bucket, prefix)

    def uri(self, key: str) -> str:
        """Return the URI of a key in this bucket."""
        return f"s3://{self.bucket}/{key}"


def latest(s3: Any, place: Place) -> list[RawObject]:
    """List the latest version of every data object under a prefix, by key; deleted objects are not there."""
    return sorted(_object(version) for version in _versions(s3, place) if is_data(version, place.prefix))


def _object(version: dict[str, Any]) -> RawObject:
    modified = version["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
    return RawObject(version["Key"], version["VersionId"], version["Size"], modified)


def is_data(version: dict[str, Any], prefix: str) -> bool:
    """Say whether a version counts: the latest, no folder marker, nothing hidden (a name that starts with _ or a dot)."""
    marker = version["Size"] == 0 and version["Key"].endswith(("/", "_$folder$"))
    names = version["Key"].removeprefix(prefix).split("/")
    return version["IsLatest"] and not marker and not any(name.startswith(("_", ".")) for name in names)


def _versions(s3: Any, place: Place) -> Iterator[dict[str, Any]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=place.bucket, Prefix=place.prefix)
    for page in pages:
        yield from page.get("Versions", ())
