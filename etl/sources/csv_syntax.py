"""What a field of CSV is under a dialect: one definition for the gate, its preflight and `sluice profile`.

The patterns mean the same to Java's compiler and to Python's. They are possessive: Java's matcher would otherwise use a
stack frame for each repetition.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from etl.contract.dialect import Dialect
from etl.sources.text_lines import FURTHER, RUNS

SEPARATOR = "\x00"
"""Stands after each field of a line that was taken apart: no sound line with quotes has it."""
JAVA_SYNTAX = ".$|()[{^?*+\\"  # single characters that Java's split takes for a pattern (String.split)


@dataclass(frozen=True)
class CsvSyntax:
    """The regular expressions of a dialect.

    Attributes:
        delimiter: the character between two fields.
        quote: the character around a field, "" for none.
        escape: the character before one that stands for itself, "" for none or where that is the quote.
        raw_nulls: texts of a field without quotes that are null though an escape stands in them, as `\\N`.
        multi_line: whether a quoted field may hold line ends.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    raw_nulls: tuple[str, ...] = ()
    multi_line: bool = False

    @classmethod
    def from_dialect(cls, dialect: Dialect) -> "CsvSyntax":
        """Return a dialect's syntax."""
        escape = "" if dialect.escape == dialect.quote else dialect.escape
        raw_nulls = tuple(text for text in dialect.null_values if escape and escape in text)
        return _syntax(dialect.delimiter, dialect.quote, escape, raw_nulls, dialect.multi_line)

    @cached_property
    def _pair(self) -> str:
        """What stands for one character within a field: a doubled quote, or an escaped one."""
        quote, escape = re.escape(self.quote), re.escape(self.escape)
        escaped = [f"{escape}[{quote}{escape}{re.escape(self.delimiter)}]"] if escape else []
        return f"(?:{'|'.join([*([quote * 2] if quote else []), *escaped])})"

    @cached_property
    def between(self) -> str:
        """What stands between a field's quotes."""
        others = rf"[^{re.escape(self.quote + self.escape)}\x00]*+"
        return f"{others}(?:{self._pair}{others})*+"

    @cached_property
    def bare(self) -> str:
        """A field without quotes."""
        others = rf"[^{re.escape(self.delimiter + self.quote + self.escape)}\x00]*+"
        if not self.escape:
            return others
        escape = re.escape(self.escape)
        pair = f"{escape}[{re.escape(self.quote)}{escape}{re.escape(self.delimiter)}]"
        text = f"{others}(?:{pair}{others})*+"
        nulls = "|".join(map(re.escape, self.raw_nulls))
        return f"(?:(?:{nulls})(?![^{re.escape(self.delimiter)}])|{text})" if nulls else text

    @cached_property
    def field(self) -> str:
        """One field, quoted or bare."""
        quote = re.escape(self.quote)
        return f"(?:{quote}{self.between}{quote}|{self.bare})" if quote else f"(?:{self.bare})"

    @cached_property
    def field_groups(self) -> str:
        """One field with its value as group 1 where it is quoted, as group 2 where it is bare, and the delimiter after it."""
        quote = re.escape(self.quote)
        quoted = f"{quote}({self.between}){quote}" if quote else r"\x00()"
        return f"(?:{quoted}|({self.bare})){re.escape(self.delimiter)}"

    def record(self, fields: int) -> str:
        """Return the pattern of a whole line of so many fields."""
        return rf"\A{self.field}(?:{re.escape(self.delimiter)}{self.field}){{{fields - 1}}}\z"

    @cached_property
    def escaped_pair(self) -> str:
        """What stands for its last character, which is group 1 or 2."""
        quote, escape = re.escape(self.quote), re.escape(self.escape)
        doubled = f"|{quote}({quote})" if quote else "|(?!)()"  # no match: SEPARATOR stands between the fields
        return f"{escape}([{quote}{escape}{re.escape(self.delimiter)}]){doubled}"

    @cached_property
    def split_pattern(self) -> str:
        """The delimiter for Java's `split`, which is fast for a single character and for an escaped one."""
        return f"\\{self.delimiter}" if self.delimiter in JAVA_SYNTAX else self.delimiter

    @cached_property
    def text(self) -> str:
        """A line that is text, as `text_lines.TEXT` has it; a delimiter may be a control character."""
        return rf"\A{self._runs}\z"

    @cached_property
    def _runs(self) -> str:
        if self.delimiter.isprintable() or self.delimiter == "\t":
            return RUNS
        return rf"(?:[ -~]++|[{FURTHER}\n\r{re.escape(self.delimiter)}]++)*+"

    @cached_property
    def _text(self) -> re.Pattern[str]:
        return re.compile(self._runs)

    @cached_property
    def _field(self) -> re.Pattern[str]:
        return re.compile(self.field_groups)

    @cached_property
    def _marks(self) -> str:
        return self.quote + self.escape

    @cached_property
    def raw_null(self) -> str:
        """A null text among fields that SEPARATOR ends, where an escape stands in it."""
        nulls = "|".join(map(re.escape, self.raw_nulls))
        return f"(?<![^{SEPARATOR}])(?:{nulls})(?={SEPARATOR})"

    def is_text(self, line: str) -> bool:
        """Say whether a line is text."""
        return (line.isascii() and line.isprintable()) or self._text.fullmatch(line) is not None

    def split_fields(self, line: str) -> list[str | None] | None:
        """Take a line apart, an empty field as None; None where it is no record."""
        if not any(mark in line for mark in self._marks):
            return None if "\x00" in line else [value or None for value in line.split(self.delimiter)]
        values: list[str | None] = []
        start, ended = 0, line + self.delimiter
        while start < len(ended):
            field = self._field.match(ended, start)
            if field is None:
                return None
            quoted, bare = field.groups()
            values.append(None if bare in self.raw_nulls else self.plain_value(quoted or bare or "") or None)
            start = field.end()
        return values

    def plain_value(self, raw: str) -> str:
        """Return a field's value: what stands for one character is that character."""
        if self.escape:
            return re.sub(self.escaped_pair, lambda pair: pair[1] or pair[2], raw)
        return raw.replace(self.quote * 2, self.quote) if self.quote else raw


@cache
def _syntax(delimiter: str, quote: str, escape: str, raw_nulls: tuple[str, ...], multi_line: bool) -> CsvSyntax:
    """Make each once: its patterns are compiled once then."""
    return CsvSyntax(delimiter, quote, escape, raw_nulls, multi_line)


COMMAS = CsvSyntax()
"""RFC 4180."""
