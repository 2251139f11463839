"""Manifests as sources send them: JSON, CSV with a header, lines of md5sum, a plain list of names, an empty marker."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from etl.contract.faults import short_repr
from etl.contract.manifest_globs import SUCCESS_MARKER
from etl.sources.manifest_entries import (
    HEX_LENGTHS,
    ManifestBroken,
    ManifestEntry,
    has_name_field,
    parse_checksum,
    parse_entry,
    plain_field,
)

LIST_FIELDS = ("files", "entries", "objects")
"""Under what name a manifest in JSON has its list."""
LISTING_ENDINGS = (".json", ".jsonl", ".csv", ".tsv", ".md5", ".sha1", ".sha256", ".sha512", ".md5sum", ".sha256sum")
"""Names of files that say something: an empty one broke off."""
SUM_LINE = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9a-fA-F]+)(?: [ *]|[ \t]+)(?P<name>\S.*)")
TAGGED_LINE = re.compile(
    r"(?P<algorithm>MD5|SHA-?1|SHA2?-?256|SHA2?-?512) ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9a-fA-F]+)"
)
DELIMITERS = (",", ";", "\t", "|")
SEPARATOR = re.compile(r"[,;\t|\"]")


@dataclass(frozen=True)
class ParsedManifest:
    """What a manifest says; a marker names no file, and says that its folder is complete."""

    entries: tuple[ManifestEntry, ...] = ()
    is_marker: bool = False


def parse_manifest(file_name: str, body: bytes) -> ParsedManifest:
    """Read a manifest; `file_name` is the last part of its key.

    Raises:
        ManifestBroken: it is none.
    """
    if file_name == SUCCESS_MARKER:
        return ParsedManifest(is_marker=True)
    text = _decode_text(body)
    if not text.strip():
        if file_name.lower().endswith(LISTING_ENDINGS):
            raise ManifestBroken(f"it is empty, and a {file_name.rpartition('.')[2]} file says what is there")
        return ParsedManifest(is_marker=True)
    if text.lstrip().startswith(("{", "[")):
        return ParsedManifest(tuple(_json_entries(text)))
    if text.lstrip().startswith("<"):
        raise ManifestBroken("it begins with <, as a page of HTML or XML does")
    return ParsedManifest(tuple(_line_entries(file_name, text)))


def _decode_text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestBroken(f"byte {error.start + 1} is no UTF-8: a manifest is text") from error
    if "\0" in text:
        raise ManifestBroken("it has a zero byte: a manifest is text in UTF-8")
    return text


def _json_entries(text: str) -> Iterator[ManifestEntry]:
    content = _parse_json(text)
    if isinstance(content, dict):
        content = _listed_in(content)
    for number, item in enumerate(content, 1):
        where = f"entry {number}"
        if isinstance(item, str):
            yield parse_entry({"name": item}, where)
        elif isinstance(item, dict):
            yield parse_entry(item, where)
        else:
            raise ManifestBroken(f"{where} is {short_repr(item)}, and no name and no object")


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique_fields)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if error.msg == "Extra data" and all(line.lstrip().startswith("{") for line in lines):
            return [_parse_json_line(number, line) for number, line in enumerate(lines, 1)]
        raise ManifestBroken(f"it is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise ManifestBroken("its JSON is nested too deep") from error


def _parse_json_line(number: int, line: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_unique_fields)
    except json.JSONDecodeError as error:
        raise ManifestBroken(f"it is no JSON: line {number}, column {error.colno}: {error.msg}") from error


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if fields.setdefault(name, value) != value:
            raise ManifestBroken(f"an object has {short_repr(name)} twice, with different values")
    return fields


def _listed_in(content: dict[str, Any]) -> list[Any]:
    """Return the list of a manifest in JSON; one of a single file is that file's entry."""
    plain = {plain_field(field): value for field, value in content.items()}
    for field in LIST_FIELDS:
        match plain.get(field):
            case list() as entries:
                return entries
            case dict() as by_name:
                return [
                    {"name": name, **value} if isinstance(value, dict) else value for name, value in by_name.items()
                ]
            case _:
                continue
    if has_name_field(content):
        return [content]
    raise ManifestBroken(f"its JSON has no list under {', '.join(LIST_FIELDS)}")


def _line_entries(file_name: str, text: str) -> Iterator[ManifestEntry]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    first = lines[0][1]
    if len(lines) == 1 and (sidecar := _sidecar_entry(file_name, first.strip())):
        yield sidecar
        return
    if _is_sum(first):
        yield from (_sum_entry(number, line) for number, line in lines)
    elif (delimiter := _header_delimiter(first)) is not None:
        yield from _csv_entries(text, delimiter)
    else:
        yield from (_name_entry(number, line) for number, line in lines)


def _sidecar_entry(file_name: str, text: str) -> ManifestEntry | None:
    """Return the entry of a checksum alone in a file named after another: orders.csv.md5; None where it is none."""
    stem, _, ending = file_name.rpartition(".")
    if not stem or plain_field(ending).removesuffix("sum") not in HEX_LENGTHS.values():
        return None
    if not re.fullmatch(r"[0-9a-fA-F]+", text):
        return None
    return ManifestEntry(stem, "line 1", checksums=(parse_checksum(text, "", "line 1 has"),))


def _is_sum(line: str) -> bool:
    match = TAGGED_LINE.fullmatch(line) or SUM_LINE.fullmatch(line)
    return match is not None and len(match["digest"]) in HEX_LENGTHS


def _sum_entry(number: int, line: str) -> ManifestEntry:
    """Read a line as md5sum and sha256sum write it, or with --tag; a name with a line end or a backslash is escaped."""
    where = f"line {number}"
    if not _is_sum(line):
        raise ManifestBroken(f"{where} is no checksum and name, as the lines before are: {short_repr(line)}")
    if tagged := TAGGED_LINE.fullmatch(line):
        return ManifestEntry(tagged["name"], where, checksums=(parse_checksum(tagged["digest"], "", f"{where} has"),))
    match = SUM_LINE.fullmatch(line)
    assert match is not None  # noqa: S101  as it was seen to be a sum
    name = match["name"].rstrip()
    if match["escaped"]:
        name = re.sub(r"\\([\\nr])", lambda escape: {"n": "\n", "r": "\r"}.get(escape[1], "\\"), name)
    return ManifestEntry(name, where, checksums=(parse_checksum(match["digest"], "", f"{where} has"),))


def _header_delimiter(line: str) -> str | None:
    """Return what separates the names of a header, None where the line is none."""
    for delimiter in DELIMITERS:
        names = next(csv.reader([line], delimiter=delimiter), [])
        if has_name_field(dict.fromkeys(names)) and (len(names) > 1 or not SEPARATOR.search(line)):
            return delimiter
    return None


def _csv_entries(text: str, delimiter: str) -> Iterator[ManifestEntry]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: Sequence[str] = ()
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if not header:
                header = fields
                continue
            where = f"line {reader.line_num}"
            if len(fields) != len(header):
                raise ManifestBroken(f"{where} has {len(fields)} fields, and its header {len(header)}")
            yield parse_entry(dict(zip(header, fields, strict=True)), where)
    except csv.Error as error:
        raise ManifestBroken(f"line {reader.line_num} is no CSV: {error}") from error


def _name_entry(number: int, line: str) -> ManifestEntry:
    name = line.strip()
    if SEPARATOR.search(name):
        raise ManifestBroken(
            f"line {number} is no name of a file: {short_repr(name)}; a CSV begins with a header such as name,size,rows"
        )
    return ManifestEntry(name, f"line {number}")
