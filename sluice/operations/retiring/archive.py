"""What is kept of a dataset, copied to another bucket and held against what is there: size, then bytes.

Copied again where it was interrupted: an object that is there with its size is not copied twice.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from etl.errors import SluiceError
from etl.storage.raw_objects import S3Prefix
from sluice.cli.errors import WrongUse
from sluice.operations.retiring.lake_places import LakePlaces, Place
from sluice.operations.retiring.leftovers import Leftovers, list_versions

CHUNK_BYTES = 1024 * 1024
INDEX = "archive.json"


class NotArchived(SluiceError):
    """An object of an archive is not what it was copied from; nothing was removed."""


@dataclass(frozen=True)
class Archive:
    """The copies below a prefix of another bucket.

    Attributes:
        left: what is copied.
        target: below which it lies, each object under the dataset, its zone and its own key.
    """

    left: Leftovers
    target: S3Prefix
    say_step: Callable[[str], None] = field(repr=False)

    @classmethod
    def at(cls, left: Leftovers, uri: str, say_step: Callable[[str], None]) -> "Archive":
        """Return the archive below an S3 URI.

        Raises:
            WrongUse: it is none, or lies in the lake itself.
        """
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        if not uri.startswith("s3://") or not bucket:
            raise WrongUse(f"{uri!r} is no place to archive to: write s3://bucket/prefix/")
        if bucket in left.places.buckets:
            raise WrongUse(f"{uri} lies in the lake itself, with which it would go: name another bucket")
        prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
        return cls(left, S3Prefix(bucket, f"{prefix}{left.places.dataset}/"), say_step)

    @property
    def uri(self) -> str:
        """Where it lies."""
        return self.target.uri(self.target.prefix)

    def write(self) -> int:
        """Copy what is kept, hold it against what was copied, write the index; return how many objects it has.

        Raises:
            NotArchived: an object is not what it was copied from.
        """
        index: list[dict[str, Any]] = []
        for stored in self.left.stored:
            if stored.place.is_kept and stored.objects:
                copied = [*self._copy_place(stored.place)]
                index += copied
                self.say_step(f"archived {stored.place.what}: {len(copied):,} objects of {stored.place.uri}")
        places = self.left.places
        body = {
            "dataset": places.dataset,
            "stack": places.stack,
            "archived_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": [_describe_table(places, name) for name in self.left.tables],
            "objects": index,
        }
        key = f"{self.target.prefix}{INDEX}"
        text = json.dumps(body, indent=1, default=str, ensure_ascii=False).encode()
        self._s3.put_object(Bucket=self.target.bucket, Key=key, Body=text, ContentType="application/json")
        return len(index)

    @property
    def _s3(self) -> Any:
        return self.left.places.account.client("s3")

    def _copy_place(self, place: Place) -> Iterator[dict[str, Any]]:
        """Copy the objects of a place as they are now, and yield what the index has of each."""
        folder = f"{self.target.prefix}{place.zone}/"
        present = {entry["Key"]: entry for entry in self._list(f"{folder}{place.prefix}")}
        current = [version for version in list_versions(self._s3, place) if version["IsLatest"] and "Size" in version]
        for version in current:
            key = f"{folder}{version['Key']}"
            if present.get(key, {}).get("Size") != version["Size"]:
                source = {"Bucket": place.bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
                self._s3.copy(source, self.target.bucket, key)  # in parts where it is large
        copies = {entry["Key"]: entry for entry in self._list(f"{folder}{place.prefix}")}
        for version in current:
            key = f"{folder}{version['Key']}"
            self._assert_equal(place, version, copies.get(key), key)
            yield {
                "key": key.removeprefix(self.target.prefix),
                "from": f"s3://{place.bucket}/{version['Key']}",
                "version": version["VersionId"],
                "bytes": version["Size"],
                "put": version["LastModified"],
            }

    def _assert_equal(
        self, place: Place, version: Mapping[str, Any], copied: Mapping[str, Any] | None, key: str
    ) -> None:
        """Hold a copy against its source: by size and ETag, or by all bytes, where a key of KMS or parts give it another."""
        if copied is not None and copied["Size"] == version["Size"]:
            if copied["ETag"] == version["ETag"]:
                return
            source = self._digest(place.bucket, version["Key"], VersionId=version["VersionId"])
            if source == self._digest(self.target.bucket, key):
                return
        raise NotArchived(
            f"{self.target.uri(key)} is not {place.bucket}/{version['Key']} as it is now; nothing was removed: run it "
            "again, or remove that object first"
        )

    def _digest(self, bucket: str, key: str, **request: str) -> str:
        digest = hashlib.sha256()
        for chunk in self._s3.get_object(Bucket=bucket, Key=key, **request)["Body"].iter_chunks(CHUNK_BYTES):
            digest.update(chunk)
        return digest.hexdigest()

    def _list(self, prefix: str) -> Iterator[dict[str, Any]]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.target.bucket, Prefix=prefix):
            yield from page.get("Contents", ())


def _describe_table(places: LakePlaces, name: str) -> dict[str, Any]:
    """Return what the catalog has of a table: its columns, and for Iceberg where its metadata is."""
    table = places.account.client("glue").get_table(DatabaseName=places.database, Name=name)["Table"]
    descriptor = table.get("StorageDescriptor", {})
    return {
        "name": name,
        "location": descriptor.get("Location"),
        "columns": descriptor.get("Columns", []),
        "metadata_location": table.get("Parameters", {}).get("metadata_location"),
    }
