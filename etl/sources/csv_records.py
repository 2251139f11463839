"""The records of a CSV, read by Python in one go: for files that one task reads whole, for preflight, and for drafts."""

import csv
import io
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import BinaryIO, NamedTuple

from etl.contract.dialect import Dialect, Encoding
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.encodings import SNIFFED_BYTES, utf_16_codec

MAX_RECORD_CHARACTERS = 1 << 24
"""What is kept of a record that is longer: it is none, for a quote that never closes takes all that follows."""
csv.field_size_limit(sys.maxsize)
Lines = Iterator[tuple[int, str]]
"""Lines with their ends, each with its number, from 1."""


class CsvRecord(NamedTuple):
    """A record, or a line that is none.

    Attributes:
        number: the number of its first line, from 1.
        text: as it stands in the file, without the line end behind it.
        fields: the texts of its fields, without quotes; None where it is no record of the dialect.
    """

    number: int
    text: str
    fields: list[str] | None


def open_lines(stream: BinaryIO, encoding: Encoding) -> Iterable[str]:
    """Return the lines of a stream of bytes with their ends; what is no character there becomes one that is no text."""
    codec = "utf-8-sig" if encoding is Encoding.UTF_8 else encoding.codec
    if encoding is Encoding.UTF_16:
        buffered = io.BufferedReader(stream, io.DEFAULT_BUFFER_SIZE)  # pyright: ignore[reportArgumentType]
        stream, codec = buffered, utf_16_codec(buffered.peek(SNIFFED_BYTES))
    return io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="")


def iterate_records(lines: Iterable[str], dialect: Dialect, columns: int | None = None) -> Iterator[CsvRecord]:
    """Yield the records of a file, the header first where there is one; a blank line is none, but in a file of one column.

    Args:
        lines: the file's, with their ends.
        dialect: how they are written.
        columns: how many fields a record has; None for as many as the first one has.
    """
    numbered: Lines = islice(enumerate(lines, 1), dialect.skip_rows, None)
    if dialect.skip_footer:
        numbered = _without_footer(numbered, dialect.skip_footer)
    reader, is_first = _RecordReader(dialect), dialect.header
    for number, line in numbered:
        text = line.rstrip("\r\n")
        if dialect.comment and text.startswith(dialect.comment):
            continue
        if columns != 1 and not is_first and not text.strip(" "):
            continue
        record = reader.read_record(number, text, line, numbered)
        if columns is None:
            columns = len(record.fields or ())
        is_first = False
        yield record


def _without_footer(lines: Lines, count: int) -> Lines:
    """Yield all but the last lines, blank ones not counted."""
    held: deque[tuple[int, str]] = deque()
    filled = 0
    for numbered in lines:
        held.append(numbered)
        filled += bool(numbered[1].strip())
        while filled > count:
            first = held.popleft()
            filled -= bool(first[1].strip())
            yield first


@dataclass(frozen=True)
class _RecordReader:
    """Takes records apart by a dialect's syntax."""

    dialect: Dialect

    @cached_property
    def syntax(self) -> CsvSyntax:
        return CsvSyntax.from_dialect(self.dialect)

    @cached_property
    def _marks(self) -> tuple[str, ...]:
        return tuple(mark for mark in (self.syntax.quote, self.syntax.escape) if mark)

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        """What a line is that begins a record, or that a quoted field of the one before goes on in."""
        delimiter, quote = re.escape(self.syntax.delimiter), re.escape(self.syntax.quote)
        field, between = self.syntax.field, self.syntax.between
        patterns = {
            "whole": rf"(?:{field}{delimiter})*+{field}\Z",
            "opened": rf"(?:{field}{delimiter})*+{quote}{between}\Z",
            "closed": rf"{between}{quote}(?:{delimiter}{field})*+\Z",
            "inside": rf"{between}(?:{quote}(?:{delimiter}{field})*?{delimiter}{quote}{between})?\Z",
        }
        return {name: re.compile(pattern) for name, pattern in patterns.items()}

    def read_record(self, number: int, text: str, line: str, following: Lines) -> CsvRecord:
        """Return the record that a line begins, whose text is the line without its end."""
        for mark in self._marks:
            if mark in text:
                break
        else:
            return CsvRecord(number, text, None if "\x00" in text else text.split(self.syntax.delimiter))
        if self._patterns["whole"].match(text):
            return CsvRecord(number, text, self._fields(text))
        if not self.dialect.multi_line or not self._patterns["opened"].match(line):
            return CsvRecord(number, text, None)
        text, is_sound = self._gather(line, following)
        return CsvRecord(number, text, self._fields(text) if is_sound else None)

    def _gather(self, line: str, following: Lines) -> tuple[str, bool]:
        """Return a record of several lines, and whether it is one: its last quote is closed, and nothing follows that."""
        parts, length = [line], len(line)
        for _, more in following:
            length += len(more)
            if self._patterns["inside"].match(more):
                if length <= MAX_RECORD_CHARACTERS:
                    parts.append(more)
                continue
            text = more.rstrip("\r\n")
            if length > MAX_RECORD_CHARACTERS:
                break  # what is kept of it never closes its quote, and so is no record for whoever reads it again
            return "".join((*parts, text)), self._patterns["closed"].match(text) is not None
        return "".join(parts).rstrip("\r\n"), False

    def _fields(self, text: str) -> list[str]:
        """Return the fields of a sound record."""
        if self.syntax.escape:
            return [field or "" for field in self.syntax.split_fields(text) or ()]
        delimiter, quote = self.syntax.delimiter, self.syntax.quote
        return next(csv.reader([text], delimiter=delimiter, quotechar=quote, strict=True))
