"""Which unread objects may be read: those without a manifest, and those that one names with all else that it names.

What a manifest names goes together: a day waits for its manifest, and for what that names.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from etl.contract.arrivals import DueArrival
from etl.contract.key_globs import matches_key
from etl.contract.manifest_globs import with_manifest
from etl.contract.model import Contract
from etl.results.waiting_objects import MAX_WAITING_KEYS, WaitingObjects
from etl.sources.manifest_entries import ManifestEntry
from etl.sources.manifests import Manifest, ReadManifests, covered_keys, read_manifests_of
from etl.storage.raw_objects import RawObject
from etl.wording import join_names

MAX_MISSING_NAMED = 3  # files in what is waited for


@dataclass(frozen=True)
class ManifestChoice:
    """What manifests say of the unread objects.

    Attributes:
        unread: those that may be read.
        waiting: those that may not yet, by what they wait for.
        manifests: those that are about `unread`, markers among them.
        broken: files that are no manifests, and that nobody skips.
        groups: the keys of `unread` that belong together, as far as they are more than one.
    """

    unread: list[RawObject]
    waiting: tuple[WaitingObjects, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    broken: tuple[Manifest, ...] = ()
    groups: tuple[frozenset[str], ...] = ()

    def entries_of(self, key: str) -> list[tuple[Manifest, ManifestEntry]]:
        """Return what manifests say of an object."""
        return [(manifest, manifest.entries[key]) for manifest in self.manifests if key in manifest.entries]


@dataclass
class ManifestSelection:
    """The choice among unread objects.

    Attributes:
        contract: the input's.
        unread: what the ledger does not hold and nobody skips.
        manifests: all manifests that are listed.
        read_all: reads manifests.
        missing: returns those of some keys that are neither listed nor held.
        awaited: by key of an object that waits, for what.
    """

    contract: Contract
    unread: Sequence[RawObject]
    manifests: Sequence[RawObject]
    read_all: ReadManifests
    missing: Callable[[Collection[str]], Collection[str]]
    read: dict[str, Manifest] = field(default_factory=dict[str, Manifest], init=False)
    awaited: dict[str, str] = field(default_factory=dict[str, str], init=False)

    def choose(self, *, waits: bool = True) -> ManifestChoice:
        """Return the choice; what an operator has read again does not wait, and is held against manifests all the same."""
        bound: dict[str, RawObject] = {}
        for arrival in with_manifest(self.contract.arrivals):
            objects = {entry.key: entry for entry in self.unread if self._matches(entry, arrival.pattern)}
            bound |= objects
            self._find_uncovered(objects, arrival)
        members = self._members_of_manifests(bound)
        self._find_incomplete(members)
        self._spread(members)
        if not waits:
            self.awaited.clear()
        ready = [raw_object for raw_object in self.unread if raw_object.key not in self.awaited]
        is_ready = {raw_object.key for raw_object in ready}
        return ManifestChoice(
            ready,
            self._waiting_objects(),
            tuple(self.read[key] for key, keys in members.items() if keys & is_ready),
            tuple(manifest for manifest in self.read.values() if manifest.is_broken),
            _merge_groups([frozenset(keys & is_ready) for keys in members.values()]),
        )

    def _matches(self, raw_object: RawObject, glob: str) -> bool:
        return matches_key(raw_object.key, glob, self.contract.dataset)

    def _find_uncovered(self, objects: Mapping[str, RawObject], arrival: DueArrival) -> None:
        """Let those objects of an arrival wait that none of its manifests is about."""
        if not objects:
            return
        listed = [entry for entry in self.manifests if self._matches(entry, arrival.manifest or "")]
        manifests = read_manifests_of(objects, listed, self._read_once)
        for key in objects.keys() - covered_keys(manifests, objects):
            self.awaited.setdefault(key, _awaited_manifest(objects[key], arrival, manifests))

    def _read_once(self, raw_objects: Sequence[RawObject]) -> list[Manifest]:
        new = [raw_object for raw_object in raw_objects if raw_object.key not in self.read]
        self.read |= {manifest.object.key: manifest for manifest in self.read_all(new)}
        return [self.read[raw_object.key] for raw_object in raw_objects]

    def _members_of_manifests(self, bound: Mapping[str, RawObject]) -> dict[str, set[str]]:
        """Return the unread objects that each manifest is about, by its key; what a skipped one names goes alone."""
        return {key: manifest.select_covered(bound) for key, manifest in self.read.items() if not manifest.is_skipped}

    def _find_incomplete(self, members: Mapping[str, Collection[str]]) -> None:
        """Let the objects wait of a manifest that names what is not there."""
        for manifest_key, keys in members.items():
            if keys and (missing := sorted(self.missing(self.read[manifest_key].entries.keys()))):
                awaited = f"{join_names(missing, MAX_MISSING_NAMED)}, which {manifest_key} names"
                for key in keys:
                    self.awaited.setdefault(key, awaited)

    def _spread(self, members: Mapping[str, Collection[str]]) -> None:
        """Let all objects of a manifest wait of which one does, until that changes nothing more."""
        has_changed = True
        while has_changed:
            has_changed = False
            for manifest_key, keys in members.items():
                waiting = sorted(key for key in keys if key in self.awaited)
                if waiting and len(waiting) < len(keys):
                    awaited = f"{waiting[0]}, which waits itself and goes with them by {manifest_key}"
                    self.awaited |= {key: awaited for key in keys if key not in self.awaited}
                    has_changed = True

    def _waiting_objects(self) -> tuple[WaitingObjects, ...]:
        keys_by_reason: dict[str, list[str]] = defaultdict(list)
        for key, awaited in sorted(self.awaited.items()):
            keys_by_reason[awaited].append(key)
        return tuple(
            WaitingObjects(awaited, len(keys), tuple(keys[:MAX_WAITING_KEYS]))
            for awaited, keys in keys_by_reason.items()
        )


def _awaited_manifest(raw_object: RawObject, arrival: DueArrival, manifests: Sequence[Manifest]) -> str:
    """Say what an object waits for that no manifest is about."""
    above = [manifest for manifest in manifests if manifest.is_above(raw_object)]
    if earlier := [manifest for manifest in above if manifest.covers_folder]:
        return f"{earlier[-1].object.key} to be put again, since it is older"
    others = sum(bool(manifest.entries) for manifest in manifests)
    others_note = (
        f"; {others:,} that {'is' if others == 1 else 'are'} there {'names' if others == 1 else 'name'} others"
    )
    broken = [manifest.object.key for manifest in manifests if manifest.is_broken]
    return f"a manifest {arrival.manifest}{others_note * bool(others)}{f'; {broken[0]} is none' if broken else ''}"


def _merge_groups(groups: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Return groups of more than one as such that share nothing."""
    merged: list[frozenset[str]] = []
    for group in groups:
        if len(group) < 2:
            continue
        sharing = [other for other in merged if other & group]
        merged = [other for other in merged if not other & group]
        merged.append(group.union(*sharing))
    return tuple(sorted(merged, key=min))
