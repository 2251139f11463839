"""The container of an Avro file: its header and its blocks, each unpacked and held to be whole (Avro's specification 1.12).

Records are decoded without their logical types: fastavro rounds a decimal that is longer than its type, and Python has no
date beyond the year 9999. What the numbers mean is told by `avro_values.py`.
"""

import bz2
import io
import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from etl.contract.json_values import is_object
from etl.contract.structure_rules import StructureRule
from etl.sources.avro_schema import AvroSchema
from etl.sources.json_records import MAX_HELD_BYTES, BrokenRecords, describe_size

SYNC_BYTES, CHECKSUM_BYTES = 16, 4
MAX_VARINT_BYTES = 10
MAX_ENTRIES = 10_000  # of a header's metadata
CODECS = ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")


@dataclass(frozen=True)
class AvroHeader:
    """What stands before the blocks of a file."""

    schema: AvroSchema
    codec: str
    sync: bytes


class ShortHeader(Exception):
    """Bytes that end within a header."""


def read_header(stream: BinaryIO) -> AvroHeader:
    """Read a file's header.

    Raises:
        ShortHeader: the bytes end within it.
        BrokenRecords: it is none, its schema cannot be read, or its codec is not.
    """
    if _take(stream, len(b"Obj\x01")) != b"Obj\x01":
        raise BrokenRecords(StructureRule.FORMAT, "no avro file")
    metadata: dict[bytes, bytes] = {}
    while count := _read_long(stream):
        if count < 0:  # the size of the entries follows
            _read_long(stream)
        if abs(count) > MAX_ENTRIES:
            raise BrokenRecords(StructureRule.FORMAT, "its header is broken")
        for _ in range(abs(count)):
            name = _take(stream, _read_size(stream))
            metadata[name] = _take(stream, _read_size(stream))
    sync, codec = _take(stream, SYNC_BYTES), metadata.get(b"avro.codec", b"null").decode("ascii", "replace")
    if codec not in CODECS:
        why = f"packed with {codec[:40]}, which the job has no codec for; put it again as deflate, snappy or zstandard"
        raise BrokenRecords(StructureRule.COMPRESSION, why)
    try:
        schema = json.loads(metadata.get(b"avro.schema", b""))
    except (ValueError, RecursionError):
        raise BrokenRecords(StructureRule.FORMAT, "its header has no schema") from None
    if not is_object(schema) or schema.get("type") not in ("record", "error"):
        raise BrokenRecords(StructureRule.FORMAT, "the schema in its header is not that of records")
    return AvroHeader(AvroSchema.from_json(schema), codec, sync)


def iterate_avro_records(stream: BinaryIO, header: AvroHeader) -> Iterator[dict[str, Any]]:
    """Yield the records behind a file's header, each with numbers, bytes and texts by the names of its fields.

    Raises:
        BrokenRecords: a block is broken or cut off, or too large.
    """
    import fastavro  # noqa: PLC0415  tenths of a second, and only this format takes it

    number, schema = 0, header.schema.plain
    while first := stream.read(1):
        number += 1
        try:
            count, block = read_block(stream, first, header)
            data = io.BytesIO(block)
            for _ in range(count):
                yield fastavro.schemaless_reader(data, schema, None, handle_unicode_errors="replace")  # pyright: ignore[reportArgumentType, reportReturnType]
        except BrokenRecords:
            raise
        except Exception as error:  # what broken bytes raise in decoders is of many types
            raise BrokenRecords(StructureRule.FORMAT, f"its block {number} is broken") from error
        if data.read(1):
            raise BrokenRecords(StructureRule.FORMAT, f"its block {number} has bytes beyond its records")


def read_block(stream: BinaryIO, first: bytes, header: AvroHeader) -> tuple[int, bytes]:
    """Return how many records a block has, and its unpacked bytes; `first` is its first byte.

    Raises:
        Exception: it is broken or cut off, or too large; what decoders raise is of many types.
    """
    count, size = _read_long(stream, first), _read_size(stream)
    packed = _take(stream, size)
    if count < 0 or _take(stream, SYNC_BYTES) != header.sync:
        raise ValueError("no block of this file")
    return count, unpack_block(packed, header.codec)


def unpack_block(packed: bytes, codec: str) -> bytes:
    """Return a block's bytes.

    Raises:
        BrokenRecords: there are too many.
        Exception: what the codecs raise on broken bytes.
    """
    limit = MAX_HELD_BYTES + 1
    if codec == "null":
        data = packed
    elif codec == "deflate":
        data = _unpack_whole(zlib.decompressobj(-zlib.MAX_WBITS), packed, limit)
    elif codec == "bzip2":
        data = _unpack_whole(bz2.BZ2Decompressor(), packed, limit)
    elif codec == "xz":
        data = _unpack_whole(lzma.LZMADecompressor(), packed, limit)
    elif codec == "snappy":
        data = _unpack_snappy(packed)
    else:
        import pyarrow as pa  # noqa: PLC0415  half a second, and only this codec and snappy take it

        data = pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read(limit)
    if len(data) > MAX_HELD_BYTES:
        raise BrokenRecords(StructureRule.SIZE, f"a block: {describe_size()}")
    return data


def _unpack_whole(decompressor: Any, packed: bytes, limit: int) -> bytes:
    data = decompressor.decompress(packed, limit)
    # fastavro leaves three bytes of a checksum behind deflated ones, which have none (fastavro/_write_py.py).
    if len(data) < limit and not decompressor.eof:
        raise ValueError("the packed bytes are not whole")
    return data


def _unpack_snappy(packed: bytes) -> bytes:
    """Return the bytes of Snappy's own format, whose first number is their length; a checksum of them follows."""
    import pyarrow as pa  # noqa: PLC0415  as above

    body, checksum = packed[:-CHECKSUM_BYTES], packed[-CHECKSUM_BYTES:]
    size = _read_varint(io.BytesIO(body))
    if size > MAX_HELD_BYTES:
        raise BrokenRecords(StructureRule.SIZE, f"a block: {describe_size()}")
    data = pa.Codec("snappy").decompress(body, size, asbytes=True)
    if zlib.crc32(data) != int.from_bytes(checksum, "big"):
        raise ValueError("the checksum is another")
    return data


def verify_avro(stream: BinaryIO) -> None:
    """Read a file to its end.

    Raises:
        BrokenRecords: a block is broken or cut off.
    """
    for _ in iterate_avro_records(stream, read_header(stream)):
        pass


def _take(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ShortHeader
    return data


def _read_size(stream: BinaryIO) -> int:
    size = _read_long(stream)
    if not 0 <= size <= MAX_HELD_BYTES:
        raise BrokenRecords(StructureRule.FORMAT, "a length in it is none")
    return size


def _read_long(stream: BinaryIO, first: bytes = b"") -> int:
    """Return a whole number as Avro writes it, seven bits a byte, the sign last; `first` was read already."""
    number = _read_varint(stream, first)
    return (number >> 1) ^ -(number & 1)


def _read_varint(stream: BinaryIO, first: bytes = b"") -> int:
    number = 0
    for place in range(MAX_VARINT_BYTES):
        [byte] = first if first and not place else _take(stream, 1)
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number
    raise BrokenRecords(StructureRule.FORMAT, "a length in it is none")
