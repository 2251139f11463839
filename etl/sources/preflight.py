"""A look at each unread object before Spark reads it: its key, size, compression, encoding, and its header or magic bytes.

Spark maps CSV columns by position, so a swapped header would load without a word; and an empty file, or one of only a
header, leaves no trace beside a good one.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from etl.contract.dialect import Encoding
from etl.contract.key_folders import folder_fault
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import StructureRule
from etl.sources import csv_header, quoted_share
from etl.sources.avro_header import header_fault
from etl.sources.compression import (
    BINARY,
    SAVED_OTHERWISE,
    codec_of,
    packing_of,
)
from etl.sources.csv_header import Layout
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.encodings import decode_text
from etl.sources.excel_rows import verify_excel
from etl.sources.excel_sheet import OLE
from etl.sources.json_forms import describe_other_form
from etl.sources.json_records import MAX_HELD_BYTES, BrokenRecords, describe_size
from etl.sources.object_head import UnreadableBytes, read_first_bytes, read_range, read_text_head
from etl.sources.other_formats import describe_csv, describe_document, describe_json, describe_text
from etl.sources.plain_json import key_order, takes_plain_lines
from etl.storage.raw_objects import RawObject, S3Prefix

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
        lacks_optional: whether it lacks the columns that a whole file may lack; of JSON each record tells by itself.
        is_part: whether it is one of several objects of a copy, of which some may have no row.
        is_parsed: whether the lines of a CSV are better parsed than split (`quoted_share.py`).
    """

    object: RawObject
    lead: tuple[str, ...] = ()
    fault: StructureRule | None = None
    detail: str = ""
    layout: Layout = ()
    row: int | None = None
    nanoseconds: frozenset[str] = frozenset()
    has_unsure_days: bool = False
    lacks_optional: bool = False
    is_part: bool = False
    is_parsed: bool = False


def without_empty_parts(preflights: Sequence[FilePreflight], contract: Contract) -> list[FilePreflight]:
    """Leave out the parts of a copy that have no row, unless none has one.

    Spark writes its first partition also where that is empty, and Redshift's UNLOAD a file for each slice. Where rows are text
    without a header such a part has no byte.
    """
    bare = contract.format is SourceFormat.JSONL or (
        contract.format is SourceFormat.CSV and not contract.dialect.header
    )
    no_rows = {StructureRule.ROWS, StructureRule.EMPTY} if bare else {StructureRule.ROWS}
    parts = [replace(look, is_part=True) for look in preflights if look.fault not in no_rows]
    return parts or [*preflights]


def preflight_object(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, contract: Contract) -> FilePreflight:
    """Look at one object as its dataset's declared format demands."""
    path = raw_object.key.removeprefix(raw_prefix.prefix)
    if key_fault := _key_fault(raw_object.key) or folder_fault(path, contract):
        return FilePreflight(raw_object, fault=StructureRule.KEY, detail=f"{raw_object.key}: {key_fault}")
    contract = contract.as_file_contents()
    if raw_object.size == 0:
        return FilePreflight(raw_object, fault=StructureRule.EMPTY, detail=f"{raw_object.key}: zero bytes")
    raw = read_first_bytes(s3, raw_prefix, raw_object)
    if contract.format.is_typed:
        return _check_typed(s3, raw_prefix, raw_object, raw, contract)
    if contract.format is SourceFormat.EXCEL:
        return _check_workbook(s3, raw_prefix, raw_object, raw, contract)
    try:
        text, is_whole = read_text_head(s3, raw_prefix, raw_object, raw, contract)
    except UnreadableBytes as error:
        return FilePreflight(raw_object, fault=error.fault, detail=f"{raw_object.key}: {error}")
    return _check_text(raw_object, text, is_whole, contract)


def _check_text(raw_object: RawObject, text: str, is_whole: bool, contract: Contract) -> FilePreflight:
    """Hold the beginning of a text against its format; `is_whole` says whether it is all of it."""
    if not text.strip():
        return FilePreflight(raw_object, fault=StructureRule.EMPTY, detail=f"{raw_object.key}: nothing but blanks")
    if contract.format.is_positional:
        return _check_header(raw_object, text, is_whole, contract)
    return _check_records(raw_object, text, is_whole, contract)


def _key_fault(key: str) -> str:
    """Say why Hadoop cannot take a key for a path; empty where it can (asked of Hadoop 3.4 with 5,000 keys)."""
    names = key.split("/")
    if "" in names or {".", ".."} & set(names):
        return "no file path"
    if ":" in key and (glob := HADOOP_GLOB.search(key)):
        return f"Hadoop reads no key with both : and {glob[0]}"
    return ""


def _check_typed(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, raw: bytes, contract: Contract) -> FilePreflight:
    """Hold the first bytes of a file that brings its own types against its format; of Avro they have its schema."""
    preflight = _check_magic(raw_object, raw, contract)
    if preflight.fault or contract.format is not SourceFormat.AVRO:
        return preflight
    read_first = partial(read_range, s3, raw_prefix, raw_object, 0)
    fault, smaller = header_fault(raw, read_first, contract), contract.without_optional_columns()
    if fault and smaller and header_fault(raw, read_first, smaller) is None:
        return replace(preflight, lacks_optional=True)
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
        verify_excel(io.BytesIO(read_range(s3, raw_prefix, raw_object, 0, size)), contract)
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
    lacks_optional = any(name not in head.layout for name in contract.optional_columns)
    is_parsed = quoted_share.is_parsed(text, head.lead, len(head.layout), CsvSyntax.from_dialect(contract.dialect))
    return FilePreflight(raw_object, head.lead, layout=head.layout, lacks_optional=lacks_optional, is_parsed=is_parsed)


def _check_records(raw_object: RawObject, text: str, is_whole: bool, contract: Contract) -> FilePreflight:
    """Hold the beginning of a JSON file against the declared form of its records, and its size against what a task holds."""
    if contract.record_form.is_held_whole and raw_object.size > MAX_HELD_BYTES and codec_of(raw_object.key) is None:
        detail = f"{raw_object.key}: {raw_object.size} bytes, {describe_size()}"
        return FilePreflight(raw_object, fault=StructureRule.SIZE, detail=detail)
    if text.lstrip().startswith(("{", "[")):
        other = describe_other_form(text, is_whole, contract)
    else:
        other = describe_document(text) or describe_csv(text, contract)
    if other:
        return FilePreflight(raw_object, fault=StructureRule.FORMAT, detail=f"{raw_object.key}: {other}")
    layout = key_order(text, is_whole, contract) if takes_plain_lines(contract) else ()
    return FilePreflight(raw_object, layout=layout)
