"""Where runs are told: the assets bucket that the job writes to, or a folder that is laid out as it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from etl.storage.many_objects import map_objects
from etl.storage.optional_objects import read_object
from etl.storage.raw_objects import S3Prefix
from sluice.cli.errors import WrongUse
from sluice.site.folder_bucket import FolderBucket

Answer = TypeVar("Answer")
DAY_LAYOUT = ("results", "verdicts")


@dataclass(frozen=True)
class AssetsPlace:
    """One place.

    Attributes:
        s3: boto3's client, or a folder that answers as one.
        bucket: its name, "" of a folder.
        uri: what people call it, with a slash at its end.
        verdicts: the prefix of its verdicts; below it are <dataset>/<run id>.json.
    """

    s3: Any
    bucket: str
    uri: str
    verdicts: str = "verdicts/"

    def list_objects(self, prefix: str) -> list[dict[str, Any]]:
        """Return what S3 lists under a prefix.

        Raises:
            WrongUse: it does not answer.
        """
        with self.reporting_errors(prefix):
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            return [entry for page in pages for entry in page.get("Contents", ())]

    def list_folders(self, prefix: str) -> list[str]:
        """Return the names of the folders that begin with a prefix, without it.

        Raises:
            WrongUse: it does not answer.
        """
        with self.reporting_errors(prefix):
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix, Delimiter="/")
            folders = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", ())]
        return [folder.removeprefix(prefix).rstrip("/") for folder in folders]

    def read_objects(self, keys: list[str]) -> list[bytes | None]:
        """Return objects' bytes in order, None for one that is not there.

        Raises:
            WrongUse: it does not answer.
        """
        return self.call(
            lambda: map_objects(lambda key: read_object(self.s3, self.bucket, key), keys), keys[0] if keys else ""
        )

    def call(self, request: Callable[[], Answer], key: str) -> Answer:
        """Return what a request returns; `key` is what is read.

        Raises:
            WrongUse: it does not answer.
        """
        with self.reporting_errors(key):
            return request()

    @contextmanager
    def reporting_errors(self, key: str) -> Generator[None]:
        """Say of a fault within what could not be read.

        Raises:
            WrongUse: S3 refused, or is not reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            yield
        except (BotoCoreError, ClientError, OSError) as error:
            raise WrongUse(f"{self.uri}{key} cannot be read: {error}") from error


def open_place(text: str) -> AssetsPlace:
    """Return the place of a folder, or of a URI s3://<assets bucket>.

    A folder is a copy of the bucket, or has <dataset>/<run id>.json with Data Docs in docs/ beside it.

    Raises:
        WrongUse: there is no such folder.
    """
    if text.startswith("s3://") and len(text) > len("s3://"):
        return _open_bucket(S3Prefix.from_uri(text))
    folder = Path(text)
    if not folder.is_dir():
        raise WrongUse(f"{text} is no folder; name one with results or verdicts, or s3://<assets bucket>")
    if any((folder / name).is_dir() for name in DAY_LAYOUT):
        return AssetsPlace(FolderBucket(folder), "", f"{text.rstrip('/')}/")
    parent = folder.absolute().parent
    uri = f"{text.rstrip('/')}/".removesuffix(f"{folder.name}/")
    return AssetsPlace(FolderBucket(parent), "", uri, f"{folder.absolute().name}/")


def _open_bucket(place: S3Prefix) -> AssetsPlace:
    import boto3  # noqa: PLC0415  half a second that a folder need not wait for

    # Its stubs name services whose own are not installed.
    client: Any = boto3.client("s3")  # pyright: ignore[reportUnknownMemberType]
    prefix = place.prefix.strip("/") or "verdicts"
    return AssetsPlace(client, place.bucket, f"s3://{place.bucket}/", f"{prefix}/")
