"""What a file is packed with, told by its bytes; and what Spark would unpack it as, told by its name.

Spark picks a codec by the end of the name alone (Hadoop's CompressionCodecFactory), so both have to agree before it reads.
"""

import bz2
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from etl.contract.source_format import SourceFormat
from etl.sources.encodings import is_text, wide_encoding_of

GZIP, BZIP2 = "gzip", "bzip2"
READ_EXTENSIONS = {GZIP: ".gz", BZIP2: ".bz2"}  # what is read, and the end that its name must have
CODEC_BY_EXTENSION = {
    ".gz": GZIP,
    ".bz2": BZIP2,
    ".zst": "zstd",
    ".snappy": "snappy",
    ".lz4": "lz4",
    ".deflate": "deflate",
}  # asked of Hadoop 3.4: these ends, in any case
SIGNATURES = (
    (GZIP, 0, b"\x1f\x8b"),
    (BZIP2, 4, b"1AY&SY"),
    (BZIP2, 4, b"\x17rE8P\x90"),
    ("zstd", 0, b"\x28\xb5\x2f\xfd"),
    ("snappy", 0, b"\xff\x06\x00\x00sNaPpY"),
    ("lz4", 0, b"\x04\x22\x4d\x18"),
    ("lz4", 0, b"\x02\x21\x4c\x18"),
    ("zstd or lz4", 1, b"\x2a\x4d\x18"),
    ("xz", 0, b"\xfd7zXZ\x00"),
    ("lzma", 0, b"\x5d\x00\x00"),
    ("lzip", 0, b"LZIP\x01"),
    ("lzo", 0, b"\x89LZO\x00"),
    ("compress (.Z)", 0, b"\x1f\x9d"),
    ("zip", 0, b"PK\x03\x04"),
    ("zip", 0, b"PK\x05\x06"),
    ("zip", 0, b"PK\x07\x08"),
    ("7z", 0, b"7z\xbc\xaf\x27\x1c"),
    ("rar", 0, b"Rar!\x1a\x07"),
    ("tar", 257, b"ustar"),
    (SourceFormat.PARQUET, 0, SourceFormat.PARQUET.magic),
    ("encrypted parquet", 0, b"PARE"),
    (SourceFormat.ORC, 0, SourceFormat.ORC.magic),
    (SourceFormat.AVRO, 0, SourceFormat.AVRO.magic),
    ("xls", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("SQLite", 0, b"SQLite format 3\x00"),
)  # the formats' own specifications; `zstd or lz4` is a skippable frame, whose first byte counts
SQLITE, BINARY = "SQLite", "binary data"
WORKBOOK_FOLDER = b"xl/"  # in each workbook of Excel, a zip, near its beginning
SAVED_OTHERWISE = {
    "xls": 'a legacy .xls; save it as .xlsx and write "format": "excel" in the meta of the input',
    "encrypted parquet": 'encrypted parquet; put it again in the clear and write "format": "parquet" in the meta of the input',
}
"""What is no packing of text but a format of which another writing is read."""
SNIFFED_BYTES = 512  # bytes: a tar's mark is the last
LEADING_BYTES = 4  # bytes: where one of them is a control character, no text follows
MAX_CONTROL_SHARE = 0.1  # of the bytes of a text
FIRST_PRINTABLE = 32  # the first character that is no control
MAX_PIECE_BYTES = 1 << 20  # bytes in memory, however much a file unpacks to
STREAM_END, END_BITS, CHECKSUM_BITS = 0x177245385090, 48, 32  # of bzip2: what ends a stream
STREAM_TAIL_BYTES = 16  # bytes that hold it, and up to 7 bits of padding


class BrokenStream(Exception):
    """A packed stream that is broken."""


class TruncatedStream(BrokenStream):
    """A packed stream that ends before its end."""


def packing_of(head: bytes) -> str | None:
    """Return what a file is packed with, or which binary format it has, by its first bytes; None for text."""
    sample = head[:SNIFFED_BYTES]
    if is_text(sample):
        return None
    # Some signatures are letters, and text in an 8-bit encoding may start with them.
    signatures = SIGNATURES if _count_controls(sample) else ()
    packing = next((name for name, offset, magic in signatures if sample.startswith(magic, offset)), None)
    if packing == "zip" and WORKBOOK_FOLDER in head:
        return SourceFormat.EXCEL
    if packing or wide_encoding_of(head):
        return packing
    return (
        "deflate (zlib)"
        if _is_zlib(head)
        else f"{BINARY} (0x{head[:LEADING_BYTES].hex()})"
        if _is_binary(sample)
        else None
    )


def codec_of(key: str) -> str | None:
    """Return the codec that Spark would take for a file of this name; None where it reads the bytes as they are."""
    return next((codec for end, codec in CODEC_BY_EXTENSION.items() if key.lower().endswith(end)), None)


def compression_fault(key: str, head: bytes) -> str:
    """Say why a text file's bytes and its name do not fit what is read, and what to do; empty where they do.

    Plain text is read, and gzip and bzip2 whose name has the end that Spark knows them by, in lower case.
    """
    packing, codec = packing_of(head), codec_of(key)
    if packing is None:
        end = key[key.rindex(".") :] if codec else ""
        return f"no {codec}, though its name ends in {end}; rename it to {_plain_name(key)}" if codec else ""
    if packing not in READ_EXTENSIONS:
        return describe_packing(packing)
    if not key.endswith(READ_EXTENSIONS[packing]):
        end = READ_EXTENSIONS[packing]
        return f"{packing}, which is read where the name ends in {end}; rename it to {_plain_name(key)}{end}"
    return ""


def describe_packing(packing: str) -> str:
    """Say what a file is that is not read as text, and what to do."""
    if packing in tuple(SourceFormat):
        return f'{packing}, where text is read; write "format": "{packing}" in the meta of the input'
    if packing in SAVED_OTHERWISE:
        return SAVED_OTHERWISE[packing]
    if packing == SQLITE:
        return f"{packing}, which no format of a contract is; leave it out with `sluice skip`"
    if packing.startswith(BINARY):
        return f"{packing}, packed in a way that is not read, or of no format of a contract; put it again unpacked, or skip it"
    return f"{packing}, which is not read; put it again unpacked, or as gzip named .gz"


def _plain_name(key: str) -> str:
    """Return the last part of a key, without the end that stands for a codec."""
    name = key.rpartition("/")[2]
    return name[: name.rindex(".")] if codec_of(name) else name


def _is_zlib(head: bytes) -> bool:
    """Say whether bytes begin with zlib's header (RFC 1950), and can be unpacked."""
    if len(head) < 2 or head[0] & 15 != 8 or head[0] >> 4 > 7 or int.from_bytes(head[:2]) % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head, 1))
    except zlib.error:
        return False


def _is_binary(head: bytes) -> bool:
    """Say whether bytes can be no text in any 8-bit encoding: Hadoop's snappy and lz4 start with a length, for instance."""
    return _count_controls(head[:LEADING_BYTES]) > 0 or _count_controls(head) > MAX_CONTROL_SHARE * len(head)


def _count_controls(sample: bytes) -> int:
    return sum(byte < FIRST_PRINTABLE and byte not in b"\t\n\r\f" for byte in sample)


def decompress_stream(pieces: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """Yield what a gzip or bzip2 holds, in pieces of at most `MAX_PIECE_BYTES` bytes, whatever it unpacks to.

    Raises:
        TruncatedStream: the last stream ends before its end.
        BrokenStream: a stream is broken, or something else follows it.
    """
    new_decompressor = _new_gzip_decompressor if packing == GZIP else bz2.BZ2Decompressor
    member: Any = new_decompressor()
    try:
        for piece in pieces:
            remaining = piece
            while remaining:
                if member.eof:
                    member = new_decompressor()
                yield from _decompress_member(member, remaining)
                remaining = member.unused_data
    except (zlib.error, OSError) as error:
        raise BrokenStream(str(error)) from error
    if not member.eof:
        raise TruncatedStream(f"the {packing} stream ends before its end")


def _new_gzip_decompressor() -> Any:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _decompress_member(member: Any, data: bytes) -> Iterator[bytes]:
    """Yield what one stream makes of some bytes; zlib hands back what it did not take, bzip2 keeps it."""
    while True:
        piece = member.decompress(data, MAX_PIECE_BYTES)
        if piece:
            yield piece
        data = getattr(member, "unconsumed_tail", b"")
        if member.eof or (not data and len(piece) < MAX_PIECE_BYTES):
            return


def ends_complete_stream(tail: bytes) -> bool:
    """Say whether the last bytes of a bzip2 end a stream: Spark takes one that is cut between two blocks for whole."""
    bits = int.from_bytes(tail[-STREAM_TAIL_BYTES:])
    return any((bits >> (CHECKSUM_BITS + pad)) % (1 << END_BITS) == STREAM_END for pad in range(8))
