"""A text without some of its lines: every other byte stays as it was, and what was packed is packed again."""

import bz2
import codecs
import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import IO, BinaryIO, NamedTuple

from etl.contract.dialect import Encoding
from etl.sources.compression import BZIP2, GZIP
from etl.sources.encodings import decode_text, utf_16_codec

BOM = codecs.BOM_UTF8
Drops = Callable[[int, bytes], bool]
"""Says of a line, by its number from 1 and its text in UTF-8 without its end, whether it goes."""


class LineCounts(NamedTuple):
    """How many rows or lines went, and how many that are not blank stay."""

    dropped: int
    kept: int


def open_packed(target: BinaryIO, codec: str | None) -> IO[bytes]:
    """Return what packs into a file; closing it ends the packing, and of no codec the file itself.

    Raises:
        ValueError: nothing here packs by that codec.
    """
    if codec is None:
        return target
    if codec == GZIP:
        return gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0)  # pyright: ignore[reportReturnType]
    if codec == BZIP2:
        return bz2.BZ2File(target, "wb")
    raise ValueError(codec)


def rewrite_lines(chunks: Iterable[bytes], encoding: Encoding, drops: Drops, target: IO[bytes]) -> LineCounts:
    """Write the lines of unpacked bytes that stay; return how many went and stayed.

    Raises:
        UnicodeDecodeError: bytes are no text of UTF-16.
    """
    if encoding is Encoding.UTF_16:
        return _rewrite_wide_lines(b"".join(chunks), drops, target)
    dropped = kept = 0
    for number, line in enumerate(iterate_lines(chunks), 1):
        text = line.rstrip(b"\r\n")
        text = text.removeprefix(BOM) if number == 1 else text
        if drops(number, decode_text(text, encoding).encode() if encoding.is_single_byte else text):
            dropped += 1
            # Its mark is the file's, and not the line's.
            target.write(BOM if number == 1 and line.startswith(BOM) else b"")
        else:
            kept += bool(text.strip())
            target.write(line)
    return LineCounts(dropped, kept)


def _rewrite_wide_lines(data: bytes, drops: Drops, target: IO[bytes]) -> LineCounts:
    codec = utf_16_codec(data[:512])
    codec = ("utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be") if codec == "utf-16" else codec
    mark = "\ufeff"
    dropped = kept = 0
    for number, encoded in enumerate(iterate_lines([data.decode(codec).encode()]), 1):
        line = encoded.decode()
        text = line.rstrip("\r\n").removeprefix(mark) if number == 1 else line.rstrip("\r\n")
        if drops(number, text.encode()):
            dropped += 1
            line = mark if number == 1 and line.startswith(mark) else ""
        else:
            kept += bool(text.strip())
        target.write(line.encode(codec))
    return LineCounts(dropped, kept)


def iterate_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends: a line feed, a carriage return, or both; what follows the last end is a line too."""
    rest = b""
    for chunk in chunks:
        pieces = (rest + chunk).splitlines(keepends=True)
        # What ends with a carriage return may go on with a line feed.
        rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        yield from pieces
    yield from rest.splitlines(keepends=True)
