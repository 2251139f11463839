"""A look at each unread object before Spark reads it: its size, its compression, its header or its magic bytes.

Spark maps CSV columns by position, so a swapped header would load without a word; and an empty file, or one of only a
header, leaves no trace beside a good one.
"""

import csv
import re
import zlib
from dataclasses import dataclass
from typing import Any

from etl.contract import Contract
from etl.raw import Place, RawObject
from etl.verdict import LONGEST_SAMPLE

HEAD = 64 * 1024  # bytes, before and after decompression
CHUNK = 1024 * 1024
GZIP = 31  # zlib's window bits for a gzip header
MAGIC = {"parquet": b"PAR1", "orc": b"ORC"}
LINE_END = re.compile("\r\n|\n|\r")  # what Spark's text reader splits at


@dataclass(frozen=True)
class Look:
    """What one object showed: `fault` is the last part of a structure rule's id, or None; a CSV has its exact `header`."""

    object: RawObject
    header: str | None = None
    fault: str | None = None
    detail: str = ""


class _Truncated(Exception):
    """A gzip stream that ends before its end."""


def look(s3: Any, place: Place, found: RawObject, contract: Contract) -> Look:
    """Look at one object as its dataset's declared format demands."""
    if "" in found.key.split("/") or {".", ".."} & set(found.key.split("/")):
        return Look(found, fault="key", detail=f"{found.key}: no file path; put it again under a plain key")
    if found.size == 0:
        return Look(found, fault="empty", detail=f"{found.key}: zero bytes")
    head = s3.get_object(Bucket=place.bucket, Key=found.key, VersionId=found.version, Range=f"bytes=0-{HEAD - 1}")
    raw = head["Body"].read(HEAD)
    if contract.format in MAGIC:
        return _magic(found, raw, contract.format)
    try:
        data, whole = _plain(raw, found)
    except (zlib.error, _Truncated) as error:
        return Look(found, fault="gzip", detail=f"{found.key}: {error}")
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    if not text.strip():
        return Look(found, fault="empty", detail=f"{found.key}: nothing but blanks")
    return _header(found, text, whole, contract.names) if contract.format == "csv" else Look(found)


def _magic(found: RawObject, raw: bytes, form: str) -> Look:
    if not raw.startswith(MAGIC[form]):
        return Look(found, fault="format", detail=f"{found.key}: no {form} file")
    return Look(found)


def _plain(raw: bytes, found: RawObject) -> tuple[bytes, bool]:
    """Return the object's first bytes, gunzipped by its name as Spark does it, and whether that is all of it."""
    whole = found.size <= len(raw)
    if not found.key.endswith(".gz"):
        return raw, whole
    data, rest, ended = b"", raw, False
    while rest and len(data) < HEAD:
        member = zlib.decompressobj(GZIP)
        data += member.decompress(rest, HEAD - len(data))
        rest, ended = member.unused_data, member.eof
        if not ended:
            break
    if whole and not ended and len(data) < HEAD:
        raise _Truncated("the gzip stream ends before its end")
    return data, whole and ended


def _header(found: RawObject, text: str, whole: bool, columns: list[str]) -> Look:
    """Compare a CSV header with the declared columns, exactly and in order."""
    header, *rest = LINE_END.split(text)
    if next(csv.reader([header], strict=False), []) != columns:
        shown = header[:LONGEST_SAMPLE].replace("\x00", "\\0")
        return Look(found, fault="header", detail=f"{found.key}: {shown!r}")
    if whole and not any(line.strip() for line in rest):
        return Look(found, fault="rows", detail=f"{found.key}: a header and no rows")
    return Look(found, header=header)


def is_sound_gzip(s3: Any, place: Place, found: RawObject) -> bool:
    """Read an object to its end, in constant memory, and say whether its gzip stream is whole.

    For the rare run in which Spark could not read: a good day never gets here.
    """
    body = s3.get_object(Bucket=place.bucket, Key=found.key, VersionId=found.version)["Body"]
    member = zlib.decompressobj(GZIP)
    try:
        for piece in body.iter_chunks(CHUNK):
            rest = piece
            while rest:
                if member.eof:
                    member = zlib.decompressobj(GZIP)
                member.decompress(rest)
                rest = member.unused_data
    except zlib.error:
        return False
    return member.eof
