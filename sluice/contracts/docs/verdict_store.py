"""Where verdicts and Data Docs lie: a folder, or the assets bucket that the job writes them to."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from etl.storage.raw_objects import Place
from sluice.contracts.docs.verdicts import Told
from sluice.contracts.suite_files import WrongUse

LOOKED_AT = 50  # of a bucket's verdicts a dataset, the newest first: so far back a bad day is searched


class Shelf(Protocol):
    """What a site takes runs from."""

    def runs(self, dataset: str) -> Iterator[Told]:
        """Yield a dataset's runs, the newest first."""
        ...

    def page(self, run: Told, stage: str) -> bytes | None:
        """Return a stage's Data Docs of a run, None where there are none."""
        ...


def shelf(place: str) -> Shelf:
    """Return the shelf of a folder, or of a URI s3://bucket/verdicts/.

    Raises:
        WrongUse: there is no such folder.
    """
    if place.startswith("s3://") and len(place) > len("s3://"):
        return Bucket(Place.of(place))
    if not Path(place).is_dir():
        raise WrongUse(f"{place} is no folder; name one with verdicts, or s3://<assets bucket>/verdicts/")
    return Folder(Path(place))


class Folder:
    """A folder with <dataset>/<run id>.json, Data Docs under docs/ beside it; or one that holds both, as the bucket does."""

    def __init__(self, root: Path) -> None:
        both = (root / "verdicts").is_dir()
        self.docs = (root if both else root.parent) / "docs"
        files = sorted((root / "verdicts" if both else root).rglob("*.json"))
        found = [run for run in (_read(file.read_bytes(), str(file)) for file in files) if run]
        self.found = sorted(found, key=lambda run: run.started, reverse=True)

    def runs(self, dataset: str) -> Iterator[Told]:
        """Yield a dataset's runs, the newest first."""
        return (run for run in self.found if run.dataset == dataset)

    def page(self, run: Told, stage: str) -> bytes | None:
        """Return a stage's Data Docs of a run, None where there are none."""
        file = self.docs / run.dataset / run.run_id / f"{stage}.html"
        return file.read_bytes() if file.is_file() else None


class Bucket:
    """A prefix of a bucket, with <dataset>/<run id>.json below it, and Data Docs under docs/ of the same bucket."""

    def __init__(self, place: Place) -> None:
        import boto3  # noqa: PLC0415  half a second that a folder need not wait for

        self.place, self.s3 = place, boto3.client("s3")

    def runs(self, dataset: str) -> Iterator[Told]:
        """Yield a dataset's runs, the newest first, as far back as is looked.

        Raises:
            WrongUse: the bucket does not answer.
        """
        prefix = f"{self.place.prefix.strip('/') or 'verdicts'}/{dataset}/"
        with _answering(self.place.uri(prefix)):
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket, Prefix=prefix)
            listed = [found for page in pages for found in page.get("Contents", []) if found["Key"].endswith(".json")]
        for found in sorted(listed, key=lambda found: found["LastModified"], reverse=True)[:LOOKED_AT]:
            run = _read(self._body(found["Key"]) or b"", self.place.uri(found["Key"]))
            if run and run.dataset == dataset:
                yield run

    def page(self, run: Told, stage: str) -> bytes | None:
        """Return a stage's Data Docs of a run, None where there are none."""
        return self._body(f"docs/{run.dataset}/{run.run_id}/{stage}.html")

    def _body(self, key: str) -> bytes | None:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        with _answering(self.place.uri(key)):
            try:
                return self.s3.get_object(Bucket=self.place.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    return None
                raise


@contextmanager
def _answering(uri: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise WrongUse(f"{uri} cannot be read: {error}") from error


def _read(body: bytes, where: str) -> Told | None:
    try:
        return Told.of(json.loads(body))
    except (ValueError, RecursionError) as error:
        print(f"left out {where}: {error}", file=sys.stderr)
        return None
