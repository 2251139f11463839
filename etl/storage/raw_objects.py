"""The raw bucket as a run sees it: the latest version of each object that is data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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


FIRST_PASSED_OVER = 20  # keys that a verdict names


@dataclass
class Listing:
    """The latest versions under a prefix: `objects` that are data, by key, and the keys that are passed over for their names.

    `passed_over` are the first of these in order, `number_passed_over` counts them all.
    """

    objects: list[RawObject] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    number_passed_over: int = 0


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
    return listing(s3, place).objects


def listing(s3: Any, place: Place) -> Listing:
    """List what `latest` does, and what it passes over: Spark reads no file with such a name."""
    found = Listing()
    for version in _versions(s3, place):
        if not version["IsLatest"] or _is_marker(version):
            continue
        if _is_hidden(version["Key"].removeprefix(place.prefix)):
            found.number_passed_over += 1
            found.passed_over = sorted([*found.passed_over, version["Key"]])[:FIRST_PASSED_OVER]
        else:
            found.objects.append(_object(version))
    found.objects.sort()
    return found


def modified(s3: Any, place: Place) -> dict[tuple[str, str], str]:
    """Return when each version under a prefix was put (UTC, ISO text), by key and version: also of those that were replaced."""
    return {(one.key, one.version): one.modified for one in map(_object, _versions(s3, place))}


def _object(version: dict[str, Any]) -> RawObject:
    modified = version["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
    return RawObject(version["Key"], version["VersionId"], version["Size"], modified)


def _is_marker(version: dict[str, Any]) -> bool:
    return version["Size"] == 0 and version["Key"].endswith(("/", "_$folder$"))


def _is_hidden(path: str) -> bool:
    """Say whether Spark overlooks a path below the prefix: a name in it starts with _ or a dot, or is a copy under way."""
    return any(name.startswith(("_", ".")) for name in path.split("/")) or path.endswith("._COPYING_")


def _versions(s3: Any, place: Place) -> Iterator[dict[str, Any]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=place.bucket, Prefix=place.prefix)
    for page in pages:
        yield from page.get("Versions", ())
