"""The AWS services that a run talks to, answered from a folder: as much of boto3's clients as `etl` calls.

An object `s3://<bucket>/<key>` is the file `<folder>/<bucket>/<key>`.
A file's version is its size and the time of its last change.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError

from etl.contract.layout import CHANGES, PUBLISHED, QUARANTINE
from etl.contract.table_names import changes_of, quarantine_of
from etl.storage.clients import Clients

RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class EntityNotFoundException(Exception):
    """Glue's answer for a table that is not there."""


@dataclass
class FileBody:
    """An object's bytes, up to `remaining`, as botocore's streaming body gives them."""

    file: BinaryIO
    remaining: int

    def read(self, amount: int | None = None) -> bytes:
        """Return the next bytes, all that remain by default; the file is closed behind the last."""
        byte_count = self.remaining if amount is None else min(amount, self.remaining)
        data = self.file.read(byte_count)
        self.remaining -= len(data)
        if not self.remaining or not data:
            self.close()
            self.remaining = 0
        return data

    def iter_chunks(self, chunk_size: int = 1024) -> Iterator[bytes]:
        """Yield the bytes in pieces."""
        while data := self.read(chunk_size) if self.remaining else b"":
            yield data

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def _version_of(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


@dataclass(frozen=True)
class FolderS3:
    """S3 with a folder for each bucket."""

    folder: Path

    def get_object(self, *, Bucket: str, Key: str, Range: str = "", **_: str) -> dict[str, Any]:
        """Return an object, or a stretch of it.

        Raises:
            ClientError: NoSuchKey, there is none.
        """
        path = self.folder / Bucket / Key
        if not path.is_file():
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": f"s3://{Bucket}/{Key}"}}, "GetObject")
        stretch, size = RANGE.fullmatch(Range), path.stat().st_size
        start, last = map(int, stretch.groups()) if stretch else (0, size - 1)
        file = path.open("rb")
        file.seek(start)
        return {"Body": FileBody(file, max(0, min(last + 1, size) - start))}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """Return an object's version.

        Raises:
            ClientError: 404, there is none.
        """
        path = self.folder / Bucket / Key
        if not path.is_file():
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {"VersionId": _version_of(path)}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: str) -> dict[str, Any]:
        """Write an object."""
        path = self.folder / Bucket / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, **_: Any) -> dict[str, Any]:
        """Say how many objects are under a prefix."""
        return {"KeyCount": sum(1 for _ in self._versions_under(Bucket, Prefix))}

    def get_paginator(self, _operation: str) -> Any:
        """Return what lists the versions under a prefix, the only operation that a run pages through."""

        def paginate(*, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
            versions = [*self._versions_under(Bucket, Prefix)]
            sizes = Counter(version["Size"] for version in versions)
            # Only files of one size can be equal: others are not read for it.
            return [
                {
                    "Versions": [
                        {**version, "ETag": self._etag(Bucket, version["Key"])}
                        if sizes[version["Size"]] > 1
                        else version
                        for version in versions
                    ]
                }
            ]

        return SimpleNamespace(paginate=paginate)

    def _etag(self, bucket: str, key: str) -> str:
        with (self.folder / bucket / key).open("rb") as file:
            return f'"{hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()}"'

    def _versions_under(self, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
        parent = self.folder / bucket / prefix.rpartition("/")[0]
        for path in sorted(parent.rglob("*")) if parent.is_dir() else ():
            key = path.relative_to(self.folder / bucket).as_posix()
            if path.is_file() and key.startswith(prefix):
                status = path.stat()
                yield {
                    "Key": key,
                    "VersionId": _version_of(path),
                    "IsLatest": True,
                    "Size": status.st_size,
                    "LastModified": datetime.fromtimestamp(status.st_mtime, UTC),
                }


@dataclass(frozen=True)
class FolderCatalog:
    """Glue's catalog, told from the metadata files that Iceberg wrote into the folder of the bucket `bucket`."""

    folder: Path
    bucket: str
    exceptions = SimpleNamespace(EntityNotFoundException=EntityNotFoundException)

    def get_table(self, *, Name: str, **_: str) -> Mapping[str, Any]:
        """Return a table with the place of its current metadata: files are numbered, and one process writes them.

        Raises:
            EntityNotFoundException: there is none.
        """
        beside = {QUARANTINE: quarantine_of(""), CHANGES: changes_of("")}
        places = [f"{PUBLISHED}/{Name}"]
        places += [f"{top}/{Name.removesuffix(end)}" for top, end in beside.items() if Name.endswith(end)]
        for place in places:
            if files := sorted((self.folder / self.bucket / place / "metadata").glob("*.metadata.json")):
                uri = f"s3://{files[-1].relative_to(self.folder).as_posix()}"
                return {"Table": {"Name": Name, "Parameters": {"metadata_location": uri}}}
        raise EntityNotFoundException(Name)


def folder_clients(folder: Path, bucket: str) -> Clients:
    """Return a run's clients, all of them answered from `folder`; metrics are put nowhere, for no job reports."""
    services = FolderS3(folder), FolderCatalog(folder, bucket), SimpleNamespace()
    return Clients(*(cast(Any, service) for service in services))
