"""Raw objects that an operator set aside whole, so that one that keeps failing does not block the lake for ever.

One file beside the ledgers, since it must be there before anything was published. It is written against the version that was
read: of two operators at once the second is refused and nothing of the first's is lost. What an operator of an earlier
version skipped stands in a file below the published table, and counts too.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from etl.contract.layout import Places
from etl.storage.raw_objects import Place, RawObject

FILE = "skipped.json"
# What S3 answers where a file is no longer the one that was read, or is being written (Amazon S3, Conditional writes).
CHANGED = ("PreconditionFailed", "ConditionalRequestConflict")


@dataclass(frozen=True)
class Skip:
    """One version of an object that runs leave alone: why, who said so, and when (UTC, ISO text)."""

    key: str
    version: str
    why: str
    who: str
    at: str


@dataclass(frozen=True)
class File:
    """A file of skips as it was read; `etag` is None where there is none yet."""

    skipped: tuple[Skip, ...] = ()
    etag: str | None = None


@dataclass(frozen=True)
class Skips:
    """What is skipped: by the file beside the ledgers, and by the one in the former place that no other takes back."""

    current: File = File()
    former: File = File()

    @property
    def etag(self) -> str | None:
        """The file's that is written against."""
        return self.current.etag

    @property
    def skipped(self) -> tuple[Skip, ...]:
        """Every skip, one for each version of an object."""
        every = {(one.key, one.version): one for one in (*self.former.skipped, *self.current.skipped)}
        return tuple(every[at] for at in sorted(every))

    def of(self, listed: Iterable[RawObject]) -> list[Skip]:
        """Return the skips of listed objects: a new version of a key is none of theirs."""
        there = {(one.key, one.version) for one in listed}
        return [skip for skip in self.skipped if (skip.key, skip.version) in there]


def read(s3: Any, location: str) -> Skips:
    """Return what is skipped of the table at `location` (an S3 URI)."""
    places = Places.of(location)
    return Skips(_read(s3, places.ledgers), _read(s3, places.former_ledgers))


def write(s3: Any, location: str, skipped: Iterable[Skip], etag: str | None) -> None:
    """Write what is skipped, in place of what was read with `etag`.

    Raises:
        ClientError: one of `CHANGED`: somebody else wrote meanwhile; read again.
    """
    _put(s3, Places.of(location).ledgers, skipped, etag)


def write_former(s3: Any, location: str, skipped: Iterable[Skip], known: File) -> None:
    """Write the file in the former place, in place of what was read as `known`, where it differs: what it has counts too.

    Raises:
        ClientError: as `write`.
    """
    if set(skipped) != set(known.skipped):
        _put(s3, Places.of(location).former_ledgers, skipped, known.etag)


def move(s3: Any, location: str, known: Skips) -> None:
    """Copy skips that stand in the former place alone to where others' housekeeping spares them.

    Only where there is no file yet: one that is there was written by somebody who had seen the former.
    """
    if known.current.etag or not known.former.skipped:
        return
    try:
        _put(s3, Places.of(location).ledgers, known.former.skipped, None)
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in CHANGED:
            raise


def _read(s3: Any, folder: str) -> File:
    place = Place.of(f"{folder}/{FILE}")
    # Asked for by listing: without a permission to list, S3 answers 403 for what is not there.
    if not s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix).get("KeyCount"):
        return File()
    found = s3.get_object(Bucket=place.bucket, Key=place.prefix)
    return File(tuple(Skip(**one) for one in json.loads(found["Body"].read())), found["ETag"])


def _put(s3: Any, folder: str, skipped: Iterable[Skip], etag: str | None) -> None:
    place = Place.of(f"{folder}/{FILE}")
    ordered = sorted(skipped, key=lambda one: (one.key, one.version))
    body = json.dumps([asdict(one) for one in ordered], indent=1).encode()
    unchanged = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=body, ContentType="application/json", **unchanged)
