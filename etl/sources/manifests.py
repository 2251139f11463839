"""The manifests of a dataset's raw objects, read, and what each says of which objects."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from etl.contract.manifest_globs import is_manifest
from etl.contract.model import Contract
from etl.sources.manifest_entries import ManifestBroken, ManifestEntry
from etl.sources.manifest_forms import parse_manifest
from etl.sources.manifest_names import entries_by_key
from etl.storage.many_objects import map_objects
from etl.storage.raw_objects import RawObject, S3Prefix, is_data_key

MAX_MANIFEST_BYTES = 64 * 1024 * 1024
"""A manifest is held in memory; one of a million files has about that size."""


@dataclass(frozen=True)
class Manifest:
    """A manifest as it was read.

    Attributes:
        object: the manifest itself.
        entries: what it says of data, by key; of a marker nothing.
        is_marker: whether it says only that its folder is complete, as of when it was put.
        fault: why it is none; "" where it is one.
        is_skipped: whether an operator has runs leave it alone: what it names goes without it.
    """

    object: RawObject
    entries: Mapping[str, ManifestEntry] = field(default_factory=dict[str, ManifestEntry])
    is_marker: bool = False
    fault: str = ""
    is_skipped: bool = False

    @property
    def folder(self) -> str:
        """The folder that it lies in, with a slash at its end."""
        return folder_of(self.object.key)

    @property
    def is_broken(self) -> bool:
        """Whether a run fails for it."""
        return bool(self.fault) and not self.is_skipped

    @property
    def covers_folder(self) -> bool:
        """Whether it is about its folder and not about names: a marker, or what nobody can read and is skipped."""
        return self.is_marker or (bool(self.fault) and self.is_skipped)

    def select_covered(self, objects: Mapping[str, RawObject]) -> set[str]:
        """Return the keys of those objects, by key, that it is about: a marker of what was put before it in its folder."""
        if not self.covers_folder:
            return {*self.entries.keys() & objects.keys()}
        return {
            key
            for key, raw_object in objects.items()
            if self.is_above(raw_object) and raw_object.modified <= self.object.modified
        }

    def is_above(self, raw_object: RawObject) -> bool:
        """Say whether an object lies in its folder, or below."""
        return raw_object.key.startswith(self.folder)


def folder_of(key: str) -> str:
    """Return the folder of a key, with a slash at its end."""
    return f"{key.rpartition('/')[0]}/"


@dataclass(frozen=True)
class ManifestReader:
    """What reads the manifests of a dataset.

    Attributes:
        s3: the client.
        raw_prefix: where the dataset's objects lie.
        contract: the input's; it says which are manifests, and which are data.
        listed: the keys of all data that there is.
        skipped: keys and versions that an operator has runs leave alone.
    """

    s3: Any
    raw_prefix: S3Prefix
    contract: Contract
    listed: Container[str]
    skipped: Container[tuple[str, str]]

    def read_all(self, raw_objects: Sequence[RawObject]) -> list[Manifest]:
        """Return manifests, read; each costs a request."""
        return map_objects(self._read, raw_objects)

    def _read(self, raw_object: RawObject) -> Manifest:
        is_skipped = (raw_object.key, raw_object.version) in self.skipped
        try:
            parsed = parse_manifest(raw_object.key.rpartition("/")[2], self._read_body(raw_object))
            by_key = entries_by_key(parsed.entries, folder_of(raw_object.key), self.raw_prefix, self.listed)
        except ManifestBroken as error:
            return Manifest(raw_object, fault=str(error), is_skipped=is_skipped)
        entries = {key: entry for key, entry in by_key.items() if self._is_data(key)}
        return Manifest(raw_object, entries, parsed.is_marker, is_skipped=is_skipped)

    def _read_body(self, raw_object: RawObject) -> bytes:
        if not raw_object.size:
            return b""
        if raw_object.size > MAX_MANIFEST_BYTES:
            raise ManifestBroken(f"it has {raw_object.size:,} bytes, and a manifest at most {MAX_MANIFEST_BYTES:,}")
        version = {"VersionId": raw_object.version}
        return self.s3.get_object(Bucket=self.raw_prefix.bucket, Key=raw_object.key, **version)["Body"].read()

    def _is_data(self, key: str) -> bool:
        """Say whether a run would read an object of that key: a manifest may name others, such as itself."""
        if is_manifest(key, self.contract.arrivals, self.contract.dataset):
            return False
        return is_data_key(key, self.raw_prefix, self.contract.files)


ReadManifests = Callable[[Sequence[RawObject]], list[Manifest]]


def read_manifests_of(
    objects: Mapping[str, RawObject], manifests: Sequence[RawObject], read_all: ReadManifests
) -> list[Manifest]:
    """Return the manifests that lie in the objects' folders or above, and all others where these do not cover each object.

    So that a folder a day costs one request a run, however many days there are.
    """
    folders = set[str]().union(*map(_folders_above, {folder_of(key) for key in objects}))
    near = [manifest for manifest in manifests if folder_of(manifest.key) in folders]
    read = read_all(near)
    if covered_keys(read, objects) == objects.keys():
        return read
    near_keys = {manifest.key for manifest in near}
    return [*read, *read_all([manifest for manifest in manifests if manifest.key not in near_keys])]


def covered_keys(manifests: Iterable[Manifest], objects: Mapping[str, RawObject]) -> set[str]:
    """Return the keys of those objects, by key, that one of the manifests is about."""
    return set[str]().union(*(manifest.select_covered(objects) for manifest in manifests))


def _folders_above(key: str) -> set[str]:
    """Return the folder of a key, and those that it lies in."""
    names = key.split("/")[:-1]
    return {"".join(f"{name}/" for name in names[:end]) for end in range(1, len(names) + 1)}
