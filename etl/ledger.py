"""Which raw objects the published table holds.

A ledger file is written before its run publishes and counts only where the published snapshot's summary points to it: so
data and bookkeeping cannot disagree.
"""

import json
from collections.abc import Iterable
from typing import Any

from etl.head import Head
from etl.raw import Place, RawObject

POINTER = "sluice.ledger"  # the key in a snapshot's summary


def held(s3: Any, head: Head) -> set[tuple[str, str]]:
    """Return (key, version) of every raw object that the head holds.

    Raises:
        RuntimeError: the head has a snapshot that no run of ours made.
    """
    if head.snapshot is None:
        return set()
    if POINTER not in head.summary:
        raise RuntimeError(
            f"snapshot {head.snapshot} carries no {POINTER}: somebody else wrote to the table; roll back to ours"
        )
    place = Place.of(head.summary[POINTER])
    entries = json.loads(s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read())["objects"]
    return {(entry["key"], entry["version"]) for entry in entries}


def unread(listed: Iterable[RawObject], known: set[tuple[str, str]]) -> list[RawObject]:
    """Return the listed objects that the table does not hold in this version."""
    return [found for found in listed if (found.key, found.version) not in known]


def write(s3: Any, uri: str, known: set[tuple[str, str]], added: Iterable[RawObject]) -> None:
    """Write the ledger that the next head will point to: what was held, and what this run adds."""
    objects = sorted(known | {(found.key, found.version) for found in added})
    body = json.dumps({"objects": [{"key": key, "version": version} for key, version in objects]})
    place = Place.of(uri)
    s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=body.encode(), ContentType="application/json")
