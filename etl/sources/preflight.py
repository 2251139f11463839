"""A look at each unread object before Spark reads it: its key, size, compression, encoding, and its header or magic bytes.

Spark maps CSV columns by position, so a swapped header would load without a word; and an empty file, or one of only a
header, leaves no trace beside a good one.
"""

import codecs
import io
import re
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Any

from etl.contract.dialect import Encoding
from etl.contract.key_folders import folder_fault
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import StructureRule
from etl.sources import csv_header
from etl.sources.avro_container import verify_avro
from etl.sources.avro_header import header_fault
from etl.sources.compression import (
    BINARY,
    BZIP2,
    GZIP,
    SAVED_OTHERWISE,
    STREAM_TAIL_BYTES,
    BrokenStream,
    TruncatedStream,
    codec_of,
    compression_fault,
    decompress_stream,
    ends_complete_stream,
    packing_of,
)
from etl.sources.csv_header import Layout
from etl.sources.encodings import decode_text, likely_encoding, looks_like_utf_8, wide_encoding_of
from etl.sources.excel_rows import verify_excel
from etl.sources.excel_sheet import OLE
from etl.sources.header_hints import HIVE_DELIMITER
from etl.sources.json_forms import describe_other_form
from etl.sources.json_records import MAX_HELD_BYTES, BrokenRecords, describe_size, iterate_json_records
from etl.sources.other_formats import describe_csv, describe_document, describe_json, describe_text
from etl.sources.plain_json import key_order, takes_plain_lines
from etl.storage.object_streams import buffered_stream
from etl.storage.raw_objects import RawObject, S3Prefix

HEAD_BYTES = 64 * 1024  # bytes, before and after decompression
BZIP2_BLOCK_BYTES = (
    1024 * 1024
)  # bytes, in which the longest block of a bzip2 ends: nothing of it can be unpacked before
CHUNK_BYTES = 1024 * 1024
HADOOP_GLOB = re.compile(r"([\\{}\[\]*?])")  # what Hadoop takes for a pattern in a path


@dataclass(frozen=True)
class FilePreflight:
    """What one object showed.

    Attributes:
        object: the object.
        lead: the exact lines of a CSV that stand before its rows, as a reader of lines has them: its header.
        fault: the rule that it breaks, None for none.
        detail: what is wrong.
        layout: which field of a CSV is which column's; of JSON lines the columns in the order of their keys.
        row: the number of the line that breaks the rule, from 1; None where it is no line.
        nanoseconds: the columns that a Parquet file has as times in nanoseconds.
        has_unsure_days: whether nothing tells by which calendar an ORC file counts days before 1582.
    """

    object: RawObject
    lead: tuple[str, ...] = ()
    fault: StructureRule | None = None
    detail: str = ""
    layout: Layout = ()
    row: int | None = None
    nanoseconds: frozenset[str] = frozenset()
    has_unsure_days: bool = False


def preflight_object(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, contract: Contract) -> FilePreflight:
    """Look at one object as its dataset's declared format demands."""
    path = raw_object.key.removeprefix(raw_prefix.prefix)
    if key_fault := _key_fault(raw_object.key) or folder_fault(path, contract):
        return FilePreflight(raw_object, fault=StructureRule.KEY, detail=f"{raw_object.key}: {key_fault}")
    contract = contract.as_file_contents()
    if raw_object.size == 0:
        return FilePreflight(raw_object, fault=StructureRule.EMPTY, detail=f"{raw_object.key}: zero bytes")
    raw = _read_range(
        s3, raw_prefix, raw_object, 0, BZIP2_BLOCK_BYTES if codec_of(raw_object.key) == BZIP2 else HEAD_BYTES
    )
    if contract.format.is_typed:
        return _check_typed(s3, raw_prefix, raw_object, raw, contract)
    if contract.format is SourceFormat.EXCEL:
        return _check_workbook(s3, raw_prefix, raw_object, raw, contract)
    try:
        data, is_whole = _unpack_head(s3, raw_prefix, raw_object, raw, contract)
        if contract.format.is_positional:
            _require_decodable(data, contract.dialect.encoding)
    except _UnreadableBytes as error:
        return FilePreflight(raw_object, fault=error.fault, detail=f"{raw_object.key}: {error}")
    return _check_text(
        raw_object, decode_text(data, contract.dialect.encoding).removeprefix("\ufeff"), is_whole, contract
    )


def _check_text(raw_object: RawObject, text: str, is_whole: bool, contract: Contract) -> FilePreflight:
    """Hold the beginning of a text against its format; `is_whole` says whether it is all of it."""
    if not text.strip():
        return FilePreflight(raw_object, fault=StructureRule.EMPTY, detail=f"{raw_object.key}: nothing but blanks")
    if contract.format.is_positional:
        return _check_header(raw_object, text, is_whole, contract)
    return _check_records(raw_object, text, is_whole, contract)


class _UnreadableBytes(Exception):
    """Bytes that are not read: `fault` is the last part of the rule's id."""

    def __init__(self, fault: StructureRule, why: str) -> None:
        super().__init__(why)
        self.fault = fault


def _key_fault(key: str) -> str:
    """Say why Hadoop cannot take a key for a path; empty where it can (asked of Hadoop 3.4 with 5,000 keys)."""
    names = key.split("/")
    if "" in names or {".", ".."} & set(names):
        return "no file path"
    if ":" in key and (glob := HADOOP_GLOB.search(key)):
        return f"Hadoop reads no key with both : and {glob[0]}"
    return ""


def _read_range(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, start: int, end: int) -> bytes:
    response = s3.get_object(
        Bucket=raw_prefix.bucket, Key=raw_object.key, VersionId=raw_object.version, Range=f"bytes={start}-{end - 1}"
    )
    return response["Body"].read(end - start)


def _check_typed(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, raw: bytes, contract: Contract) -> FilePreflight:
    """Hold the first bytes of a file that brings its own types against its format; of Avro they have its schema."""
    preflight = _check_magic(raw_object, raw, contract)
    if preflight.fault or contract.format is not SourceFormat.AVRO:
        return preflight
    fault = header_fault(raw, partial(_read_range, s3, raw_prefix, raw_object, 0), contract)
    return FilePreflight(raw_object, fault=fault[0], detail=f"{raw_object.key}: {fault[1]}") if fault else preflight


def _check_workbook(
    s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, raw: bytes, contract: Contract
) -> FilePreflight:
    """Read a workbook to its end: what is broken in it, or merged, is known before any task reads it."""
    if not raw.startswith((OLE, contract.format.magic)):
        detail = f"{raw_object.key}: no excel file but {_describe_other(raw_object, raw, contract)}"
        return FilePreflight(raw_object, fault=StructureRule.FORMAT, detail=detail)
    size = min(raw_object.size, MAX_HELD_BYTES + 1)
    try:
        verify_excel(io.BytesIO(_read_range(s3, raw_prefix, raw_object, 0, size)), contract)
    except BrokenRecords as error:
        return FilePreflight(raw_object, fault=error.rule, detail=f"{raw_object.key}: {error.why}")
    return FilePreflight(raw_object)


def _check_magic(raw_object: RawObject, raw: bytes, contract: Contract) -> FilePreflight:
    source_format = contract.format
    if raw.startswith(source_format.magic):
        return FilePreflight(raw_object)
    packing = packing_of(raw)
    is_packed = packing is not None and packing not in tuple(SourceFormat)
    fault = StructureRule.COMPRESSION if is_packed else StructureRule.FORMAT
    words = _describe_other(raw_object, raw, contract)
    detail = f"no {source_format} file but {words}"
    return FilePreflight(raw_object, fault=fault, detail=f"{raw_object.key}: {detail}")


def _describe_other(raw_object: RawObject, raw: bytes, contract: Contract) -> str:
    """Say what the first bytes are that are of no file of the declared binary format, and what to do."""
    packing = packing_of(raw)
    if packing is None:
        text = decode_text(raw, Encoding.UTF_8).removeprefix("\ufeff")
        return describe_text(text, raw_object.size <= len(raw), contract)
    if packing in tuple(SourceFormat):
        return f'{packing}: write "format": "{packing}" in the meta of the input'
    if packing in SAVED_OTHERWISE:
        return SAVED_OTHERWISE[packing]
    return packing if packing.startswith(BINARY) else f"{packing}; put it again unpacked"


def _require_encoding(data: bytes, encoding: Encoding, *, is_csv: bool) -> None:
    wide_encoding = wide_encoding_of(data)
    if encoding is Encoding.UTF_16:
        if wide_encoding != "UTF-16":
            detail = f"no UTF-16, where UTF-16 is read; {_encoding_line(Encoding.UTF_8)}, or what it is"
            raise _UnreadableBytes(StructureRule.ENCODING, detail)
    elif wide_encoding:
        is_declarable = wide_encoding == "UTF-16" and is_csv
        again = f"put it again as UTF-8, as `iconv -f {wide_encoding.lower()} -t utf-8` writes it"
        hint = _encoding_line(Encoding.UTF_16) if is_declarable else again
        raise _UnreadableBytes(StructureRule.ENCODING, f"{wide_encoding}, where {encoding.upper()} is read; {hint}")
    if encoding.is_single_byte and data.startswith(codecs.BOM_UTF8):
        detail = f"UTF-8 by its byte-order mark, where {encoding.upper()} is read; {_encoding_line(Encoding.UTF_8)}"
        raise _UnreadableBytes(StructureRule.ENCODING, detail)
    if encoding.is_single_byte and looks_like_utf_8(data):
        detail = f"by its letters UTF-8, where {encoding.upper()} is read; {_encoding_line(Encoding.UTF_8)}"
        raise _UnreadableBytes(StructureRule.ENCODING, detail)


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
            raise _UnreadableBytes(StructureRule.ENCODING, detail) from None


def _unpack_head(
    s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, raw: bytes, contract: Contract
) -> tuple[bytes, bool]:
    """Return the object's first bytes, unpacked, and whether that is all of it.

    Raises:
        _UnreadableBytes: they have another encoding, are packed otherwise than the name says, or the stream is broken.
    """
    why = compression_fault(raw_object.key, raw)
    if why and (why := compression_fault(raw_object.key, _with_printed_delimiter(raw, contract))):
        raise _UnreadableBytes(StructureRule.COMPRESSION, why)
    codec, is_whole = codec_of(raw_object.key), raw_object.size <= len(raw)
    if codec is None:
        _require_encoding(raw, contract.dialect.encoding, is_csv=contract.format.is_positional)
        return raw, is_whole
    fault = _fault_of(codec)
    if codec == BZIP2 and not ends_complete_stream(
        raw
        if is_whole
        else _read_range(s3, raw_prefix, raw_object, raw_object.size - STREAM_TAIL_BYTES, raw_object.size)
    ):
        raise _UnreadableBytes(fault, "the bzip2 stream is cut off, or something follows it")
    try:
        data, ended = _decompress_head(raw, codec, is_whole)
    except BrokenStream as error:
        raise _UnreadableBytes(fault, str(error)) from error
    nested_packing = packing_of(data) and packing_of(_with_printed_delimiter(data, contract))
    if nested_packing:
        raise _UnreadableBytes(StructureRule.COMPRESSION, f"{nested_packing} within {codec}; put it again packed once")
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
        Unsound: the stream is broken.
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


def _fault_of(codec: str) -> StructureRule:
    """Return the last part of the id of the rule that a broken stream breaks."""
    return StructureRule.GZIP if codec == GZIP else StructureRule.COMPRESSION


def _check_header(raw_object: RawObject, text: str, is_whole: bool, contract: Contract) -> FilePreflight:
    """Hold the first lines of a CSV against the declared columns."""
    head = csv_header.check_head(text, is_whole, contract)
    is_doubted = head.fault is StructureRule.HEADER or not contract.dialect.header
    if is_doubted and (other := describe_document(text)):
        return FilePreflight(raw_object, fault=StructureRule.FORMAT, detail=f"{raw_object.key}: {other}")
    if head.fault is StructureRule.HEADER and (other := describe_json(text, is_whole, contract)):
        return FilePreflight(raw_object, fault=StructureRule.FORMAT, detail=f"{raw_object.key}: {other}")
    if head.fault:
        return FilePreflight(raw_object, fault=head.fault, detail=f"{raw_object.key}: {head.words}", row=head.row)
    return FilePreflight(raw_object, head.lead, layout=head.layout)


def _check_records(raw_object: RawObject, text: str, is_whole: bool, contract: Contract) -> FilePreflight:
    """Hold the beginning of a JSON file against the declared form of its records, and its size against what a task holds."""
    if contract.record_form.is_held_whole and raw_object.size > MAX_HELD_BYTES and codec_of(raw_object.key) is None:
        detail = f"{raw_object.key}: {raw_object.size} bytes, {describe_size()}"
        return FilePreflight(raw_object, fault=StructureRule.SIZE, detail=detail)
    if other_form := (
        describe_document(text) or describe_csv(text, contract) or describe_other_form(text, is_whole, contract)
    ):
        return FilePreflight(raw_object, fault=StructureRule.FORMAT, detail=f"{raw_object.key}: {other_form}")
    layout = key_order(text, is_whole, contract) if takes_plain_lines(contract) else ()
    return FilePreflight(raw_object, layout=layout)


def verify_records(s3: Any, raw_prefix: S3Prefix, preflight: FilePreflight, contract: Contract) -> FilePreflight:
    """Read a file to its end whose records one task reads; where one's end cannot be told, it is a fault.

    For the rare run in which Spark could not read: a good day never gets here.
    """
    raw_object, is_avro = preflight.object, contract.format is SourceFormat.AVRO
    if preflight.fault or not (is_avro or (contract.format.is_text and contract.record_form.takes_whole_files)):
        return preflight
    body = s3.get_object(Bucket=raw_prefix.bucket, Key=raw_object.key, VersionId=raw_object.version)["Body"]
    chunks, codec = body.iter_chunks(CHUNK_BYTES), None if is_avro else codec_of(raw_object.key)
    stream = buffered_stream(decompress_stream(chunks, codec) if codec else chunks)
    try:
        if is_avro:
            verify_avro(stream)
        else:
            deque(iterate_json_records(stream, contract.records), maxlen=0)
    except BrokenRecords as error:
        return FilePreflight(raw_object, fault=error.rule, detail=f"{raw_object.key}: {error.why}")
    return preflight


def verify_stream(s3: Any, raw_prefix: S3Prefix, preflight: FilePreflight) -> FilePreflight:
    """Read a packed object to its end, in constant memory; a stream that is not whole is a fault.

    For the rare run in which Spark could not read: a good day never gets here.
    """
    raw_object, codec = preflight.object, codec_of(preflight.object.key)
    if preflight.fault or codec is None:
        return preflight
    body = s3.get_object(Bucket=raw_prefix.bucket, Key=raw_object.key, VersionId=raw_object.version)["Body"]
    try:
        for _ in decompress_stream(body.iter_chunks(CHUNK_BYTES), codec):
            pass
    except BrokenStream:
        detail = f"{raw_object.key}: its {codec} stream is broken or cut off beyond its first {HEAD_BYTES} bytes"
        return FilePreflight(raw_object, fault=_fault_of(codec), detail=detail)
    return preflight
