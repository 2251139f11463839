"""A folder that is laid out as the assets bucket: as much of boto3's client of S3 as reading results takes."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class FolderBucket:
    """S3 whose only bucket is a folder; what a caller names as bucket is not looked at."""

    folder: Path

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """Return an object.

        Raises:
            ClientError: NoSuchKey, there is no such file.
        """
        try:
            return {"Body": io.BytesIO((self.folder / Key).read_bytes())}
        except (FileNotFoundError, IsADirectoryError):
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": f"{Bucket}{Key}"}}, "GetObject") from None

    def list_objects_v2(self, *, Bucket: str, Prefix: str, Delimiter: str = "", **_: Any) -> dict[str, Any]:
        """List the objects under a prefix, in order; with a delimiter, the folders that begin with it."""
        if Delimiter:
            folders = (path for path in self._beginning_with(Prefix) if path.is_dir())
            return {"CommonPrefixes": [{"Prefix": f"{self._key(path)}/"} for path in folders]}
        paths = [file for path in self._beginning_with(Prefix) for file in _files_below(path)]
        contents = [{"Key": self._key(path), "LastModified": path.stat().st_mtime_ns} for path in paths]
        return {"Contents": contents, "KeyCount": len(contents)}

    def get_paginator(self, _operation: str) -> "FolderBucket":
        """Return what lists, the only operation that is paged through."""
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        """Return the only page."""
        return [self.list_objects_v2(**request)]

    def _beginning_with(self, prefix: str) -> list[Path]:
        parent, _, name = prefix.rpartition("/")
        folder = self.folder / parent
        return sorted(path for path in folder.glob("*") if path.name.startswith(name)) if folder.is_dir() else []

    def _key(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _files_below(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for folder, folders, files in os.walk(path):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(files))
