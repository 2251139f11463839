"""What a manifest says of one file: its name, and as far as it says so its size, its rows and its checksums."""

import base64
import binascii
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etl.contract.faults import short_repr

WHOLE_NAME_FIELDS = ("key", "url", "uri", "objectkey", "object")
PATH_FIELDS, LAST_NAME_FIELDS = ("path", "filepath"), ("name", "file", "filename")
NAME_FIELDS = (*WHOLE_NAME_FIELDS, *PATH_FIELDS, *LAST_NAME_FIELDS)
"""What a manifest may call a file's name; where it has more than one, the first in this order counts."""
SIZE_FIELDS = (
    *("size", "bytes", "sizebytes", "sizeinbytes", "filesize", "filesizebytes", "filesizeinbytes"),
    *("contentlength", "length", "bytecount", "numbytes"),
)
ROW_FIELDS = (
    *("rows", "rowcount", "rowscount", "numrows", "numberofrows", "totalrows"),
    *("recordcount", "records", "numrecords", "numberofrecords"),
)
CHECKSUM_FIELDS = ("checksum", "hash", "digest")
"""Those whose values tell by their length what they are."""
ALGORITHM_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("md5", "md5sum", "md5checksum", "md5hash", "md5hex", "contentmd5"), "md5"),
    **dict.fromkeys(("sha1", "sha1sum"), "sha1"),
    **dict.fromkeys(("sha256", "sha256sum", "sha256checksum", "sha256hash", "sha256hex"), "sha256"),
    **dict.fromkeys(("sha512", "sha512sum"), "sha512"),
}
HEX_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
"""How many digits of hex a checksum has."""
DIGEST_SIZES = {name: length // 2 for length, name in HEX_LENGTHS.items()}
PREFIXED = re.compile(r"(md5|sha-?1|sha-?256|sha-?512)\s*[:=]\s*(.+)", re.IGNORECASE)


class ManifestBroken(Exception):
    """A file that is no manifest; the text says where, and what is wrong."""


@dataclass(frozen=True)
class ManifestEntry:
    """One file of a manifest.

    Attributes:
        name: as the manifest has it.
        where: which entry or line that is, for a message.
        size: bytes.
        rows: rows of data; a header is none.
        checksums: digests in lower hex, by algorithm of `hashlib`.
    """

    name: str
    where: str
    size: int | None = None
    rows: int | None = None
    checksums: tuple[tuple[str, str], ...] = ()

    @property
    def values(self) -> tuple[object, ...]:
        """What it says of the file."""
        return self.size, self.rows, self.checksums


def plain_field(name: object) -> str:
    """Return a field's name as the lists above have it: `Row Count`, `rowCount` and `row_count` are one."""
    return re.sub(r"[^a-z0-9]+", "", str(name).lower())


def has_name_field(fields: Mapping[Any, Any]) -> bool:
    """Say whether one of the fields is a file's name."""
    return any(plain_field(field) in NAME_FIELDS for field in fields)


def parse_entry(fields: Mapping[Any, Any], where: str) -> ManifestEntry:
    """Return an entry from its fields; what it has under `meta`, as Redshift writes it, counts as its own.

    Raises:
        ManifestBroken: it has no name, or a value is not what its field says.
    """
    meta = fields.get("meta")
    plain = {plain_field(field): value for field, value in (*fields.items(), *_items(meta)) if value not in (None, "")}
    return ManifestEntry(
        _parse_name(plain, where),
        where,
        _parse_number(plain, SIZE_FIELDS, where),
        _parse_number(plain, ROW_FIELDS, where),
        _parse_checksums(plain, where),
    )


def _parse_name(plain: Mapping[str, Any], where: str) -> str:
    """Return a file's name; a path beside a last name may be the folder's alone."""
    name, path, last = (
        next((plain[field] for field in fields if field in plain), None)
        for fields in (NAME_FIELDS, PATH_FIELDS, LAST_NAME_FIELDS)
    )
    if not isinstance(name, str) or not name.strip():
        raise ManifestBroken(f"{where} has no name of a file: it may be called key, url, path, name or file")
    if name is path and isinstance(last, str) and posixpath.basename(name) != last:
        return f"{name.strip().rstrip('/')}/{last.strip()}"
    return name.strip()


def _items(meta: object) -> tuple[tuple[Any, Any], ...]:
    return tuple(meta.items()) if isinstance(meta, dict) else ()


def _parse_number(plain: Mapping[str, Any], fields: tuple[str, ...], where: str) -> int | None:
    numbers = {field: plain[field] for field in fields if field in plain}
    values = {_whole_number(value, field, where) for field, value in numbers.items()}
    if len(values) > 1:
        raise ManifestBroken(f"{where} has {' and '.join(f'{field} {value}' for field, value in numbers.items())}")
    return values.pop() if values else None


def _whole_number(value: object, field: str, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value.strip()):
        return int(value)
    raise ManifestBroken(f"{where} has the {field} {short_repr(value)}, which is no whole number from 0")


def _parse_checksums(plain: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    checksums: dict[str, str] = {}
    named = [(field, ALGORITHM_FIELDS.get(field, "")) for field in (*ALGORITHM_FIELDS, *CHECKSUM_FIELDS)]
    for field, algorithm in named:
        if field not in plain:
            continue
        name, digest = parse_checksum(plain[field], algorithm, f"{where} has the {field}")
        if checksums.setdefault(name, digest) != digest:
            raise ManifestBroken(f"{where} has two different values of {name}")
    return tuple(sorted(checksums.items()))


def parse_checksum(value: object, algorithm: str, where: str) -> tuple[str, str]:
    """Return algorithm and lower hex of a checksum: hex, or base64 where its algorithm is known; "" where it is not.

    Raises:
        ManifestBroken: it is none.
    """
    text = value.strip() if isinstance(value, str) else ""
    if prefixed := PREFIXED.fullmatch(text):
        algorithm, text = plain_field(prefixed[1]), prefixed[2]
    by_length = HEX_LENGTHS.get(len(text), "") if re.fullmatch(r"[0-9a-fA-F]+", text) else ""
    if by_length and algorithm in ("", by_length):
        return by_length, text.lower()
    try:
        digest = base64.b64decode(text, validate=True) if algorithm else b""
    except binascii.Error:
        digest = b""
    if digest and len(digest) == DIGEST_SIZES[algorithm]:
        return algorithm, digest.hex()
    expected = algorithm or "md5, sha1, sha256 or sha512"
    raise ManifestBroken(f"{where} {short_repr(value)}, which is no {expected} in hex")
