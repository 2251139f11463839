"""Names of a manifest as keys of raw: relative to its folder, keys below the dataset's prefix, or S3 URLs of the bucket."""

import posixpath
import re
from collections.abc import Container, Iterable, Mapping

from etl.contract.faults import short_repr
from etl.sources.manifest_entries import ManifestBroken, ManifestEntry
from etl.storage.raw_objects import S3Prefix

S3_URL = re.compile(r"s3[an]?://(?P<bucket>[^/]+)/(?P<key>.+)")
URL = re.compile(r"[a-z][a-z0-9+.-]*://.*", re.IGNORECASE)


def entries_by_key(
    entries: Iterable[ManifestEntry], folder: str, raw_prefix: S3Prefix, listed: Container[str]
) -> Mapping[str, ManifestEntry]:
    """Return a manifest's entries by the keys that they name.

    Args:
        entries: what the manifest has.
        folder: where it lies, with a slash at its end.
        raw_prefix: the dataset's.
        listed: the keys that there are: a name may be one, or relative to the folder.

    Raises:
        ManifestBroken: a name is outside of the dataset's prefix, or stands twice with different values.
    """
    by_key: dict[str, ManifestEntry] = {}
    for entry in entries:
        key = _key_of(entry, folder, raw_prefix, listed)
        earlier = by_key.setdefault(key, entry)
        if earlier.values != entry.values:
            raise ManifestBroken(
                f"it names {key} twice with different values: {earlier.where} has {_describe(earlier)}, "
                f"{entry.where} has {_describe(entry)}"
            )
    return by_key


def _describe(entry: ManifestEntry) -> str:
    stated = [f"{name} {value}" for name, value in (("size", entry.size), ("rows", entry.rows)) if value is not None]
    return ", ".join([*stated, *(f"{name} {digest}" for name, digest in entry.checksums)]) or "none"


def _key_of(entry: ManifestEntry, folder: str, raw_prefix: S3Prefix, listed: Container[str]) -> str:
    name, where = entry.name, f"{entry.where} names {short_repr(entry.name)}"
    if url := S3_URL.fullmatch(name):
        if url["bucket"] != raw_prefix.bucket:
            raise ManifestBroken(f"{where}, which is in another bucket than {raw_prefix.bucket}")
        return _below_prefix(url["key"], where, raw_prefix)
    if URL.fullmatch(name):
        raise ManifestBroken(f"{where}, which is no key of S3")
    if name.startswith("/"):
        return _below_prefix(name.lstrip("/"), where, raw_prefix)
    relative = posixpath.normpath(f"{folder}{name}")
    if name.startswith(raw_prefix.prefix) and (name in listed or relative not in listed):
        return _below_prefix(name, where, raw_prefix)
    return _below_prefix(relative, where, raw_prefix)


def _below_prefix(key: str, where: str, raw_prefix: S3Prefix) -> str:
    if key.endswith("/"):
        raise ManifestBroken(f"{where}, which is a folder")
    if not key.startswith(raw_prefix.prefix) or ".." in key.split("/"):
        raise ManifestBroken(f"{where}, which is not under {raw_prefix.prefix}")
    return key
