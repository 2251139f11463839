"""Where verdicts and Data Docs lie: a folder, or the assets bucket that the job writes them to."""

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from etl.errors import VerdictUnreadable
from etl.storage.raw_objects import S3Prefix
from sluice.cli.errors import WrongUse
from sluice.site.verdicts import RunSummary

if TYPE_CHECKING:  # stubs alone
    from mypy_boto3_s3 import S3Client

MOST_VERDICTS = 50  # of a bucket's verdicts a dataset, the newest first: so far back a bad day is searched


class VerdictStore(Protocol):
    """What a site takes runs from."""

    def list_runs(self, dataset: str) -> Iterator[RunSummary]:
        """Yield a dataset's runs, the newest first."""
        ...

    def load_page(self, run: RunSummary, stage: str) -> bytes | None:
        """Return a stage's Data Docs of a run, None where there are none."""
        ...


def open_store(place: str) -> VerdictStore:
    """Return the shelf of a folder, or of a URI s3://bucket/verdicts/.

    Raises:
        WrongUse: there is no such folder.
    """
    if place.startswith("s3://") and len(place) > len("s3://"):
        return BucketStore(S3Prefix.from_uri(place))
    if not Path(place).is_dir():
        raise WrongUse(f"{place} is no folder; name one with verdicts, or s3://<assets bucket>/verdicts/")
    return FolderStore(Path(place))


class FolderStore:
    """A folder with <dataset>/<run id>.json, Data Docs under docs/ beside it; or one that holds both, as the bucket does."""

    def __init__(self, root: Path) -> None:
        holds_both = (root / "verdicts").is_dir()
        self.docs = (root if holds_both else root.parent) / "docs"
        files = sorted((root / "verdicts" if holds_both else root).rglob("*.json"))
        runs = [run for run in (_parse_run(file.read_bytes(), str(file)) for file in files) if run]
        self.all_runs = sorted(runs, key=lambda run: run.started, reverse=True)

    def list_runs(self, dataset: str) -> Iterator[RunSummary]:
        """Yield a dataset's runs, the newest first."""
        return (run for run in self.all_runs if run.dataset == dataset)

    def load_page(self, run: RunSummary, stage: str) -> bytes | None:
        """Return a stage's Data Docs of a run, None where there are none."""
        file = self.docs / run.dataset / run.run_id / f"{stage}.html"
        return file.read_bytes() if file.is_file() else None


class BucketStore:
    """A prefix of a bucket, with <dataset>/<run id>.json below it, and Data Docs under docs/ of the same bucket."""

    def __init__(self, place: S3Prefix) -> None:
        import boto3  # noqa: PLC0415  half a second that a folder need not wait for

        self.place = place
        # Its stubs name services whose own are not installed.
        self.s3: S3Client = boto3.client("s3")  # pyright: ignore[reportUnknownMemberType]

    def list_runs(self, dataset: str) -> Iterator[RunSummary]:
        """Yield a dataset's runs, the newest first, as far back as is looked.

        Raises:
            WrongUse: the bucket does not answer.
        """
        prefix = f"{self.place.prefix.strip('/') or 'verdicts'}/{dataset}/"
        with _reporting_errors(self.place.uri(prefix)):
            pages: Any = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket, Prefix=prefix)
            listed = [
                entry for page in pages for entry in page.get("Contents", []) if entry.get("Key", "").endswith(".json")
            ]
        for entry in sorted(listed, key=lambda entry: entry["LastModified"], reverse=True)[:MOST_VERDICTS]:
            run = _parse_run(self._read_body(entry["Key"]) or b"", self.place.uri(entry["Key"]))
            if run and run.dataset == dataset:
                yield run

    def load_page(self, run: RunSummary, stage: str) -> bytes | None:
        """Return a stage's Data Docs of a run, None where there are none."""
        return self._read_body(f"docs/{run.dataset}/{run.run_id}/{stage}.html")

    def _read_body(self, key: str) -> bytes | None:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        with _reporting_errors(self.place.uri(key)):
            try:
                return self.s3.get_object(Bucket=self.place.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                    return None
                raise


@contextmanager
def _reporting_errors(uri: str) -> Generator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise WrongUse(f"{uri} cannot be read: {error}") from error


def _parse_run(body: bytes, where: str) -> RunSummary | None:
    try:
        return RunSummary.from_verdict(json.loads(body))
    except (ValueError, RecursionError, VerdictUnreadable) as error:
        print(f"left out {where}: {error}", file=sys.stderr)
        return None
