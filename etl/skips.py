"""Raw objects that an operator set aside whole, so that one that keeps failing does not block the lake for ever.

One file beside the ledgers, since it must be there before anything was published. It is written against the version that was
read: of two operators at once the second is refused and nothing of the first's is lost.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from etl.raw import Place, RawObject

FILE = "ledger/skipped.json"  # below the table's location


@dataclass(frozen=True)
class Skip:
    """One version of an object that runs leave alone: why, who said so, and when (UTC, ISO text)."""

    key: str
    version: str
    why: str
    who: str
    at: str


@dataclass(frozen=True)
class Skips:
    """What is skipped; `etag` is the file's as it was read, None where there is none yet."""

    skipped: tuple[Skip, ...] = ()
    etag: str | None = None

    def of(self, listed: Iterable[RawObject]) -> list[Skip]:
        """Return the skips of listed objects: a new version of a key is none of theirs."""
        there = {(one.key, one.version) for one in listed}
        return [skip for skip in self.skipped if (skip.key, skip.version) in there]


def read(s3: Any, location: str) -> Skips:
    """Return what is skipped of the table at `location` (an S3 URI)."""
    place = Place.of(f"{location}/{FILE}")
    # Asked for by listing: without a permission to list, S3 answers 403 for what is not there.
    if not s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix).get("KeyCount"):
        return Skips()
    found = s3.get_object(Bucket=place.bucket, Key=place.prefix)
    return Skips(tuple(Skip(**one) for one in json.loads(found["Body"].read())), found["ETag"])


def write(s3: Any, location: str, skipped: Iterable[Skip], etag: str | None) -> None:
    """Write what is skipped, in place of what was read with `etag`.

    Raises:
        ClientError: PreconditionFailed: somebody else wrote meanwhile; read again.
    """
    place = Place.of(f"{location}/{FILE}")
    body = json.dumps(
        [asdict(one) for one in sorted(skipped, key=lambda one: (one.key, one.version))], indent=1
    ).encode()
    unchanged = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=body, ContentType="application/json", **unchanged)
