"""The bytes of a sample: refused where the gate would refuse their compression, unpacked in little memory, and decoded."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from etl.contract.dialect import Encoding
from etl.sources.compression import (
    MAX_PIECE_BYTES,
    codec_of,
    compression_fault,
    decompress_stream,
    packing_of,
)
from etl.storage.byte_streams import buffered_stream
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.text_encoding import detect_encoding

SAMPLE_BYTES = (
    256 << 20
)  # of a sample, which is held in memory; what a packed file unpacks to its own size does not say


def refuse_unreadable(path: Path) -> None:
    """Refuse a text file that the gate would, by its compression.

    Raises:
        WrongUse: it is one.
        BrokenStream: its first bytes cannot be unpacked.
    """
    with path.open("rb") as file:
        head = file.read(MAX_PIECE_BYTES)
    codec = codec_of(path.name)
    if why := compression_fault(path.name, head):
        raise WrongUse(f"{path}: {why}")
    if codec and (inside := packing_of(_unpack_sample(path, codec))):
        raise WrongUse(f"{path}: {inside} within {codec}; give the text that is in it")


def _unpack_sample(path: Path, codec: str) -> bytes:
    """Return the first bytes that a packed file holds, once as much of it is unpacked as a sample takes.

    Raises:
        BrokenStream: its stream is broken.
    """
    head, size = b"", 0
    with path.open("rb") as file:
        for piece in decompress_stream(iter(lambda: file.read(MAX_PIECE_BYTES), b""), codec):
            head, size = head or piece, size + len(piece)
            if size > SAMPLE_BYTES:
                break
    return head


@contextmanager
def open_bytes(path: Path) -> Generator[BinaryIO]:
    """Open a text file to read its bytes, unpacked as the gate unpacks them.

    Raises:
        BrokenStream: while it is read, where its stream is broken.
    """
    codec = codec_of(path.name)
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(MAX_PIECE_BYTES), b"")
        yield buffered_stream(decompress_stream(pieces, codec)) if codec else file


def encoding_of(path: Path) -> Encoding:
    """Return the encoding of a text file.

    Raises:
        WrongUse: a contract knows none that it may be in.
    """
    codec = codec_of(path.name)
    with open_bytes(path) as file:
        pieces = iter(lambda: file.read(MAX_PIECE_BYTES), b"")
        encoding = detect_encoding(islice(pieces, SAMPLE_BYTES // MAX_PIECE_BYTES) if codec else pieces)
    if encoding is None:
        raise WrongUse(f"{path} is text in an encoding that no contract knows: known are {', '.join(Encoding)}")
    return encoding
