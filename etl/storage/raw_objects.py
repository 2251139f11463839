"""The raw bucket as a run sees it: the latest version of each object that is data."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from etl.contract.file_glob import is_data_path
from etl.storage.many_objects import map_objects


@dataclass(frozen=True, order=True, slots=True)  # slots: a run keeps each object of its listing
class RawObject:
    """One version of one object; `size` in bytes, `modified` in UTC as ISO text, `etag` without its quotes.

    An unversioned bucket's version is the text "null".
    """

    key: str
    version: str
    size: int = 0
    modified: str = ""
    etag: str = field(default="", compare=False)

    @property
    def content(self) -> str:
        """What objects of equal bytes have in common where they were put alike: ETag and size; "" where it is not known."""
        return f"{self.etag}:{self.size}" if self.etag else ""


MAX_PASSED_OVER_KEYS = 20  # keys that a verdict names
PAGE = 1000  # versions in an answer to a LIST request


@dataclass
class Listing:
    """The latest versions under a prefix: `objects` that are data, by key, `manifests`, and the keys that are passed over.

    These have a name that Spark overlooks, or the contract's glob does not take them.

    `passed_over` are the first of these in order, `number_passed_over` counts them all. `first_puts` says, where it was
    asked for, when a key was first put (UTC, ISO text), as far as its earlier versions are kept: also of keys that are gone.
    """

    objects: list[RawObject] = field(default_factory=list)
    manifests: list[RawObject] = field(default_factory=list["RawObject"])
    passed_over: list[str] = field(default_factory=list)
    number_passed_over: int = 0
    first_puts: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def pages(self) -> int:
        """How many LIST requests it takes at least: earlier versions are listed too."""
        return 1 + (len(self.objects) + len(self.manifests) + self.number_passed_over) // PAGE

    def note_put(self, raw_object: RawObject) -> None:
        """Remember when a version was put, where none of its key is known that is older."""
        earlier = self.first_puts.get(raw_object.key, raw_object.modified)
        self.first_puts[raw_object.key] = min(earlier, raw_object.modified)


@dataclass(frozen=True)
class S3Prefix:
    """A prefix in a bucket, from a URI such as s3://bucket/orders/."""

    bucket: str
    prefix: str

    @classmethod
    def from_uri(cls, uri: str) -> "S3Prefix":
        """Read a URI.

        Raises:
            ValueError: it does not start with s3://.
        """
        scheme, _, path = uri.partition("://")
        if scheme != "s3" or not path:
            raise ValueError(f"{uri!r} is no S3 URI; write s3://bucket/prefix")
        bucket, _, prefix = path.partition("/")
        return cls(bucket, prefix)

    def uri(self, key: str) -> str:
        """Return the URI of a key in this bucket."""
        return f"s3://{self.bucket}/{key}"


def list_latest(s3: Any, raw_prefix: S3Prefix, glob: str = "") -> list[RawObject]:
    """List the latest version of every data object under a prefix, by key; deleted objects are not there."""
    return list_objects(s3, raw_prefix, glob).objects


def list_all_latest(s3: Any, raw_prefix: S3Prefix) -> list[RawObject]:
    """List the latest version of every object under a prefix, by key: of data, of manifests, and of what runs pass over."""
    versions = (version for version in _list_versions(s3, raw_prefix) if version["IsLatest"])
    return sorted(_parse_version(version) for version in versions if not _is_marker(version))


def _is_none(_key: str) -> bool:
    return False


def list_objects(
    s3: Any,
    raw_prefix: S3Prefix,
    glob: str = "",
    is_manifest: Callable[[str], bool] = _is_none,
    *,
    with_first_puts: bool = False,
) -> Listing:
    """List what `list_latest` does, and what it passes over: names that Spark overlooks, and paths that `glob` does not take.

    `glob` is the contract's `meta.files`; "" takes each path. A key that `is_manifest` takes is a manifest and no data, also
    where Spark overlooks its name. `with_first_puts` has it look at earlier versions of data and manifests.
    """
    raw_listing = Listing()
    for version in _list_versions(s3, raw_prefix):
        key = version["Key"]
        if with_first_puts and (is_manifest(key) or is_data_key(key, raw_prefix, glob)):
            raw_listing.note_put(_parse_version(version))
        if not version["IsLatest"] or _is_marker(version):
            continue
        if is_manifest(version["Key"]):
            raw_listing.manifests.append(_parse_version(version))
        elif not is_data_key(version["Key"], raw_prefix, glob):
            raw_listing.number_passed_over += 1
            raw_listing.passed_over = sorted([*raw_listing.passed_over, version["Key"]])[:MAX_PASSED_OVER_KEYS]
        else:
            raw_listing.objects.append(_parse_version(version))
    raw_listing.objects.sort()
    raw_listing.manifests.sort()
    return raw_listing


def is_data_key(key: str, raw_prefix: S3Prefix, glob: str) -> bool:
    """Say whether an object of that key is data: Spark overlooks no name in it, and `glob` takes it; "" takes each."""
    path = key.removeprefix(raw_prefix.prefix)
    return not _is_hidden(path) and is_data_path(path, glob)


def are_latest(s3: Any, raw_prefix: S3Prefix, objects: Sequence[RawObject]) -> bool:
    """Ask for each object, and not for a listing, whether its version is the latest; false too where S3 does not say."""

    def is_latest(raw_object: RawObject) -> bool:
        head = s3.head_object(Bucket=raw_prefix.bucket, Key=raw_object.key)
        return head.get("VersionId", "null") == raw_object.version

    try:
        return all(map_objects(is_latest, objects))
    except ClientError:  # gone, which is 403 or 404 by what the role may list
        return False


def list_modified_times(s3: Any, raw_prefix: S3Prefix) -> dict[tuple[str, str], str]:
    """Return when each version under a prefix was put (UTC, ISO text), by key and version: also of those that were replaced."""
    return {
        (raw_object.key, raw_object.version): raw_object.modified
        for raw_object in map(_parse_version, _list_versions(s3, raw_prefix))
    }


def _parse_version(version: dict[str, Any]) -> RawObject:
    modified = version["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
    etag = version.get("ETag", "").strip('"')
    return RawObject(version["Key"], version["VersionId"], version["Size"], modified, etag)


def _is_marker(version: dict[str, Any]) -> bool:
    return version["Size"] == 0 and version["Key"].endswith(("/", "_$folder$"))


def _is_hidden(path: str) -> bool:
    """Say whether Spark overlooks a path below the prefix: a name in it starts with _ or a dot, or is a copy under way."""
    return any(name.startswith(("_", ".")) for name in path.split("/")) or path.endswith("._COPYING_")


def _list_versions(s3: Any, raw_prefix: S3Prefix) -> Iterator[dict[str, Any]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=raw_prefix.bucket, Prefix=raw_prefix.prefix)
    for page in pages:
        yield from page.get("Versions", ())
