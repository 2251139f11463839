"""The characters that a field of CSV has without being in doubt: what `line_regex.py` looks for patterns in."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from etl.sources.csv_syntax import COMMAS, CsvSyntax
from etl.sources.text_lines import FURTHER

PRINTED = frozenset(chr(code) for code in range(0x20, 0x7F))
DIGITS, SPACE = frozenset("0123456789"), frozenset(" ")
CERTAIN = FURTHER.replace("\ufffe-", "\U00010000-")
"""Further text but U+FFFE and U+FFFF, which are in doubt: Spark's parser of CSV takes one for the end (`quoted_lines.py`)."""
WORD = frozenset(character for character in PRINTED if character.isalnum()) | {"_"}
KINDS = {"d": DIGITS, "w": WORD, "s": SPACE}


@dataclass(frozen=True)
class FieldAlphabet:
    """The characters of a field that a pattern is looked for in; on these alone a narrowed pattern matches as the whole does.

    Attributes:
        syntax: the dialect's: its delimiter, quote and escape are none of them.
        null_values: the texts that stand for null.
    """

    syntax: CsvSyntax = COMMAS
    null_values: tuple[str, ...] = ()

    @cached_property
    def plain(self) -> frozenset[str]:
        """Printed ASCII without what has a meaning in the dialect."""
        return PRINTED - {self.syntax.delimiter, self.syntax.quote, self.syntax.escape}

    @cached_property
    def nulls(self) -> str:
        """The texts that stand for null, as alternatives of a pattern; those with other characters are in doubt."""
        return "|".join(re.escape(text) for text in self.null_values if text and self.plain.issuperset(text))

    def of_kind(self, kind: str) -> frozenset[str]:
        """Return the characters of a class such as `\\d`, or of its complement."""
        members = KINDS[kind.lower()] & self.plain
        return members if kind.islower() else self.plain - members

    @cached_property
    def further(self) -> str:
        """Further text, for a class."""
        certain = CERTAIN.replace("\t", "") if self.syntax.delimiter == "\t" else CERTAIN
        return rf"{certain}\n\r" if self.syntax.multi_line and not self.syntax.quote else certain

    @cached_property
    def any_field(self) -> str:
        """Runs of plain characters, tried first as a class of bits, and of further text between: one way, whatever the text."""
        plain = character_class(self.plain)
        return rf"{plain}*(?:[{self.further}]+{plain}*)*+"

    @cached_property
    def any_quoted(self) -> str:
        """The same between quotes, where delimiters stand for themselves and two quotes for one."""
        plain = character_class(self.plain | {self.syntax.delimiter})
        line_ends = r"\n\r" if self.syntax.multi_line else ""
        return rf"{plain}*(?:(?:{re.escape(self.syntax.quote) * 2}|[{CERTAIN}{line_ends}]+){plain}*)*+"


def character_class(characters: Collection[str]) -> str:
    """Return a class of single characters, which Java keeps as bits; ranges it would try one by one."""
    escaped = [character if character.isalnum() else rf"\{character}" for character in sorted(characters)]
    return "".join(escaped) if len(escaped) < 2 else f"[{''.join(escaped)}]"
