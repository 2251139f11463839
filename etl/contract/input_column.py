"""A column of an input of files: what it is, and how its text is read as a value of the declared type."""

import re
from dataclasses import dataclass, fields
from enum import StrEnum, unique
from functools import cached_property
from typing import Annotated, Any, Self, TypeGuard
from zoneinfo import available_timezones

from pydantic import Field, GetPydanticSchema, PlainValidator, WithJsonSchema

from etl.contract.columns import ColumnSpec
from etl.contract.date_patterns import readings_of
from etl.contract.field_kinds import AnyText, Demand, FilledText, Remedy, wrong_value
from etl.contract.json_values import is_list, is_object
from etl.contract.time_readings import Reading

ZONE = re.compile(r"[A-Z][A-Za-z]+(?:[+-]?[0-9]+[A-Z]*)?(?:/[A-Za-z0-9_+-]+)*")
SOURCE_TEXT = (
    "write the name that the file has, a position from 1 where it has no header, or an object such as "
    '{{"folder": "dt"}} for the folders dt=... of the key'
)
FOLDER_NAME = re.compile(r"[^/=]+")


@dataclass(frozen=True)
class FolderSource:
    """The folders `<name>=<value>` of an object's key as what a column's values come from."""

    name: str

    def __str__(self) -> str:
        """Return it in words."""
        return f"the folder {self.name}= of the key"


def _source(value: Any) -> "str | int | FolderSource":
    if isinstance(value, str | FolderSource) or is_position(value):
        return value
    if is_object(value) and value.keys() == {"folder"}:
        name = value["folder"]
        if isinstance(name, str) and FOLDER_NAME.fullmatch(name):
            return FolderSource(name)
    raise wrong_value(SOURCE_TEXT)


def is_position(value: Any) -> TypeGuard[int]:
    """Say whether a column's `source` is a position, from 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


@unique
class Epoch(StrEnum):
    """What a number counts since 1970-01-01 00:00 UTC.

    Attributes:
        decimals: the decimals that it may have, down to the microsecond.
    """

    _value_: str
    decimals: int

    SECONDS = "seconds", 6
    MILLIS = "millis", 3

    def __new__(cls, name: str, decimals: int) -> Self:
        """Make the member of a suite's text."""
        epoch = str.__new__(cls, name)
        epoch._value_, epoch.decimals = name, decimals
        return epoch


def is_zone(name: str) -> bool:
    """Say whether a text names a time zone; any plain name does on a machine without the database."""
    zones = available_timezones()
    return bool(ZONE.fullmatch(name)) and (name in zones or not zones)


def _patterns(value: Any) -> tuple[str, ...]:
    texts: list[Any] = value if is_list(value) else [value]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise wrong_value("write a date pattern such as dd/MM/yyyy, or a list of them")
    return tuple(texts)


Patterns = Annotated[
    tuple[str, ...],
    PlainValidator(_patterns),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"\S"},
                {"type": "array", "items": {"type": "string", "pattern": r"\S"}, "minItems": 1, "uniqueItems": True},
            ]
        }
    ),
]
Texts = Annotated[tuple[FilledText, ...], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
AnyTexts = Annotated[tuple[AnyText, ...], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
Character = Annotated[AnyText, Remedy("write one character")]
TEXTS = Remedy("write a list of texts")
NO_VALUE = "the texts that stand for no value; an empty one does so of each type but text and binary"


@dataclass(frozen=True)
class InputColumn(ColumnSpec):
    """A declared column of an input of files: what a file calls it, and what reads its text."""

    source: Annotated[
        str | int | FolderSource | None,
        PlainValidator(_source),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string"},
                    {"type": "integer", "minimum": 1},
                    {
                        "type": "object",
                        "properties": {"folder": {"type": "string", "pattern": "^[^/=]+$"}},
                        "required": ["folder"],
                        "additionalProperties": False,
                    },
                ]
            }
        ),
        Remedy(SOURCE_TEXT),
        Field(
            description="what the file calls it where that is not its name; a position from 1 in a file without a header; of "
            'any format {"folder": "dt"}, the value of the folder dt=... in the object\'s key',
            examples=["Unit Price (EUR)", {"folder": "dt"}],
        ),
    ] = None
    format: Annotated[
        Patterns,
        Field(
            description="how days or times are written, in Spark's letters: one pattern or several; a two-digit year yy is "
            "of 2000 to 2099",
            examples=["dd/MM/yyyy"],
        ),
    ] = ()
    zone: Annotated[
        AnyText,
        Remedy("write a name of the IANA time zone database, such as Europe/Berlin"),
        Demand(is_zone),
        Field(
            description="the time zone of times without an offset, by its IANA name; UTC where absent. A time that daylight "
            "saving skips or doubles there is structure.cast",
            examples=["Europe/Berlin"],
        ),
    ] = ""
    epoch: Annotated[
        Epoch | None,
        GetPydanticSchema(lambda _, handler: handler(Epoch)),
        Remedy("it may be seconds or millis"),
        Field(description="times are numbers that count since 1970-01-01 00:00 UTC", examples=["millis"]),
    ] = None
    decimal: Annotated[
        Character, Field(description="the character before the decimals; a point where absent", examples=[","])
    ] = ""
    group: Annotated[Character, Field(description="the character between groups of three digits", examples=["."])] = ""
    strip: Annotated[
        AnyTexts,
        TEXTS,
        Field(
            description="currency and percent signs before or after a number: dropped, and nothing is divided. A blank "
            "stands for any number of blanks around it, + for a plus before it",
            examples=[["EUR", "%"]],
        ),
    ] = ()
    true_values: Annotated[Texts, TEXTS, Field(description="the texts that are true", examples=[["Ja"]])] = ()
    false_values: Annotated[Texts, TEXTS, Field(description="the texts that are false", examples=[["Nein"]])] = ()
    null_values: Annotated[AnyTexts, TEXTS, Field(description=NO_VALUE, examples=[["NA", "-"]])] = ()

    @classmethod
    def from_column(cls, column: ColumnSpec) -> Self:
        """Return a column that is one already, or one without any option."""
        return column if isinstance(column, cls) else cls(**_plain_keys(column))

    @property
    def reading_options(self) -> dict[str, str | tuple[str, ...]]:
        """The options that it has, by key, as a suite writes them."""
        return {key: value for key in OPTION_NAMES if (value := getattr(self, key))}

    @property
    def decimal_point(self) -> str:
        """The character before the decimals."""
        return self.decimal or "."

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The forms of text of its patterns.

        Raises:
            PatternRefused: a pattern is not read.
        """
        return tuple(dict.fromkeys(reading for pattern in self.format for reading in readings_of(pattern)))

    @property
    def truths(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The texts that are true, and those that are false."""
        return self.true_values or ("true",), self.false_values or ("false",)


def plain_column(column: ColumnSpec) -> ColumnSpec:
    """Return a column without anything that is about files."""
    return ColumnSpec(**_plain_keys(column))


def _plain_keys(column: ColumnSpec) -> dict[str, Any]:
    return {key.name: getattr(column, key.name) for key in fields(ColumnSpec)}


def file_source(column: ColumnSpec) -> str | int:
    """Return what a file calls a column: a name, or a position from 1; the name too where no file has it."""
    source = column.source if isinstance(column, InputColumn) else None
    return column.name if source is None or isinstance(source, FolderSource) else source


def describe_source(column: ColumnSpec) -> str:
    """Return where a column's values come from, in words."""
    folder = folder_of(column)
    return f"{file_source(column)} in the file" if folder is None else str(FolderSource(folder))


def folder_of(column: ColumnSpec) -> str | None:
    """Return the name of the folders that a column's values come from; None where the file has them."""
    source = column.source if isinstance(column, InputColumn) else None
    return source.name if isinstance(source, FolderSource) else None


OPTION_NAMES = tuple(key.name for key in fields(InputColumn)[len(fields(ColumnSpec)) + 1 :])
"""The keys of a column that say how its text is read: those behind its name in the file."""
