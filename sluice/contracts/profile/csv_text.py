"""Records of CSV text: by a delimiter, a quote, an escape and a comment, over one line or several."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from etl.sources import text_lines
from etl.sources.csv_syntax import CsvSyntax

MOST_RECORD_LINES = 1000  # a quote that is not closed after so many lines is no line break in a value


@dataclass(frozen=True)
class CsvForm:
    """How the text of a CSV is written; the names are those of `meta.dialect`.

    Attributes:
        delimiter: one character.
        quote: one character, "" where fields are never quoted.
        escape: what stands before a quote within quotes, "" where it is doubled.
        comment: what a line starts with that is no record, "" for none.
        header: whether the first record is the names.
        multi_line: whether a quoted value may hold line ends.
        skip_rows, skip_footer: lines before the header and after the last record.
        null_values: texts that are null in each column.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    comment: str = ""
    header: bool = True
    encoding: str = "utf-8"
    multi_line: bool = False
    skip_rows: int = 0
    skip_footer: int = 0
    null_values: tuple[str, ...] = ()

    def declared(self) -> dict[str, object]:
        """Return what differs from the default, as a suite has it."""
        entries = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if getattr(self, name) != getattr(DEFAULT, name)
        }
        return {name: [*self.null_values] if name == "null_values" else value for name, value in entries.items()}

    @cached_property
    def syntax(self) -> CsvSyntax:
        """What a record of it is."""
        return CsvSyntax(self.delimiter, self.quote, self.escape)

    def split(self, record: str) -> list[str | None] | None:
        """Take a record apart, an empty field as None; None where it is none."""
        return self.syntax.split_fields(record)

    def is_open(self, record: str) -> bool:
        """Say whether a quote is open at the record's end."""
        if not self.quote:
            return False
        if self.escape:
            record = re.sub(rf"{re.escape(self.escape)}.", "", record, flags=re.DOTALL)
        return record.count(self.quote) % 2 == 1


DEFAULT = CsvForm()


@dataclass(frozen=True)
class CsvRecord:
    """One record: its fields, None where it is none; the number of its first line; its text."""

    fields: list[str | None] | None
    line: int
    text: str = field(repr=False)


def split_records(lines: Iterable[tuple[int, str]], form: CsvForm) -> Iterator[CsvRecord]:
    """Yield the records of numbered lines that still have their ends; comments and blank lines are none."""
    numbered = iter(lines)
    for number, ended in numbered:
        text = ended.rstrip("\r\n")
        if form.comment and text.startswith(form.comment):
            continue
        if form.multi_line and form.is_open(text):
            text = _whole_record(ended, numbered, form)
        if text_lines.is_row(text):
            yield CsvRecord(form.split(text), number, text)


def _whole_record(first: str, following: Iterator[tuple[int, str]], form: CsvForm) -> str:
    pieces = [first]
    is_open = True
    while is_open and len(pieces) < MOST_RECORD_LINES:
        _, line = next(following, (0, ""))
        if not line:
            break
        pieces.append(line)
        is_open = form.is_open(line) is False  # a line with an odd number of quotes closes it
    return "".join(pieces).rstrip("\r\n")
