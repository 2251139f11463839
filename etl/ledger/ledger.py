"""Which raw objects the published table holds, and which rows are set aside.

A ledger is written before its run publishes and counts only where the published snapshot's summary points to it: so data
and bookkeeping cannot disagree. It is an index beside the objects' segments, two files a run: of objects it has as many
entries as segments, and beside these what was set aside, replayed, corrected or replaced (decision 6 says how that grows).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from etl.contract.layout import Places
from etl.errors import ForeignSnapshot, LedgerGone
from etl.iceberg.current_snapshot import Head
from etl.ledger.ingested_objects import Held, Segment
from etl.storage.optional_objects import content
from etl.storage.raw_objects import Place, RawObject

POINTER = "sluice.ledger"  # the key in a snapshot's summary
Get = Callable[..., bytes | None]  # as `etl.storage.optional_objects.content`


@dataclass(frozen=True)
class Difference:
    """What a listing shows against the ledger.

    Attributes:
        unread: listed objects that the table does not hold in this version.
        deleted: keys that it holds and the raw bucket lost before their time.
        expired: keys that it holds and the raw bucket's own expiry took.
    """

    unread: list[RawObject]
    deleted: list[str]
    expired: list[str]


@dataclass(frozen=True)
class Ledger:
    """The objects that a head holds, and what is set aside.

    `quarantined` are the ids of the runs whose set-aside rows count, `replays` those whose rows were taken through the
    gate again, each with the run that did it; `corrected` are objects that were read again since, each with the runs whose
    set-aside rows of it count no longer; `over` are objects whose rows replaced rows of others with the same key, each with
    these: they are read again with it. `sources` are the snapshots of the tables that the head was built from, by dataset.
    """

    held: Held = field(default_factory=Held)
    quarantined: tuple[str, ...] = ()
    replays: dict[str, str] = field(default_factory=dict)
    corrected: dict[str, list[str]] = field(default_factory=dict)
    over: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def difference(self, listed: list[RawObject], expire_days: int, now: datetime) -> Difference:
        """Hold a listing against the ledger.

        An object is expired, not deleted, where it is older than the raw bucket's own expiry (`expire_days`, 0 for never).
        """
        unread, gone = self.held.compare(listed)
        oldest = (now - timedelta(days=expire_days)).isoformat() if expire_days else ""
        return Difference(
            unread,
            sorted(key for key, (_, put) in gone.items() if put >= oldest),
            sorted(key for key, (_, put) in gone.items() if put < oldest),
        )

    def beneath(self, keys: Iterable[str]) -> set[str]:
        """Return the objects whose rows those of `keys` replaced, and those beneath them in turn."""
        found, todo = set[str](), list(keys)
        while todo:
            beneath = set(self.over.get(todo.pop(), ())) - found
            found |= beneath
            todo += beneath
        return found

    def with_these(self, read: Iterable[RawObject], aside: Iterable[str] = (), expired: Iterable[str] = ()) -> "Ledger":
        """Return the ledger of a head that holds these objects, in place of their earlier versions.

        `aside` are runs whose set-aside rows count from now on, `expired` keys that need no remembering any more.
        """
        put = {one.key: (one.version, one.modified) for one in read}
        counted = set(self.quarantined)
        again = {key: [*self.quarantined] for key in self.held.of(put)} if counted else {}
        corrected = {key: [run for run in runs if run in counted] for key, runs in self.corrected.items()} | again
        return replace(
            self,
            held=self.held.replaced(put, expired),
            quarantined=(*self.quarantined, *aside),
            corrected={key: runs for key, runs in corrected.items() if runs},
            over={key: lost for key, lost in self.over.items() if key not in put},
        )

    def won(self, over: Mapping[str, Iterable[str]]) -> "Ledger":
        """Return the ledger that also knows whose rows replaced whose in this run."""
        every = {key: sorted({*self.over.get(key, ()), *lost}) for key, lost in over.items()}
        return replace(self, over={**self.over, **every})

    def counts(self, key: str, run: str) -> bool:
        """Say whether rows of an object that a run set aside are aside now."""
        return run in self.quarantined and run not in self.corrected.get(key, ())

    def replayed(self, run: str, by: str, aside: bool) -> "Ledger":
        """Return the ledger after the rows that `run` set aside went through the gate again in the run `by`.

        `aside` says whether some of them were set aside again.
        """
        left = tuple(one for one in self.quarantined if one != run)
        own = (by,) if aside else ()
        return replace(self, quarantined=(*left, *own), replays={**self.replays, run: by})

    def refusal(self, run: str) -> str:
        """Say why no rows of a run can be replayed, and which can."""
        if later := self.replays.get(run):
            return f"what {run} set aside was replayed by {later}; a row is published once"
        return f"run {run} has no rows aside; runs that have: {', '.join(self.quarantined) or 'none'}"


def read(s3: Any, head: Head, get: Get = content) -> Ledger:
    """Return the ledger that a head points to; an empty one where nothing was published yet. `get` reads its files.

    Raises:
        ForeignSnapshot: the head has a snapshot that no run of ours made.
        LedgerGone: the file that it points to is not there; a segment's file raises it when it is read.
    """
    if head.snapshot is None:
        return Ledger()
    if POINTER not in head.summary:
        raise ForeignSnapshot(
            f"snapshot {head.snapshot} carries no {POINTER}: somebody else wrote to the table; roll back to the last of "
            "ours (python -m operate rollback)"
        )
    pointer = head.summary[POINTER]
    body = _body(s3, get, pointer)
    if body is None:
        raise LedgerGone(_gone(pointer, head.snapshot))
    folders = _folders(pointer)

    def fetch(file: str, start: int, end: int) -> bytes:
        for folder in folders:
            stretch = _body(s3, get, f"{folder}/{file}", Range=f"bytes={start}-{end - 1}")
            if stretch is not None:
                return stretch
        raise LedgerGone(_gone(f"{folders[0]}/{file}", head.snapshot))

    found = json.loads(body)
    segments = {int(at): Segment(*one) for at, one in found["segments"].items()}
    held = Held(segments, fetch, folder=folders[0])
    runs, sources = tuple(found["quarantined"]), found.get("sources", {})
    return Ledger(held, runs, found["replays"], found["corrected"], found["over"], sources)


def _body(s3: Any, get: Get, uri: str, **asked: str) -> bytes | None:
    place = Place.of(uri)
    return get(s3, place.bucket, place.prefix, **asked)


def _folders(pointer: str) -> list[str]:
    """Return where the segments of an index may be: beside it, or in the dataset's other folder.

    A run of an earlier version writes its index to the former folder, and refers to segments in whichever it read.
    """
    folder = _folder(pointer)
    places = Places.of_ledgers(folder)
    return list(dict.fromkeys((folder, *((places.ledgers, places.former_ledgers) if places else ()))))


def _folder(uri: str) -> str:
    return uri.rpartition("/")[0]


def _gone(uri: str, snapshot: str | None) -> str:
    places = Places.of_ledgers(_folder(uri))
    return (
        f"{uri} is gone: it belongs to the ledger of snapshot {snapshot}, which says what the table holds; nothing was "
        f"changed. Rebuild it from the table: python -m operate repair {places.dataset if places else 'DATASET'}"
    )


def write(s3: Any, uri: str, ledger: Ledger) -> None:
    """Write the ledger that the next head will point to: its new segments, then the index at `uri`.

    A ledger that was read in another folder is written whole, so that nothing of it is needed there.
    """
    place, folder = Place.of(uri), _folder(uri)
    file = f"{place.prefix.rpartition('/')[2].removesuffix('.json')}.segments"
    body, held = ledger.held.at(folder).packed(file)
    index = {
        "segments": {at: astuple(one) for at, one in held.segments.items()},
        "quarantined": ledger.quarantined,
        "replays": ledger.replays,
        "corrected": ledger.corrected,
        "over": ledger.over,
        "sources": ledger.sources,
    }
    if body:
        s3.put_object(Bucket=place.bucket, Key=Place.of(f"{folder}/{file}").prefix, Body=body)
    text = json.dumps(index).encode()
    s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=text, ContentType="application/json")
