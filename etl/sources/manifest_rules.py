"""`structure.manifest`: what a manifest says of an object, held against the object: size, checksum, and rows."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from etl.contract.manifest_globs import with_manifest
from etl.contract.model import Contract
from etl.contract.sample_values import format_samples
from etl.contract.structure_rules import StructureRule
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import structure_result
from etl.sources.manifest_entries import ManifestEntry
from etl.sources.manifest_selection import ManifestChoice
from etl.storage.many_objects import AT_ONCE
from etl.storage.raw_objects import RawObject, S3Prefix
from etl.wording import count_noun

CHUNK_BYTES = 1024 * 1024
MAX_DETAIL_LENGTH = 500
Digests = Mapping[str, str]
"""Lower hex by algorithm."""


@dataclass(frozen=True)
class ManifestFault:
    """An object that is not what a manifest says, or a manifest that is none."""

    object: RawObject
    detail: str


@dataclass(frozen=True)
class ObjectDigests:
    """Computes checksums of objects by reading them, each version once: an ETag is none of encrypted or large objects."""

    s3: Any
    raw_prefix: S3Prefix
    computed: dict[tuple[str, str], Digests] = field(default_factory=dict[tuple[str, str], Digests])

    def compute(self, raw_object: RawObject, algorithms: Iterable[str]) -> Digests:
        """Return an object's checksums by some algorithms, in constant memory."""
        place, expected = (raw_object.key, raw_object.version), set(algorithms)
        if not expected <= self.computed.get(place, {}).keys():
            hashes = {name: hashlib.new(name, usedforsecurity=False) for name in expected}
            body = self.s3.get_object(Bucket=self.raw_prefix.bucket, Key=place[0], VersionId=place[1])["Body"]
            for chunk in body.iter_chunks(CHUNK_BYTES):
                for each in hashes.values():
                    each.update(chunk)
            self.computed[place] = {name: each.hexdigest() for name, each in hashes.items()}
        return self.computed[place]


@dataclass(frozen=True)
class ManifestAudit:
    """What manifests say of the objects of a run, and what judges it.

    Attributes:
        dataset: whose objects they are; "" where its contract names no manifest, and nothing is judged.
        choice: what the manifests say.
        digests: computes checksums.
    """

    dataset: str
    choice: ManifestChoice
    digests: ObjectDigests

    @classmethod
    def for_contract(cls, contract: Contract, choice: ManifestChoice, digests: ObjectDigests) -> "ManifestAudit":
        """Return that of a dataset by its input contract."""
        return cls(contract.dataset if with_manifest(contract.arrivals) else "", choice, digests)

    @property
    def used(self) -> list[RawObject]:
        """The manifests that are about the objects of the run."""
        return [manifest.object for manifest in self.choice.manifests]

    @property
    def compared(self) -> list[RawObject]:
        """Those of them that say something of an object, and not only that it is there."""
        return [manifest.object for manifest in self.choice.manifests if not manifest.is_marker]

    @property
    def broken(self) -> list[RawObject]:
        """What should be a manifest and is none."""
        return [manifest.object for manifest in self.choice.broken]

    def parts_of(self, unread: Sequence[RawObject]) -> list[frozenset[str]]:
        """Return the keys of objects that go together or not at all: those of a manifest, and each other alone."""
        groups = self.choice.groups
        grouped = frozenset[str]().union(*groups)
        alone = [frozenset({raw_object.key}) for raw_object in unread if raw_object.key not in grouped]
        return sorted([*groups, *alone], key=min)

    def without_broken(self) -> "ManifestAudit":
        """Return it for a part of the objects: what is no manifest is no part's."""
        return replace(self, choice=replace(self.choice, broken=()))

    def judge_objects(self, unread: Sequence[RawObject]) -> list[RuleResult]:
        """Return the rule where it is one, judged before a row is read.

        It is broken by objects that are not what a manifest says, and by what is no manifest.
        """
        if not self.dataset:
            return []
        named = self._named(unread)
        with ThreadPoolExecutor(AT_ONCE) as executor:
            details = [*executor.map(self._difference, named)]
        faults = [
            ManifestFault(manifest.object, f"{manifest.object.key} is no manifest: {manifest.fault}")
            for manifest in self.choice.broken
        ]
        faults += [
            ManifestFault(raw_object, detail) for raw_object, detail in zip(named, details, strict=True) if detail
        ]
        return [manifest_result(self.dataset, faults).judging(len(named) + len(self.choice.broken))]

    def says_rows(self, unread: Sequence[RawObject]) -> bool:
        """Say whether a manifest says how many rows one of the objects has."""
        return any(self._expected_rows(unread))

    def judge_rows(self, unread: Sequence[RawObject], counts: Mapping[str, int]) -> list[RuleResult]:
        """Return the rule once more, broken by objects that have other numbers of rows than a manifest says.

        `counts` are the rows of each object that were read, those that were set aside among them.
        """
        faults = [
            ManifestFault(raw_object, f"{raw_object.key}: {manifest} says {count_noun(rows, 'row')}, it has {actual:,}")
            for raw_object, manifest, rows in self._expected_rows(unread)
            if (actual := counts.get(raw_object.key, 0)) != rows
        ]
        return [manifest_result(self.dataset, faults).judging(len(self._named(unread)))]

    def _named(self, unread: Sequence[RawObject]) -> list[RawObject]:
        """Return the objects that a manifest names."""
        return [raw_object for raw_object in unread if self.choice.entries_of(raw_object.key)]

    def _expected_rows(self, unread: Sequence[RawObject]) -> Iterator[tuple[RawObject, str, int]]:
        for raw_object in unread:
            for manifest, entry in self.choice.entries_of(raw_object.key):
                if entry.rows is not None:
                    yield raw_object, manifest.object.key, entry.rows

    def _difference(self, raw_object: RawObject) -> str:
        """Say in what an object is not what its manifests say; empty where it is."""
        differences = [
            f"{manifest.object.key} says {words}"
            for manifest, entry in self.choice.entries_of(raw_object.key)
            if (words := self._entry_difference(raw_object, entry))
        ]
        return f"{raw_object.key}: {'; '.join(differences)}" if differences else ""

    def _entry_difference(self, raw_object: RawObject, entry: ManifestEntry) -> str:
        if entry.size is not None and entry.size != raw_object.size:
            return f"{count_noun(entry.size, 'byte')}, it has {raw_object.size:,}"
        if not entry.checksums:
            return ""
        actual = self.digests.compute(raw_object, (name for name, _ in entry.checksums))
        differing = [(name, digest) for name, digest in entry.checksums if actual[name] != digest]
        return "; ".join(f"{name} {digest}, it is {actual[name]}" for name, digest in differing)


def manifest_result(dataset: str, faults: Sequence[ManifestFault]) -> RuleResult:
    """Return the rule's result; each fault with where it is."""
    places = tuple(Origin(fault.object.key, fault.object.version) for fault in faults)
    samples = format_samples([fault.detail for fault in faults], longest=MAX_DETAIL_LENGTH)
    return replace(structure_result(dataset, StructureRule.MANIFEST, len(faults), samples), places=places)


NO_MANIFESTS = ManifestAudit("", ManifestChoice([]), ObjectDigests(None, S3Prefix("", "")))
"""Of a dataset whose contract names no manifest."""
