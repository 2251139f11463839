"""Which raw objects the published table holds.

A ledger file is written before its run publishes and counts only where the published snapshot's summary points to it: so
data and bookkeeping cannot disagree.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from etl.head import Head
from etl.raw import Place, RawObject

POINTER = "sluice.ledger"  # the key in a snapshot's summary


@dataclass(frozen=True)
class Ledger:
    """The objects that a head holds, by (key, version), each with when it was put (UTC, ISO text).

    `quarantined` are the ids of the runs whose set-aside rows count, `replays` those whose rows were taken through the
    gate again, each with the run that did it.
    """

    held: dict[tuple[str, str], str] = field(default_factory=dict)
    quarantined: tuple[str, ...] = ()
    replays: dict[str, str] = field(default_factory=dict)

    def unread(self, listed: Iterable[RawObject]) -> list[RawObject]:
        """Return the listed objects that the table does not hold in this version."""
        return [found for found in listed if (found.key, found.version) not in self.held]

    def deleted(self, listed: Iterable[RawObject], expire_days: int, now: datetime) -> list[str]:
        """Return the keys that the table holds and the raw bucket no longer has.

        Those older than the raw bucket's own expiry (`expire_days`, 0 for never) are *expired*, not *deleted*: left out.
        """
        there = {found.key for found in listed}
        oldest = (now - timedelta(days=expire_days)).isoformat() if expire_days else ""
        return sorted({key for (key, _), put in self.held.items() if key not in there and put >= oldest})

    def with_these(self, added: Iterable[RawObject], quarantined: Iterable[str] = ()) -> "Ledger":
        """Return the ledger of a head that also holds these objects and counts these runs' set-aside rows."""
        held = {**self.held, **{(found.key, found.version): found.modified for found in added}}
        return replace(self, held=held, quarantined=(*self.quarantined, *quarantined))

    def refusal(self, run: str) -> str:
        """Say why no rows of a run can be replayed, and which can."""
        if later := self.replays.get(run):
            return f"what {run} set aside was replayed by {later}; a row is published once"
        return f"run {run} has no rows aside; runs that have: {', '.join(self.quarantined) or 'none'}"

    def replayed(self, run: str, by: str, aside: bool) -> "Ledger":
        """Return the ledger after the rows that `run` set aside went through the gate again in the run `by`.

        `aside` says whether some of them were set aside again.
        """
        left = tuple(one for one in self.quarantined if one != run)
        own = (by,) if aside else ()
        return replace(self, quarantined=(*left, *own), replays={**self.replays, run: by})


def read(s3: Any, head: Head) -> Ledger:
    """Return the ledger that a head points to; an empty one where nothing was published yet.

    Raises:
        RuntimeError: the head has a snapshot that no run of ours made.
    """
    if head.snapshot is None:
        return Ledger()
    if POINTER not in head.summary:
        raise RuntimeError(
            f"snapshot {head.snapshot} carries no {POINTER}: somebody else wrote to the table; roll back to ours"
        )
    place = Place.of(head.summary[POINTER])
    found = json.loads(s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read())
    held = {(entry["key"], entry["version"]): entry["modified"] for entry in found["objects"]}
    return Ledger(held, tuple(found["quarantined"]), found["replays"])


def write(s3: Any, uri: str, ledger: Ledger) -> None:
    """Write the ledger that the next head will point to."""
    objects = [{"key": key, "version": version, "modified": put} for (key, version), put in sorted(ledger.held.items())]
    place = Place.of(uri)
    body = json.dumps({"objects": objects, "quarantined": ledger.quarantined, "replays": ledger.replays}).encode()
    s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=body, ContentType="application/json")
