"""Which version of each raw object a table holds, in segments by key: a run reads only those that its listing disagrees with.

Each segment's digest is the sum of its objects' hashes, which the listing yields too: equal digests need no reading, so
the cost of a run grows with what is new and not with all that was ever read.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from zlib import crc32

from etl.storage.raw_objects import RawObject

SEGMENTS = 256
WRAP = 1 << 64
FEW = 16  # segments of one file that are read one by one; more are read in one stretch

Objects = dict[str, tuple[str, str]]  # by key: version, and when it was put (UTC, ISO text)
Fetch = Callable[[str, int, int], bytes]


@dataclass(frozen=True)
class Segment:
    """Where a segment's objects stand: bytes `start` to `end` of `file`; its digest and how many they are."""

    digest: int
    count: int
    file: str
    start: int
    end: int


@dataclass(frozen=True)
class Held:
    """The held objects; `fetch` reads bytes of a file of `folder`, `changed` are segments that are not written yet."""

    segments: Mapping[int, Segment] = field(default_factory=dict)
    fetch: Fetch = field(default=lambda *_: b"", compare=False)
    changed: Mapping[int, Objects] = field(default_factory=dict)
    folder: str = field(default="", compare=False)

    @cached_property
    def _read(self) -> dict[int, Objects]:
        return dict(self.changed)

    def compare(self, listed: Iterable[RawObject]) -> tuple[list[RawObject], Objects]:
        """Return the listed objects that are not held in their version, and the held ones that are not listed."""
        seen: dict[int, list[RawObject]] = defaultdict(list)
        for one in listed:
            seen[segment_of(one.key)].append(one)
        known = {at: (one.digest, one.count) for at, one in self.segments.items()}
        known |= {at: _sum(objects) for at, objects in self.changed.items()}
        differ = {at for at in known.keys() | seen.keys() if known.get(at, (0, 0)) != _sum_of(seen.get(at, ()))}
        self._load(differ)
        held = {key: value for at in differ for key, value in self._read[at].items()}
        unread = [one for at in differ for one in seen.get(at, ()) if held.get(one.key, ("",))[0] != one.version]
        there = {one.key for at in differ for one in seen.get(at, ())}
        return sorted(unread), {key: value for key, value in held.items() if key not in there}

    def of(self, keys: Iterable[str]) -> Objects:
        """Return those of the keys that are held."""
        wanted = set(keys)
        self._load({segment_of(key) for key in wanted})
        return {key: found[key] for key in wanted if key in (found := self._read.get(segment_of(key), {}))}

    @property
    def count(self) -> int:
        """How many objects are held."""
        return sum(one.count for at, one in self.segments.items() if at not in self.changed) + sum(
            map(len, self.changed.values())
        )

    def all(self) -> Objects:
        """Return every held object: not on a run's way, but where it takes all of them anew."""
        self._load(set(self.segments))
        return {key: value for objects in self._read.values() for key, value in objects.items()}

    def replaced(self, put: Objects, without: Iterable[str] = ()) -> "Held":
        """Return what is held with these objects in place of their earlier versions, and without those keys."""
        gone = set(without)
        self._load({segment_of(key) for key in (*put, *gone)})
        changed = {**self.changed}
        for at in {segment_of(key) for key in (*put, *gone)}:
            kept = {key: value for key, value in self._read.get(at, {}).items() if key not in gone}
            changed[at] = kept | {key: value for key, value in put.items() if segment_of(key) == at}
        return replace(self, changed=changed)

    def at(self, folder: str) -> "Held":
        """Return what is held as a ledger in `folder` has it: no segment of it lies in a file of another folder."""
        if folder == self.folder:
            return self
        self._load(set(self.segments))
        return Held(changed={at: objects for at, objects in self._read.items() if objects}, folder=folder)

    def packed(self, file: str) -> tuple[bytes, "Held"]:
        """Return what `file` must hold, and what is held once it does."""
        body, segments = b"", dict(self.segments)
        for at, objects in sorted(self.changed.items()):
            text = json.dumps({key: objects[key] for key in sorted(objects)}).encode()
            segments[at] = Segment(*_sum(objects), file, len(body), len(body) + len(text))
            body += text
        return body, replace(self, segments=segments, changed={})

    def _load(self, wanted: set[int]) -> None:
        places: dict[str, list[tuple[int, Segment]]] = defaultdict(list)
        for at in wanted - self._read.keys():
            if at in self.segments and self.segments[at].count:
                places[self.segments[at].file].append((at, self.segments[at]))
            else:
                self._read[at] = {}
        for file, found in places.items():
            self._read.update(_fetched(self.fetch, file, found))


def _fetched(fetch: Fetch, file: str, found: list[tuple[int, Segment]]) -> dict[int, Objects]:
    if len(found) <= FEW:
        return {at: _parsed(fetch(file, one.start, one.end)) for at, one in found}
    first, last = min(one.start for _, one in found), max(one.end for _, one in found)
    body = fetch(file, first, last)
    return {at: _parsed(body[one.start - first : one.end - first]) for at, one in found}


def _parsed(body: bytes) -> Objects:
    return {key: (version, put) for key, (version, put) in json.loads(body).items()}


def _sum(objects: Objects) -> tuple[int, int]:
    return sum(_hash(key, version) for key, (version, _) in objects.items()) % WRAP, len(objects)


def _sum_of(listed: Collection[RawObject]) -> tuple[int, int]:
    return sum(_hash(one.key, one.version) for one in listed) % WRAP, len(listed)


def segment_of(key: str) -> int:
    """Return the segment that a key stands in."""
    return crc32(key.encode()) % SEGMENTS


def _hash(key: str, version: str) -> int:
    return int.from_bytes(blake2b(f"{key}\0{version}".encode(), digest_size=8).digest())
