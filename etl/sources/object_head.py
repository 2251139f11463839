"""The first bytes of a raw object, unpacked, and held against the encoding that its contract declares."""

import codecs
from typing import Any

from etl.contract.dialect import Encoding
from etl.contract.model import Contract
from etl.contract.structure_rules import StructureRule
from etl.sources.compression import (
    BZIP2,
    GZIP,
    STREAM_TAIL_BYTES,
    BrokenStream,
    TruncatedStream,
    codec_of,
    compression_fault,
    decompress_stream,
    ends_complete_stream,
    packing_of,
)
from etl.sources.encodings import decode_text, likely_encoding, looks_like_utf_8, wide_encoding_of
from etl.sources.header_hints import HIVE_DELIMITER
from etl.storage.raw_objects import RawObject, S3Prefix

HEAD_BYTES = 64 * 1024  # bytes, before and after decompression
BZIP2_BLOCK_BYTES = (
    1024 * 1024
)  # bytes, in which the longest block of a bzip2 ends: nothing of it can be unpacked before


class UnreadableBytes(Exception):
    """Bytes that are not read: `fault` is the last part of the rule's id."""

    def __init__(self, fault: StructureRule, why: str) -> None:
        super().__init__(why)
        self.fault = fault


def read_range(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, start: int, end: int) -> bytes:
    """Return some bytes of one version of an object: from `start` up to `end`, without it."""
    response = s3.get_object(
        Bucket=raw_prefix.bucket, Key=raw_object.key, VersionId=raw_object.version, Range=f"bytes={start}-{end - 1}"
    )
    return response["Body"].read(end - start)


def read_first_bytes(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject) -> bytes:
    """Return an object's first bytes as they stand: as many as what they hold can be told by."""
    size = BZIP2_BLOCK_BYTES if codec_of(raw_object.key) == BZIP2 else HEAD_BYTES
    return read_range(s3, raw_prefix, raw_object, 0, size)


def read_text_head(
    s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, raw: bytes, contract: Contract
) -> tuple[str, bool]:
    """Return an object's first characters, without a byte-order mark, and whether they are all; `raw` are its first bytes.

    Raises:
        UnreadableBytes: they have another encoding, are packed otherwise than the name says, or the stream is broken.
    """
    encoding = contract.dialect.encoding
    data, is_whole = _unpack_head(s3, raw_prefix, raw_object, raw, contract)
    if contract.format.is_positional:
        _require_decodable(data, encoding)
    return decode_text(data, encoding).removeprefix("\ufeff"), is_whole


def _require_encoding(data: bytes, encoding: Encoding, *, is_csv: bool) -> None:
    wide_encoding = wide_encoding_of(data)
    if encoding is Encoding.UTF_16:
        if wide_encoding != "UTF-16":
            detail = f"no UTF-16, where UTF-16 is read; {_encoding_line(Encoding.UTF_8)}, or what it is"
            raise UnreadableBytes(StructureRule.ENCODING, detail)
    elif wide_encoding:
        is_declarable = wide_encoding == "UTF-16" and is_csv
        again = f"put it again as UTF-8, as `iconv -f {wide_encoding.lower()} -t utf-8` writes it"
        hint = _encoding_line(Encoding.UTF_16) if is_declarable else again
        raise UnreadableBytes(StructureRule.ENCODING, f"{wide_encoding}, where {encoding.upper()} is read; {hint}")
    if encoding.is_single_byte and data.startswith(codecs.BOM_UTF8):
        detail = f"UTF-8 by its byte-order mark, where {encoding.upper()} is read; {_encoding_line(Encoding.UTF_8)}"
        raise UnreadableBytes(StructureRule.ENCODING, detail)
    if encoding.is_single_byte and looks_like_utf_8(data):
        detail = f"by its letters UTF-8, where {encoding.upper()} is read; {_encoding_line(Encoding.UTF_8)}"
        raise UnreadableBytes(StructureRule.ENCODING, detail)


def _encoding_line(encoding: Encoding) -> str:
    return f'write "dialect": {{"encoding": "{encoding}"}} in the meta of the input'


def _require_decodable(data: bytes, encoding: Encoding) -> None:
    """Refuse a CSV whose first line is no UTF-8: further lines are told row by row (`structure.text`)."""
    first, ended, _ = data.partition(b"\n")
    if encoding is Encoding.UTF_8 and ended:
        try:
            first.decode()
        except UnicodeDecodeError:
            detail = f"its first line is no UTF-8; {_encoding_line(likely_encoding(data))}"
            raise UnreadableBytes(StructureRule.ENCODING, detail) from None


def _unpack_head(
    s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, raw: bytes, contract: Contract
) -> tuple[bytes, bool]:
    """Return the object's first bytes, unpacked, and whether that is all of it.

    Raises:
        UnreadableBytes: they have another encoding, are packed otherwise than the name says, or the stream is broken.
    """
    why = compression_fault(raw_object.key, raw)
    if why and (why := compression_fault(raw_object.key, _with_printed_delimiter(raw, contract))):
        raise UnreadableBytes(StructureRule.COMPRESSION, why)
    codec, is_whole = codec_of(raw_object.key), raw_object.size <= len(raw)
    if codec is None:
        _require_encoding(raw, contract.dialect.encoding, is_csv=contract.format.is_positional)
        return raw, is_whole
    fault = stream_rule(codec)
    if codec == BZIP2 and not ends_complete_stream(
        raw
        if is_whole
        else read_range(s3, raw_prefix, raw_object, raw_object.size - STREAM_TAIL_BYTES, raw_object.size)
    ):
        raise UnreadableBytes(fault, "the bzip2 stream is cut off, or something follows it")
    try:
        data, ended = _decompress_head(raw, codec, is_whole)
    except BrokenStream as error:
        raise UnreadableBytes(fault, str(error)) from error
    nested_packing = packing_of(data) and packing_of(_with_printed_delimiter(data, contract))
    if nested_packing:
        raise UnreadableBytes(StructureRule.COMPRESSION, f"{nested_packing} within {codec}; put it again packed once")
    _require_encoding(data, contract.dialect.encoding, is_csv=contract.format.is_positional)
    return data, ended


def _with_printed_delimiter(data: bytes, contract: Contract) -> bytes:
    """Return bytes with a comma for a delimiter that is a control character: text with many of these looks binary.

    Hive's is told as a delimiter, where the contract has another one.
    """
    if not contract.format.is_positional:
        return data
    signs = {contract.dialect.delimiter, HIVE_DELIMITER}
    for sign in signs:
        data = data if sign.isprintable() else data.replace(sign.encode(), b",")
    return data


def _decompress_head(raw: bytes, codec: str, is_whole: bool) -> tuple[bytes, bool]:
    """Return the first bytes that a packed object holds, and whether they are all.

    Raises:
        BrokenStream: it is broken.
    """
    data = b""
    try:
        for piece in decompress_stream([raw], codec):
            data += piece[: HEAD_BYTES - len(data)]
            if len(data) == HEAD_BYTES:
                return data, False
    except TruncatedStream:
        if is_whole or not data:
            raise
    return data, is_whole


def stream_rule(codec: str) -> StructureRule:
    """Return the rule that a broken stream of a codec breaks."""
    return StructureRule.GZIP if codec == GZIP else StructureRule.COMPRESSION
