"""Which version of each raw object a table holds, in segments by key: a run reads only those that its listing disagrees with.

Each segment's digest is the sum of its objects' hashes, which the listing yields too: equal digests need no reading, so
the cost of a run grows with what is new and not with all that was ever read.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from etl.storage.raw_objects import RawObject

SEGMENT_COUNT = 256
DIGEST_MODULUS = 1 << 64
MAX_SINGLE_FETCHES = 16  # segments of one file that are read one by one; more are read in one stretch

Fetch = Callable[[str, int, int], bytes]


class HeldVersion(NamedTuple):
    """The version of an object that the table holds.

    Attributes:
        version: its id.
        put: when it was put (UTC, ISO text).
        content: its ETag and size, "" where that is not known: kept where rows have no key, and not by earlier versions.
    """

    version: str
    put: str
    content: str = ""


Objects = dict[str, HeldVersion]
"""By key."""


@dataclass(frozen=True)
class Segment:
    """Where a segment's objects stand: bytes `start` to `end` of `file`; its digest and how many they are."""

    digest: int
    count: int
    file: str
    start: int
    end: int


@dataclass(frozen=True)
class IngestedObjects:
    """The held objects; `fetch` reads bytes of a file of `folder`, `changed` are segments that are not written yet."""

    segments: Mapping[int, Segment] = field(default_factory=dict)
    fetch: Fetch = field(default=lambda *_: b"", compare=False)
    changed: Mapping[int, Objects] = field(default_factory=dict)
    folder: str = field(default="", compare=False)

    @cached_property
    def _loaded_segments(self) -> dict[int, Objects]:
        return dict(self.changed)

    def compare_listing(self, listed: Iterable[RawObject]) -> tuple[list[RawObject], Objects]:
        """Return the listed objects that are not held in their version, and the held ones that are not listed."""
        listed_by_segment: dict[int, list[RawObject]] = defaultdict(list)
        for raw_object in listed:
            listed_by_segment[segment_of(raw_object.key)].append(raw_object)
        digests = {number: (segment.digest, segment.count) for number, segment in self.segments.items()}
        digests |= {number: _digest_objects(objects) for number, objects in self.changed.items()}
        differing = {
            number
            for number in digests.keys() | listed_by_segment.keys()
            if digests.get(number, (0, 0)) != _digest_listing(listed_by_segment.get(number, ()))
        }
        self._load_segments(differing)
        held_objects = {key: value for number in differing for key, value in self._loaded_segments[number].items()}
        unread = [
            raw_object
            for number in differing
            for raw_object in listed_by_segment.get(number, ())
            if (held := held_objects.get(raw_object.key)) is None or held.version != raw_object.version
        ]
        listed_keys = {raw_object.key for number in differing for raw_object in listed_by_segment.get(number, ())}
        return sorted(unread), {key: value for key, value in held_objects.items() if key not in listed_keys}

    def select_held(self, keys: Iterable[str]) -> Objects:
        """Return those of the keys that are held."""
        wanted_keys = set(keys)
        self._load_segments({segment_of(key) for key in wanted_keys})
        return {
            key: segment_objects[key]
            for key in wanted_keys
            if key in (segment_objects := self._loaded_segments.get(segment_of(key), {}))
        }

    @property
    def count(self) -> int:
        """How many objects are held."""
        return sum(segment.count for number, segment in self.segments.items() if number not in self.changed) + sum(
            map(len, self.changed.values())
        )

    def all_objects(self) -> Objects:
        """Return every held object: not on a run's way, but where it takes all of them anew."""
        self._load_segments(set(self.segments))
        return {key: value for objects in self._loaded_segments.values() for key, value in objects.items()}

    def with_objects(self, put: Objects, without: Iterable[str] = ()) -> "IngestedObjects":
        """Return what is held with these objects in place of their earlier versions, and without those keys."""
        removed_keys = set(without)
        put_by_segment: dict[int, Objects] = defaultdict(dict)
        for key, held in put.items():
            put_by_segment[segment_of(key)][key] = held
        numbers = put_by_segment.keys() | {segment_of(key) for key in removed_keys}
        self._load_segments(numbers)
        changed = {**self.changed}
        for number in numbers:
            remaining = {
                key: value for key, value in self._loaded_segments.get(number, {}).items() if key not in removed_keys
            }
            changed[number] = remaining | put_by_segment.get(number, {})
        return replace(self, changed=changed)

    def in_folder(self, folder: str) -> "IngestedObjects":
        """Return what is held as a ledger in `folder` has it: no segment of it lies in a file of another folder."""
        if folder == self.folder:
            return self
        self._load_segments(set(self.segments))
        return IngestedObjects(
            changed={number: objects for number, objects in self._loaded_segments.items() if objects}, folder=folder
        )

    def pack_segments(self, file: str) -> tuple[bytes, "IngestedObjects"]:
        """Return what `file` must hold, and what is held once it does."""
        texts, end, segments = list[bytes](), 0, dict(self.segments)
        for number, objects in sorted(self.changed.items()):
            text = json.dumps({key: _stored_form(objects[key]) for key in sorted(objects)}).encode()
            segments[number] = Segment(*_digest_objects(objects), file, end, end + len(text))
            texts.append(text)
            end += len(text)
        return b"".join(texts), replace(self, segments=segments, changed={})

    def _load_segments(self, numbers: AbstractSet[int]) -> None:
        segments_by_file: dict[str, list[tuple[int, Segment]]] = defaultdict(list)
        for number in numbers - self._loaded_segments.keys():
            if number in self.segments and self.segments[number].count:
                segments_by_file[self.segments[number].file].append((number, self.segments[number]))
            else:
                self._loaded_segments[number] = {}
        for file, file_segments in segments_by_file.items():
            self._loaded_segments.update(_fetch_segments(self.fetch, file, file_segments))


def _fetch_segments(fetch: Fetch, file: str, file_segments: list[tuple[int, Segment]]) -> dict[int, Objects]:
    if len(file_segments) <= MAX_SINGLE_FETCHES:
        return {number: _parse_objects(fetch(file, segment.start, segment.end)) for number, segment in file_segments}
    first, last = min(segment.start for _, segment in file_segments), max(segment.end for _, segment in file_segments)
    body = fetch(file, first, last)
    return {
        number: _parse_objects(body[segment.start - first : segment.end - first]) for number, segment in file_segments
    }


def _parse_objects(body: bytes) -> Objects:
    return {key: HeldVersion(*held) for key, held in json.loads(body).items()}


def _stored_form(held: HeldVersion) -> tuple[str, ...]:
    """Return what a segment has of an object: without a content it is what earlier versions wrote, who read no more."""
    return held if held.content else held[:2]


def _digest_objects(objects: Objects) -> tuple[int, int]:
    return sum(_hash_version(key, held.version) for key, held in objects.items()) % DIGEST_MODULUS, len(objects)


def _digest_listing(listed: Collection[RawObject]) -> tuple[int, int]:
    return sum(_hash_version(raw_object.key, raw_object.version) for raw_object in listed) % DIGEST_MODULUS, len(listed)


def segment_of(key: str) -> int:
    """Return the segment that a key stands in."""
    return crc32(key.encode()) % SEGMENT_COUNT


def _hash_version(key: str, version: str) -> int:
    return int.from_bytes(blake2b(f"{key}\0{version}".encode(), digest_size=8).digest())
