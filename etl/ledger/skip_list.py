"""Raw objects that an operator set aside whole, so that one that keeps failing does not block the lake for ever.

One file beside the ledgers, since it must be there before anything was published. It is written against the version that was
read: of two operators at once the second is refused and nothing of the first's is lost. What an operator of an earlier
version skipped stands in a file below the published table, and counts too.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from etl.contract.layout import DatasetLocations
from etl.storage.optional_objects import error_code
from etl.storage.raw_objects import RawObject, S3Prefix

SKIP_FILE = "skipped.json"
ADD_ATTEMPTS = 5
# What S3 answers where a file is no longer the one that was read, or is being written (Amazon S3, Conditional writes).
CONFLICT_CODES = ("PreconditionFailed", "ConditionalRequestConflict")


@dataclass(frozen=True)
class Skip:
    """One version of an object that runs leave alone: why, who said so, and when (UTC, ISO text)."""

    key: str
    version: str
    why: str
    who: str
    at: str


@dataclass(frozen=True)
class SkipFile:
    """A file of skips as it was read; `etag` is None where there is none yet."""

    skipped: tuple[Skip, ...] = ()
    etag: str | None = None


@dataclass(frozen=True)
class SkipList:
    """What is skipped: by the file beside the ledgers, and by the one in the former place that no other takes back."""

    current: SkipFile = SkipFile()
    former: SkipFile = SkipFile()

    @property
    def etag(self) -> str | None:
        """The file's that is written against."""
        return self.current.etag

    @property
    def skipped(self) -> tuple[Skip, ...]:
        """Every skip, one for each version of an object."""
        skips_by_version = {(skip.key, skip.version): skip for skip in (*self.former.skipped, *self.current.skipped)}
        return tuple(skips_by_version[version_key] for version_key in sorted(skips_by_version))

    def select_listed(self, listed: Iterable[RawObject]) -> list[Skip]:
        """Return the skips of listed objects: a new version of a key is none of theirs."""
        listed_versions = {(raw_object.key, raw_object.version) for raw_object in listed}
        return [skip for skip in self.skipped if (skip.key, skip.version) in listed_versions]


def read_skip_list(s3: Any, location: str) -> SkipList:
    """Return what is skipped of the table at `location` (an S3 URI)."""
    places = DatasetLocations.from_location(location)
    return SkipList(_read_file(s3, places.ledgers), _read_file(s3, places.former_ledgers))


def write_skip_list(s3: Any, location: str, skipped: Iterable[Skip], etag: str | None) -> None:
    """Write what is skipped, in place of what was read with `etag`.

    Raises:
        ClientError: one of `CONFLICT_CODES`: somebody else wrote meanwhile; read again.
    """
    _put_file(s3, DatasetLocations.from_location(location).ledgers, skipped, etag)


def add_skips(s3: Any, location: str, skips: Sequence[Skip]) -> None:
    """Have versions of objects skipped beside all that are; what an operator writes meanwhile stays.

    Raises:
        ClientError: S3 refused it, or others wrote as often as it was tried.
    """
    versions = {(skip.key, skip.version) for skip in skips}
    for attempt in range(1, ADD_ATTEMPTS + 1):
        recorded = read_skip_list(s3, location)
        others = [entry for entry in recorded.skipped if (entry.key, entry.version) not in versions]
        try:
            write_skip_list(s3, location, [*others, *skips], recorded.etag)
        except ClientError as fault:
            if error_code(fault) not in CONFLICT_CODES or attempt == ADD_ATTEMPTS:
                raise
        else:
            return


def write_former(s3: Any, location: str, skipped: Iterable[Skip], former_file: SkipFile) -> None:
    """Write the file in the former place, in place of what was read as `former_file`, where it differs: what it has counts too.

    Raises:
        ClientError: as `write_skip_list`.
    """
    if set(skipped) != set(former_file.skipped):
        _put_file(s3, DatasetLocations.from_location(location).former_ledgers, skipped, former_file.etag)


def migrate_former(s3: Any, location: str, skip_list: SkipList) -> None:
    """Copy skips that stand in the former place alone to where others' housekeeping spares them.

    Only where there is no file yet: one that is there was written by somebody who had seen the former.
    """
    if skip_list.current.etag or not skip_list.former.skipped:
        return
    try:
        _put_file(s3, DatasetLocations.from_location(location).ledgers, skip_list.former.skipped, None)
    except ClientError as fault:
        if error_code(fault) not in CONFLICT_CODES:
            raise


def _read_file(s3: Any, folder: str) -> SkipFile:
    location = S3Prefix.from_uri(f"{folder}/{SKIP_FILE}")
    # Asked for by listing: without a permission to list, S3 answers 403 for what is not there.
    if not s3.list_objects_v2(Bucket=location.bucket, Prefix=location.prefix).get("KeyCount"):
        return SkipFile()
    response = s3.get_object(Bucket=location.bucket, Key=location.prefix)
    return SkipFile(tuple(Skip(**entry) for entry in json.loads(response["Body"].read())), response["ETag"])


def _put_file(s3: Any, folder: str, skipped: Iterable[Skip], etag: str | None) -> None:
    location = S3Prefix.from_uri(f"{folder}/{SKIP_FILE}")
    ordered = sorted(skipped, key=lambda skip: (skip.key, skip.version))
    body = json.dumps([asdict(skip) for skip in ordered], indent=1).encode()
    unchanged = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    s3.put_object(Bucket=location.bucket, Key=location.prefix, Body=body, ContentType="application/json", **unchanged)
