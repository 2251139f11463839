"""Raw objects that were written anew without rows that are forgotten: a version that was expected is no correction.

What is to be put is in the ledger before the put, by its content. Where the listing shows just that, the object counts as the
version that it takes the place of: held, skipped or unread as that one was, and as old. Any other new version is a correction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple

from etl.storage.raw_objects import RawObject, S3Prefix

CHUNK_BYTES = 1 << 20


class Rewrite(NamedTuple):
    """An object that is, or is to be, written anew.

    Attributes:
        replaced: the version that the new one takes the place of.
        digest: SHA-256 of the new one's bytes, hexadecimal.
        size: their number.
        put: when the object came (UTC, ISO text): by that, and not by its rewriting, rows with one key are told apart.
        version: the new version's id, "" until it was seen.
    """

    replaced: str
    digest: str
    size: int
    put: str
    version: str = ""


Rewrites = Mapping[str, Rewrite]
"""By key."""


@dataclass(frozen=True)
class RecognizedObjects:
    """What a listing shows, with rewrites known for what they are.

    Attributes:
        objects: the listed ones, each with the time that it came at.
        stand_ins: by key, the version that a rewritten object counts as; of those alone that the ledger has not settled.
    """

    objects: list[RawObject]
    stand_ins: Mapping[str, str]

    @property
    def as_known(self) -> list[RawObject]:
        """The listed objects in the versions that ledger and skip list know."""
        # Nearly all are as they were listed: of a million objects no copies are made.
        return [
            replace(entry, version=self.stand_ins[entry.key]) if entry.key in self.stand_ins else entry
            for entry in self.objects
        ]

    def as_listed(self, held_objects: Iterable[RawObject]) -> list[RawObject]:
        """Return objects of `as_known` in the versions that are there."""
        if not self.stand_ins:
            return [*held_objects]
        listed = {entry.key: entry for entry in self.objects}
        return [listed[entry.key] for entry in held_objects]


def recognize_rewrites(
    s3: Any, raw_prefix: S3Prefix, rewrites: Rewrites, listed: Iterable[RawObject]
) -> RecognizedObjects:
    """Return the listed objects with their rewrites recognized: those that are not settled are read once more for it."""
    objects: list[RawObject] = []
    stand_ins: dict[str, str] = {}
    for entry in listed:
        rewrite = rewrites.get(entry.key)
        if rewrite is None or not is_rewrite(s3, raw_prefix, rewrite, entry):
            objects.append(entry)
            continue
        objects.append(replace(entry, modified=rewrite.put))
        if not rewrite.version:
            stand_ins[entry.key] = rewrite.replaced
    return RecognizedObjects(objects, stand_ins)


def is_rewrite(s3: Any, raw_prefix: S3Prefix, rewrite: Rewrite, entry: RawObject) -> bool:
    """Return whether a listed object is what a rewrite put, or was to put."""
    if rewrite.version:
        return rewrite.version == entry.version
    if entry.version == rewrite.replaced or entry.size != rewrite.size:
        return False
    return digest_of(s3, raw_prefix.bucket, entry) == rewrite.digest


def digest_of(s3: Any, bucket: str, entry: RawObject) -> str:
    """Return the SHA-256 of an object's bytes, hexadecimal."""
    hashed = sha256()
    body = s3.get_object(Bucket=bucket, Key=entry.key, VersionId=entry.version)["Body"]
    for chunk in body.iter_chunks(CHUNK_BYTES):
        hashed.update(chunk)
    return hashed.hexdigest()
