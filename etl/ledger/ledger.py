"""Which raw objects the published table holds, and which rows are set aside.

A ledger is written before its run publishes and counts only where the published snapshot's summary points to it: so data
and bookkeeping cannot disagree. It is an index beside the objects' segments, two files a run: of objects it has as many
entries as segments, and beside these what was set aside, replayed, corrected or replaced (decision 6 says how that grows).
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from etl.contract.layout import DatasetLocations
from etl.errors import ForeignSnapshot, LedgerGone
from etl.iceberg.current_snapshot import Head
from etl.ledger.ingested_objects import HeldVersion, IngestedObjects, Segment
from etl.ledger.rewrites import Rewrite
from etl.storage.optional_objects import read_object
from etl.storage.raw_objects import RawObject, S3Prefix

POINTER = "sluice.ledger"  # the key in a snapshot's summary
CLOCK_MARGIN = timedelta(minutes=5)  # a run's clock may be a minute from S3's (`etl/storage/clock.py`)
Get = Callable[..., bytes | None]  # as `etl.storage.optional_objects.content`


@dataclass(frozen=True)
class ListingDifference:
    """What a listing shows against the ledger.

    Attributes:
        unread: listed objects that the table does not hold in this version.
        deleted: keys that it holds and the raw bucket lost before their time.
        expired: keys that it holds and the raw bucket's own expiry took, or whoever sends copies and keeps the last ones.
    """

    unread: list[RawObject]
    deleted: list[str]
    expired: list[str]


class TableCopy(NamedTuple):
    """A copy of a snapshot's source, ordered by which is newer.

    Attributes:
        first_put: when it was put the first time (UTC, ISO text), whatever was put in its place since.
        name: its object's key, or its folder with a slash at the end.
    """

    first_put: str
    name: str

    def holds(self, key: str) -> bool:
        """Say whether an object is of the copy."""
        return key == self.name or (self.name.endswith("/") and key.startswith(self.name))


@dataclass(frozen=True)
class Ledger:
    """The objects that a head holds, and what is set aside.

    `quarantined` are the ids of the runs whose set-aside rows count, `quarantined_by` says by when each of them had read its
    objects (UTC, ISO text; not before the ledger is written), `replays` those whose rows were taken through the
    gate again, each with the run that did it; `corrected` are objects that were read again since, each with the runs whose
    set-aside rows of it count no longer; `over` are objects whose rows replaced rows of others with the same key, each with
    these: they are read again with it. `sources` are the snapshots of the tables that the head was built from, by dataset.
    Of a snapshot, `copy` is the copy that the table is of, None where that is not known, and `superseded` are runs whose
    set-aside rows count no longer since a later run read a copy, each with that run.
    `rewrites` are the raw objects that were written anew without rows that are forgotten.
    `tombstones` is the snapshot of the deleted keys that count, "" where none do.
    """

    held: IngestedObjects = field(default_factory=IngestedObjects)
    quarantined: tuple[str, ...] = ()
    replays: dict[str, str] = field(default_factory=dict)
    corrected: dict[str, list[str]] = field(default_factory=dict)
    over: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    copy: TableCopy | None = None
    superseded: dict[str, str] = field(default_factory=dict)
    rewrites: dict[str, Rewrite] = field(default_factory=dict[str, Rewrite])
    tombstones: str = ""
    quarantined_by: dict[str, str] = field(default_factory=dict[str, str])

    def compare_listing(self, listed: list[RawObject], expire_days: int, now: datetime) -> ListingDifference:
        """Hold a listing against the ledger.

        An object is expired, not deleted, where it is older than the raw bucket's own expiry (`expire_days`, 0 for never), or
        of a copy that the table is of no longer.
        """
        unread, missing = self.held.compare_listing(listed)
        oldest = (now - timedelta(days=expire_days)).isoformat() if expire_days else ""
        expired = {
            key for key, held in missing.items() if held.put < oldest or (self.copy and not self.copy.holds(key))
        }
        return ListingDifference(unread, sorted(missing.keys() - expired), sorted(expired))

    def replaced_by(self, keys: Iterable[str]) -> set[str]:
        """Return the objects whose rows those of `keys` replaced, and those beneath them in turn."""
        replaced, pending = set[str](), list(keys)
        while pending:
            newly_found = set(self.over.get(pending.pop(), ())) - replaced
            replaced |= newly_found
            pending += newly_found
        return replaced

    def with_objects(
        self,
        objects: Iterable[RawObject],
        quarantined_runs: Iterable[str] = (),
        expired: Iterable[str] = (),
        *,
        keep_contents: bool = False,
    ) -> "Ledger":
        """Return the ledger of a head that holds these objects, in place of their earlier versions.

        `quarantined_runs` are runs whose set-aside rows count from now on, `expired` keys that need no remembering any more.
        `keep_contents` has it know the objects' bytes again once they are gone from the raw bucket.
        """
        put = {
            raw_object.key: HeldVersion(
                raw_object.version, raw_object.modified, raw_object.content if keep_contents else ""
            )
            for raw_object in objects
        }
        counted = set(self.quarantined)
        corrected = self._correct_objects(put) if counted else {}
        corrected = {key: [run for run in runs if run in counted] for key, runs in corrected.items()}
        return replace(
            self,
            held=self.held.with_objects(put, expired),
            quarantined=(*self.quarantined, *quarantined_runs),
            corrected={key: runs for key, runs in corrected.items() if runs},
            over={key: replaced_keys for key, replaced_keys in self.over.items() if key not in put},
            rewrites={
                key: rewrite
                for key, rewrite in self.rewrites.items()
                if key not in put or put[key].version == rewrite.version
            },
        )

    def with_copy(self, copy: TableCopy, run: str, has_quarantined: bool) -> "Ledger":
        """Return the ledger of a table that is of that copy, which `run` read whole: what others set aside counts no longer.

        `has_quarantined` says whether rows of the copy were set aside.
        """
        return replace(
            self,
            quarantined=(run,) if has_quarantined else (),
            corrected={},
            over={},
            copy=copy,
            superseded={**self.superseded, **{earlier: run for earlier in self.quarantined if earlier != run}},
        )

    def with_rewrites(self, rewrites: Mapping[str, Rewrite]) -> "Ledger":
        """Return the ledger that expects these objects to be written anew, beside those that were."""
        return replace(self, rewrites={**self.rewrites, **rewrites})

    def with_settled(self, settled: Mapping[str, Rewrite]) -> "Ledger":
        """Return the ledger that knows the versions of rewritten objects, and holds those whose former version it held."""
        held = self.held.select_held(settled)
        put = {
            key: value._replace(version=settled[key].version)
            for key, value in held.items()
            if value.version == settled[key].replaced
        }
        return replace(self, held=self.held.with_objects(put), rewrites={**self.rewrites, **settled})

    def record_replacements(self, replacements: Mapping[str, Iterable[str]]) -> "Ledger":
        """Return the ledger that also knows whose rows replaced whose in this run."""
        merged = {key: sorted({*self.over.get(key, ()), *replaced_keys}) for key, replaced_keys in replacements.items()}
        return replace(self, over={**self.over, **merged})

    def without_objects(self, keys: Collection[str]) -> "Ledger":
        """Return the ledger of a head that holds nothing of some objects: neither their rows nor what they set aside."""
        over = {
            winner: [other for other in replaced_keys if other not in keys]
            for winner, replaced_keys in self.over.items()
            if winner not in keys
        }
        unknown = set(keys) - self.held.select_held(keys).keys()  # of these any run may have rows
        corrected = self._correct_objects(keys) | {key: [*self.quarantined] for key in unknown}
        return replace(
            self,
            held=self.held.with_objects({}, keys),
            corrected=corrected if self.quarantined else self.corrected,
            over={winner: replaced_keys for winner, replaced_keys in over.items() if replaced_keys},
        )

    def _correct_objects(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Return what is corrected once the held ones of some objects are read again, or leave.

        An object that is corrected each hour would name every run otherwise, and the ledger grow with the square of them: a run
        that had read its objects before a version was put has no rows of it, and those of earlier versions are named already.
        """
        corrected = {**self.corrected}
        for key, held in self.held.select_held(keys).items():
            earlier = self.corrected.get(key, ())
            later = [run for run in self.quarantined if self.quarantined_by.get(run, held.put) >= held.put]
            corrected[key] = [*dict.fromkeys((*earlier, *later))]
        return corrected

    def counts_as_quarantined(self, key: str, run: str) -> bool:
        """Say whether rows of an object that a run set aside are aside now."""
        return run in self.quarantined and run not in self.corrected.get(key, ())

    def with_replay(self, run: str, replay_run: str, has_quarantined: bool) -> "Ledger":
        """Return the ledger after the rows that `run` set aside went through the gate again in the run `replay_run`.

        `has_quarantined` says whether some of them were set aside again.
        """
        remaining = tuple(quarantined_run for quarantined_run in self.quarantined if quarantined_run != run)
        own_run = (replay_run,) if has_quarantined else ()
        return replace(self, quarantined=(*remaining, *own_run), replays={**self.replays, run: replay_run})

    def replay_refusal(self, run: str) -> str:
        """Say why no rows of a run can be replayed, and which can."""
        if replayed_by := self.replays.get(run):
            return f"what {run} set aside was replayed by {replayed_by}; a row is published once"
        if later := self.superseded.get(run):
            return (
                f"what {run} set aside counts no longer: {later} read a whole copy since, with those rows as they are now. "
                f"Replay what {later} set aside, or have the next copy bring them right"
            )
        return f"run {run} has no rows aside; runs that have: {', '.join(self.quarantined) or 'none'}"


def read_ledger(s3: Any, head: Head, get: Get = read_object) -> Ledger:
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
            "ours (sluice rollback)"
        )
    pointer = head.summary[POINTER]
    body = _read_body(s3, get, pointer)
    if body is None:
        raise LedgerGone(_missing_file_message(pointer, head.snapshot))
    folders = _segment_folders(pointer)

    def fetch(file: str, start: int, end: int) -> bytes:
        for folder in folders:
            stretch = _read_body(s3, get, f"{folder}/{file}", Range=f"bytes={start}-{end - 1}")
            if stretch is not None:
                return stretch
        raise LedgerGone(_missing_file_message(f"{folders[0]}/{file}", head.snapshot))

    index = json.loads(body)
    segments = {int(number): Segment(*position) for number, position in index["segments"].items()}
    ingested = IngestedObjects(segments, fetch, folder=folders[0])
    runs, sources = tuple(index["quarantined"]), index.get("sources", {})
    copy = TableCopy(*index["copy"]) if index.get("copy") else None
    superseded, tombstones = index.get("superseded", {}), index.get("tombstones", "")
    rewrites = {key: Rewrite(*rewrite) for key, rewrite in index.get("rewrites", {}).items()}
    return Ledger(
        *(ingested, runs, index["replays"], index["corrected"], index["over"], sources),
        *(copy, superseded, rewrites, tombstones, index.get("quarantined_by", {})),
    )


def _read_body(s3: Any, get: Get, uri: str, **request: str) -> bytes | None:
    location = S3Prefix.from_uri(uri)
    return get(s3, location.bucket, location.prefix, **request)


def _segment_folders(pointer: str) -> list[str]:
    """Return where the segments of an index may be: beside it, or in the dataset's other folder.

    A run of an earlier version writes its index to the former folder, and refers to segments in whichever it read.
    """
    folder = _parent_folder(pointer)
    places = DatasetLocations.from_ledger_folder(folder)
    return list(dict.fromkeys((folder, *((places.ledgers, places.former_ledgers) if places else ()))))


def _parent_folder(uri: str) -> str:
    return uri.rpartition("/")[0]


def _missing_file_message(uri: str, snapshot: str | None) -> str:
    places = DatasetLocations.from_ledger_folder(_parent_folder(uri))
    return (
        f"{uri} is gone: it belongs to the ledger of snapshot {snapshot}, which says what the table holds; nothing was "
        f"changed. Rebuild it from the table: sluice repair {places.dataset if places else 'DATASET'}"
    )


def write_ledger(s3: Any, uri: str, ledger: Ledger) -> None:
    """Write the ledger that the next head will point to: its new segments, then the index at `uri`.

    A ledger that was read in another folder is written whole, so that nothing of it is needed there. It says of each run with
    rows aside by when that had read its objects: of one that no ledger said it of, by now.
    """
    now = (datetime.now(UTC) + CLOCK_MARGIN).isoformat(timespec="seconds")
    location, folder = S3Prefix.from_uri(uri), _parent_folder(uri)
    file = f"{location.prefix.rpartition('/')[2].removesuffix('.json')}.segments"
    quarantined_by = {run: ledger.quarantined_by.get(run, now) for run in ledger.quarantined}
    body, ingested = ledger.held.in_folder(folder).pack_segments(file)
    index = {
        "segments": {number: astuple(segment) for number, segment in ingested.segments.items()},
        "quarantined": ledger.quarantined,
        "replays": ledger.replays,
        "corrected": ledger.corrected,
        "over": ledger.over,
        "sources": ledger.sources,
        **({"copy": ledger.copy} if ledger.copy else {}),
        **({"superseded": ledger.superseded} if ledger.superseded else {}),
        **({"rewrites": ledger.rewrites} if ledger.rewrites else {}),
        **({"tombstones": ledger.tombstones} if ledger.tombstones else {}),
        **({"quarantined_by": quarantined_by} if quarantined_by else {}),
    }
    if body:
        s3.put_object(Bucket=location.bucket, Key=S3Prefix.from_uri(f"{folder}/{file}").prefix, Body=body)
    text = json.dumps(index).encode()
    s3.put_object(Bucket=location.bucket, Key=location.prefix, Body=text, ContentType="application/json")
