"""A look at each unread object before Spark reads it: its key, size, compression, encoding, and its header or magic bytes.

Spark maps CSV columns by position, so a swapped header would load without a word; and an empty file, or one of only a
header, leaves no trace beside a good one.
"""

import re
from dataclasses import dataclass
from typing import Any

from etl.contract.model import Contract
from etl.sources import text_lines
from etl.sources.compression import (
    BZIP2,
    GZIP,
    TAIL,
    CutOff,
    Unsound,
    codec_of,
    ends_whole,
    packing_of,
    refusal,
    unpacked,
)
from etl.sources.encodings import wide_encoding_of
from etl.storage.raw_objects import Place, RawObject

HEAD = 64 * 1024  # bytes, before and after decompression
BLOCK = 1024 * 1024  # bytes, in which the longest block of a bzip2 ends: nothing of it can be unpacked before
CHUNK = 1024 * 1024
MAGIC = {"parquet": b"PAR1", "orc": b"ORC"}
GLOB = re.compile(r"([\\{}\[\]*?])")  # what Hadoop takes for a pattern in a path


@dataclass(frozen=True)
class Look:
    """What one object showed: `fault` is the last part of a structure rule's id, or None; a CSV has its exact `header`."""

    object: RawObject
    header: str | None = None
    fault: str | None = None
    detail: str = ""


def look(s3: Any, place: Place, found: RawObject, contract: Contract) -> Look:
    """Look at one object as its dataset's declared format demands."""
    if unreadable := _unreadable(found.key):
        return Look(found, fault="key", detail=f"{found.key}: {unreadable}")
    if found.size == 0:
        return Look(found, fault="empty", detail=f"{found.key}: zero bytes")
    raw = _bytes(s3, place, found, 0, BLOCK if codec_of(found.key) == BZIP2 else HEAD)
    if contract.format in MAGIC:
        return _magic(found, raw, contract.format)
    try:
        data, whole = _plain(s3, place, found, raw)
    except _Refused as refused:
        return Look(found, fault=refused.fault, detail=f"{found.key}: {refused}")
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    if not text.strip():
        return Look(found, fault="empty", detail=f"{found.key}: nothing but blanks")
    return _header(found, text, whole, contract) if contract.format == "csv" else Look(found)


class _Refused(Exception):
    """Bytes that are not read: `fault` is the last part of the rule's id."""

    def __init__(self, fault: str, why: str) -> None:
        super().__init__(why)
        self.fault = fault


def _unreadable(key: str) -> str:
    """Say why Hadoop cannot take a key for a path; empty where it can (asked of Hadoop 3.4 with 5,000 keys)."""
    names = key.split("/")
    if "" in names or {".", ".."} & set(names):
        return "no file path"
    if ":" in key and (found := GLOB.search(key)):
        return f"Hadoop reads no key with both : and {found[0]}"
    return ""


def _bytes(s3: Any, place: Place, found: RawObject, start: int, end: int) -> bytes:
    asked = s3.get_object(Bucket=place.bucket, Key=found.key, VersionId=found.version, Range=f"bytes={start}-{end - 1}")
    return asked["Body"].read(end - start)


def _magic(found: RawObject, raw: bytes, form: str) -> Look:
    if raw.startswith(MAGIC[form]):
        return Look(found)
    packing = packing_of(raw)
    if packing in MAGIC:
        return Look(found, fault="format", detail=f"{found.key}: no {form} file but {packing}")
    if packing:
        return Look(found, fault="compression", detail=f"{found.key}: {packing}, and no {form} file")
    return Look(found, fault="format", detail=f"{found.key}: no {form} file")


def _demand_utf8(data: bytes) -> None:
    if encoding := wide_encoding_of(data):
        raise _Refused("encoding", f"{encoding}, where UTF-8 is read")


def _plain(s3: Any, place: Place, found: RawObject, raw: bytes) -> tuple[bytes, bool]:
    """Return the object's first bytes, unpacked, and whether that is all of it.

    Raises:
        _Refused: they are no UTF-8, packed otherwise than the name says, or the stream is broken.
    """
    if why := refusal(found.key, raw):
        raise _Refused("compression", why)
    _demand_utf8(raw)
    codec, whole = codec_of(found.key), found.size <= len(raw)
    if codec is None:
        return raw, whole
    fault = _fault_of(codec)
    if codec == BZIP2 and not ends_whole(raw if whole else _bytes(s3, place, found, found.size - TAIL, found.size)):
        raise _Refused(fault, "the bzip2 stream is cut off, or something follows it")
    try:
        data, ended = _begin(raw, codec, whole)
    except Unsound as error:
        raise _Refused(fault, str(error)) from error
    if inside := packing_of(data):
        raise _Refused("compression", f"{inside} within {codec}; put it again packed once")
    _demand_utf8(data)
    return data, ended


def _begin(raw: bytes, codec: str, whole: bool) -> tuple[bytes, bool]:
    """Return the first bytes that a packed object holds, and whether they are all.

    Raises:
        Unsound: the stream is broken.
    """
    data = b""
    try:
        for piece in unpacked([raw], codec):
            data += piece[: HEAD - len(data)]
            if len(data) == HEAD:
                return data, False
    except CutOff:
        if whole or not data:
            raise
    return data, whole


def _fault_of(codec: str) -> str:
    """Return the last part of the id of the rule that a broken stream breaks."""
    return "gzip" if codec == GZIP else "compression"


def _header(found: RawObject, text: str, whole: bool, contract: Contract) -> Look:
    """Compare a CSV header with the declared columns, exactly and in order."""
    header, *rest = text_lines.split(text)
    fields = [field or "" for field in text_lines.fields(header) or ()]
    if fields != contract.names:
        return Look(found, fault="header", detail=f"{found.key}: {contract.masking.header(fields, contract.names)}")
    if whole and not any(text_lines.is_row(line, len(fields)) for line in rest):
        return Look(found, fault="rows", detail=f"{found.key}: a header and no rows")
    return Look(found, header=header)


def sound(s3: Any, place: Place, looked: Look) -> Look:
    """Read a packed object to its end, in constant memory; a stream that is not whole is a fault.

    For the rare run in which Spark could not read: a good day never gets here.
    """
    found, codec = looked.object, codec_of(looked.object.key)
    if looked.fault or codec is None:
        return looked
    body = s3.get_object(Bucket=place.bucket, Key=found.key, VersionId=found.version)["Body"]
    try:
        for _ in unpacked(body.iter_chunks(CHUNK), codec):
            pass
    except Unsound:
        detail = f"{found.key}: its {codec} stream is broken or cut off beyond its first {HEAD} bytes"
        return Look(found, fault=_fault_of(codec), detail=detail)
    return looked
