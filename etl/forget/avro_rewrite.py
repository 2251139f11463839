"""Avro without some of its records: the header, and every block that has none of them, stay as they were (Avro 1.12)."""

import bz2
import io
import lzma
import zlib
from collections.abc import Set
from typing import Any

from etl.sources.avro_container import AvroHeader, read_block, read_header


def rewrite_avro(data: bytes, places: Set[Any]) -> tuple[bytes, int, int]:
    """Return a file without the records of some ordinals, how many went, and how many stay.

    Raises:
        Exception: a block is broken, or its codec cannot be had.
    """
    stream = io.BytesIO(data)
    header = read_header(stream)
    parts, position, removed = [data[: stream.tell()]], 0, 0
    while first := stream.read(1):
        start = stream.tell() - 1
        count, block = read_block(stream, first, header)
        gone = {place - position for place in places if position <= place < position + count}
        parts.append(_block_without(block, count, gone, header) if gone else data[start : stream.tell()])
        position, removed = position + count, removed + len(gone)
    return b"".join(parts), removed, position - removed


def _block_without(block: bytes, count: int, gone: Set[int], header: AvroHeader) -> bytes:
    """Return a block, packed again, without some of its records; nothing where none is left."""
    import fastavro  # noqa: PLC0415  tenths of a second, and only this format takes it

    stream, kept = io.BytesIO(block), list[bytes]()
    for place in range(count):
        start = stream.tell()
        fastavro.schemaless_reader(stream, header.schema.plain, None, handle_unicode_errors="replace")  # pyright: ignore[reportArgumentType]
        if place not in gone:
            kept.append(block[start : stream.tell()])
    if not kept:
        return b""
    packed = pack_block(b"".join(kept), header.codec)
    return _long(len(kept)) + _long(len(packed)) + packed + header.sync


def pack_block(data: bytes, codec: str) -> bytes:
    """Return a block's bytes as a codec of Avro packs them.

    Raises:
        ValueError: there is no such codec.
    """
    if codec == "null":
        return data
    if codec == "deflate":
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return deflater.compress(data) + deflater.flush()
    if codec == "bzip2":
        return bz2.compress(data)
    if codec == "xz":
        return lzma.compress(data)
    import pyarrow as pa  # noqa: PLC0415  half a second, and only these codecs take it

    if codec == "snappy":
        return pa.Codec("snappy").compress(data, asbytes=True) + zlib.crc32(data).to_bytes(4, "big")
    if codec == "zstandard":
        return pa.Codec("zstd").compress(data, asbytes=True)
    raise ValueError(codec)


def _long(number: int) -> bytes:
    """Return a whole number as Avro writes it, seven bits a byte, the sign last."""
    zigzag, encoded = (number << 1) ^ (number >> 63), bytearray()
    while zigzag > 0x7F:
        encoded.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    encoded.append(zigzag)
    return bytes(encoded)
