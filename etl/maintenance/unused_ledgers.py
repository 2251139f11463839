"""Ledger files that no snapshot refers to any more."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from etl.contract.layout import Places
from etl.iceberg.current_snapshot import Head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER
from etl.ledger.skip_list import FILE  # an operator's, and no run's
from etl.storage.raw_objects import Place

OURS = (".json", ".segments")
MOST_AT_ONCE = 1000  # keys that S3 deletes in one request


def prune(s3: Any, location: str, summaries: Iterable[Mapping[str, str]], before: datetime) -> int:
    """Delete ledger files older than a time that belong to none of these snapshots' summaries; return how many.

    Of both folders: the former one empties as the snapshots expire whose summaries name it.

    An index refers to the segments of many earlier runs. A run that died before it wrote its index left a snapshot that
    points to none: there is nothing to keep for it.
    """
    places = Places.of(location)
    folders = [Place.of(f"{folder}/") for folder in (places.ledgers, places.former_ledgers)]
    listed = {
        (at, name): time for at in folders for name, time in _listed(s3, at) if name.endswith(OURS) and name != FILE
    }
    there, kept = {name for _, name in listed}, set[str]()
    for pointer in {one[POINTER] for one in summaries if POINTER in one}:
        if (index := pointer.rpartition("/")[2]) in there:
            known = ledger.read(s3, Head(index, 0, {POINTER: pointer}))
            # By name, in both folders: the former may have an index whose segments are in the other.
            kept |= {index, *(segment.file for segment in known.held.segments.values())}
    doomed = sorted(f"{at.prefix}{name}" for (at, name), time in listed.items() if name not in kept and time < before)
    for start in range(0, len(doomed), MOST_AT_ONCE):
        keys = [{"Key": key} for key in doomed[start : start + MOST_AT_ONCE]]
        answer = s3.delete_objects(Bucket=folders[0].bucket, Delete={"Objects": keys, "Quiet": True})
        if refused := answer.get("Errors"):  # the request itself succeeds
            first = refused[0]
            raise PermissionError(
                f"s3:DeleteObject of {folders[0].uri(first['Key'])}: {first['Code']} {first['Message']}"
            )
    return len(doomed)


def _listed(s3: Any, place: Place) -> Iterator[tuple[str, datetime]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
    for page in pages:
        for found in page.get("Contents", ()):
            yield found["Key"].removeprefix(place.prefix), found["LastModified"]
