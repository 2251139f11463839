"""The bytes of a sample, as the gate takes them: refused where it would refuse them, and unpacked in little memory."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import IO

from etl.sources.compression import (
    BZIP2,
    GZIP,
    MAX_PIECE_BYTES,
    codec_of,
    compression_fault,
    decompress_stream,
    packing_of,
)
from etl.sources.encodings import wide_encoding_of
from sluice.cli.errors import WrongUse

MOST_BYTES = (
    256 << 20
)  # bytes that a packed sample may unpack to: a sample is held in memory, and its own size says nothing
OPENERS: dict[str | None, Callable[..., IO[str]]] = {GZIP: gzip.open, BZIP2: bz2.open, None: open}


def refuse_unreadable(path: Path) -> None:
    """Refuse a text file that the gate would, by its compression or encoding, and one that unpacks to very much.

    Raises:
        WrongUse: it is one.
    """
    with path.open("rb") as file:
        head = file.read(MAX_PIECE_BYTES)
    codec = codec_of(path.name)
    if why := compression_fault(path.name, head):
        raise WrongUse(f"{path}: {why}")
    if codec:
        head = _check_size(path, codec)
        if inside := packing_of(head):
            raise WrongUse(f"{path}: {inside} within {codec}; give the text that is in it")
    if encoding := wide_encoding_of(head):
        raise WrongUse(f"{path} is {encoding}, and UTF-8 is read; save it as UTF-8")


def _check_size(path: Path, codec: str) -> bytes:
    """Return the first bytes that a packed file holds, once it is known to hold no more than fits in memory.

    Raises:
        WrongUse: it holds more.
        Unsound: its stream is broken.
    """
    head, size = b"", 0
    with path.open("rb") as file:
        for piece in decompress_stream(iter(lambda: file.read(MAX_PIECE_BYTES), b""), codec):
            head, size = head or piece, size + len(piece)
            if size > MOST_BYTES:
                most = f"{MOST_BYTES >> 20} MB, and a packed sample is read whole"
                raise WrongUse(f"{path} unpacks to more than {most}; unpack it, or give its first 100,000 lines")
    return head


def open_text(path: Path) -> IO[str]:
    """Open a text file to read it, unpacked, without its byte-order mark."""
    return OPENERS[codec_of(path.name)](path, "rt", encoding="utf-8-sig", newline="")
