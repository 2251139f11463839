"""How a CSV is written: `meta.dialect` of an input, and how its header is held against the contract."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Annotated, Any, ClassVar, Self, assert_never

from pydantic import ConfigDict, Field, GetPydanticSchema

from etl.contract.field_kinds import STRICT, AnyText, Count, Demand, Flag, Remedy

MAX_SKIPPED_LINES = 1000
NO_DELIMITER = "\r\n\x00\"'\\"
"""What ends a line, and what quotes or escapes a field."""


class HeaderMatch(StrEnum):
    """How the names in a header are those of the columns.

    Members:
        EXACT: in the declared order.
        BY_NAME: in any order.
        BY_NAME_IGNORE_CASE: in any order, capitals or not.
    """

    EXACT = "exact"
    BY_NAME = "by_name"
    BY_NAME_IGNORE_CASE = "by_name_ignore_case"

    @property
    def is_ordered(self) -> bool:
        """Whether the columns stand in the declared order."""
        match self:
            case HeaderMatch.EXACT:
                return True
            case HeaderMatch.BY_NAME | HeaderMatch.BY_NAME_IGNORE_CASE:
                return False
            case _:
                assert_never(self)

    def form(self, name: str) -> str:
        """Return what is compared of a name."""
        match self:
            case HeaderMatch.EXACT | HeaderMatch.BY_NAME:
                return name
            case HeaderMatch.BY_NAME_IGNORE_CASE:
                return name.casefold()
            case _:
                assert_never(self)


class ExtraColumns(StrEnum):
    """What a column of a file means that no suite declares.

    Members:
        REFUSE: the file is refused.
        IGNORE: nobody reads it, and no sample shows it.
    """

    REFUSE = "refuse"
    IGNORE = "ignore"

    @property
    def are_ignored(self) -> bool:
        """Whether a file may have them."""
        match self:
            case ExtraColumns.REFUSE:
                return False
            case ExtraColumns.IGNORE:
                return True
            case _:
                assert_never(self)


@unique
class Encoding(StrEnum):
    """How a file writes characters as bytes.

    Attributes:
        codec: what Python calls it.
        is_single_byte: whether each byte is a character, and those of ASCII are ASCII's.
    """

    _value_: str
    codec: str
    is_single_byte: bool

    UTF_8 = "utf-8", "utf-8", False
    ISO_8859_1 = "iso-8859-1", "iso-8859-1", True
    WINDOWS_1252 = "windows-1252", "cp1252", True
    UTF_16 = "utf-16", "utf-16", False

    def __new__(cls, name: str, codec: str, is_single_byte: bool) -> Self:
        """Make the member of a suite's text."""
        encoding = str.__new__(cls, name)
        encoding._value_, encoding.codec, encoding.is_single_byte = name, codec, is_single_byte
        return encoding


def _is_delimiter(text: str) -> bool:
    return len(text) == 1 and not text.isalnum() and text not in NO_DELIMITER and text.isascii()


def _is_mark(text: str) -> bool:
    return text == "" or (
        len(text) == 1 and text.isascii() and text.isprintable() and not text.isalnum() and text != " "
    )


_MARK = {"pattern": "^[!-/:-@\\[-`{-~]?$"}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the lines of a CSV are written; the default is RFC 4180 in UTF-8 with a header."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    delimiter: Annotated[
        AnyText,
        Remedy('write one character such as ";", "|" or "\\t"'),
        Demand(_is_delimiter, schema={"minLength": 1, "maxLength": 1}),
        Field(
            description="one ASCII character between two fields; no letter, digit, quote or backslash", examples=[";"]
        ),
    ] = ","
    quote: Annotated[
        AnyText,
        Remedy('write one character such as "\'", or "" where none quotes a field'),
        Demand(_is_mark, schema=_MARK),
        Field(
            description="the character around a field that holds delimiters; empty where quotes mean nothing",
            examples=["'"],
        ),
    ] = '"'
    escape: Annotated[
        AnyText,
        Remedy('write one character such as "\\\\", or leave it out'),
        Demand(_is_mark, schema=_MARK),
        Field(
            description="the character before a quote, a delimiter or itself that stands for itself; doubled quotes always do",
            examples=["\\"],
        ),
    ] = ""
    header: Annotated[
        Flag,
        Remedy("write true or false"),
        Field(
            description="whether the first line has the columns' names; columns have positions where not",
            examples=[False],
        ),
    ] = True
    encoding: Annotated[
        Encoding,
        GetPydanticSchema(lambda _, handler: handler(Encoding)),
        Field(description="how characters are bytes; utf-16 takes one task a file", examples=["windows-1252"]),
    ] = Encoding.UTF_8
    comment: Annotated[
        AnyText,
        Remedy('write one character such as "#", or leave it out'),
        Demand(_is_mark, schema=_MARK),
        Field(description="the character that a line begins with which is no row", examples=["#"]),
    ] = ""
    multi_line: Annotated[
        Flag,
        Remedy("write true or false"),
        Field(description="whether a quoted field may hold line ends; takes one task a file", examples=[True]),
    ] = False
    skip_rows: Annotated[
        Count,
        Remedy(f"write a whole number of lines from 0 to {MAX_SKIPPED_LINES}"),
        Field(description="lines before the header that are passed over", ge=0, le=MAX_SKIPPED_LINES, examples=[2]),
    ] = 0
    skip_footer: Annotated[
        Count,
        Remedy(f"write a whole number of lines from 0 to {MAX_SKIPPED_LINES}"),
        Field(
            description="lines at the end that are passed over, blank ones not counted; takes one task a file",
            ge=0,
            le=MAX_SKIPPED_LINES,
            examples=[1],
        ),
    ] = 0
    null_values: Annotated[
        tuple[AnyText, ...],
        Remedy('write a list of texts such as ["NA"]'),
        Field(
            description="what stands for null in any column, beside the empty field",
            examples=[["NA"]],
            json_schema_extra={"uniqueItems": True},
        ),
    ] = ()

    def __post_init__(self) -> None:
        """Take a list of null texts too, as a suite has it."""
        object.__setattr__(self, "null_values", tuple(self.null_values))
        object.__setattr__(self, "encoding", Encoding(self.encoding))

    @property
    def takes_whole_files(self) -> bool:
        """Whether a file is read by one task, since where a record ends cannot be seen from within."""
        return self.multi_line or self.skip_footer > 0 or self.encoding is Encoding.UTF_16

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Return what a suite has, or a dialect that is there already.

        Raises:
            TypeError: it has another key.
        """
        return value if isinstance(value, cls) else cls(**value)


RFC_4180 = Dialect()
"""Commas, double quotes, UTF-8 and a header."""
