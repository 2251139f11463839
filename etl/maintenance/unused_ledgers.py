"""Ledger files that no snapshot refers to any more."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from etl.contract.layout import DatasetLocations
from etl.errors import LedgerGone
from etl.iceberg.current_snapshot import Head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER
from etl.ledger.skip_list import SKIP_FILE  # an operator's, and no run's
from etl.storage.raw_objects import S3Prefix

LEDGER_SUFFIXES = (".json", ".segments")
MAX_KEYS_PER_DELETE = 1000  # keys that S3 deletes in one request


def prune_files(s3: Any, location: str, summaries: Iterable[Mapping[str, str]], before: datetime) -> int:
    """Delete ledger files older than a time that belong to none of these snapshots' summaries; return how many.

    Of both folders: the former one empties as the snapshots expire whose summaries name it.

    An index refers to the segments of many earlier runs. A run that died before it wrote its index left a snapshot that
    points to none: there is nothing to keep for it.
    """
    places = DatasetLocations.from_location(location)
    folders = [S3Prefix.from_uri(f"{folder}/") for folder in (places.ledgers, places.former_ledgers)]
    listed_files = {
        (ledger_folder, name): time
        for ledger_folder in folders
        for name, time in _list_files(s3, ledger_folder)
        if name.endswith(LEDGER_SUFFIXES) and name != SKIP_FILE
    }
    existing_names, referenced_names = {name for _, name in listed_files}, set[str]()
    for pointer in {summary[POINTER] for summary in summaries if POINTER in summary}:
        if (index := pointer.rpartition("/")[2]) in existing_names:
            indexed_ledger = ledger.read_ledger(s3, Head(index, 0, {POINTER: pointer}))
            # By name, in both folders: the former may have an index whose segments are in the other.
            referenced_names |= {index, *(segment.file for segment in indexed_ledger.held.segments.values())}
    unreferenced_keys = sorted(
        f"{ledger_folder.prefix}{name}"
        for (ledger_folder, name), time in listed_files.items()
        if name not in referenced_names and time < before
    )
    for start in range(0, len(unreferenced_keys), MAX_KEYS_PER_DELETE):
        keys = [{"Key": key} for key in unreferenced_keys[start : start + MAX_KEYS_PER_DELETE]]
        answer = s3.delete_objects(Bucket=folders[0].bucket, Delete={"Objects": keys, "Quiet": True})
        if refused := answer.get("Errors"):  # the request itself succeeds
            first_error = refused[0]
            raise PermissionError(
                f"s3:DeleteObject of {folders[0].uri(first_error['Key'])}: {first_error['Code']} {first_error['Message']}"
            )
    return len(unreferenced_keys)


def retained_tombstones(s3: Any, summaries: Iterable[Mapping[str, str]]) -> frozenset[int]:
    """Return the snapshots of deleted keys that ledgers name to which these snapshots' summaries point.

    A rollback brings such a ledger back, and what it names must be there. One that is gone itself names none.
    """
    snapshots = set[int]()
    for pointer in {summary[POINTER] for summary in summaries if POINTER in summary}:
        with suppress(LedgerGone):
            retained = ledger.read_ledger(s3, Head("", 0, {POINTER: pointer})).tombstones
            snapshots |= {int(retained)} if retained else set()
    return frozenset(snapshots)


def _list_files(s3: Any, folder: S3Prefix) -> Iterator[tuple[str, datetime]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=folder.bucket, Prefix=folder.prefix)
    for page in pages:
        for entry in page.get("Contents", ()):
            yield entry["Key"].removeprefix(folder.prefix), entry["LastModified"]
