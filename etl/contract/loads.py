"""`meta.load` of an output: how a day's rows come into the published table, and `meta.keep_days`: how long they stay."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self, assert_never

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema

from etl.contract.field_kinds import STRICT, AnyText, Count, FilledText, Names, Remedy, Share, wrong_value
from etl.contract.policies import ConflictPolicy
from etl.wording import count_noun


class LoadKind(StrEnum):
    """How a day's rows come into the published table.

    Members:
        APPEND: beside those that are there; a key that the table holds from another object is a violation.
        UPSERT: a row takes the place of the one with its key that is of an older object.
        SNAPSHOT: an object, or a folder, is the whole table; what it lacks leaves.
        CHANGES: rows are inserts, updates and deletes, in an order of their own.
    """

    APPEND = "append"
    UPSERT = "upsert"
    SNAPSHOT = "snapshot"
    CHANGES = "changes"

    @property
    def replaces_rows(self) -> bool:
        """Whether a newer row takes the place of an older one with its key."""
        match self:
            case LoadKind.APPEND:
                return False
            case LoadKind.UPSERT | LoadKind.SNAPSHOT | LoadKind.CHANGES:
                return True
            case _:
                assert_never(self)

    @property
    def is_whole_table(self) -> bool:
        """Whether what a run reads is the whole table."""
        match self:
            case LoadKind.SNAPSHOT:
                return True
            case LoadKind.APPEND | LoadKind.UPSERT | LoadKind.CHANGES:
                return False
            case _:
                assert_never(self)

    @property
    def options(self) -> tuple[str, ...]:
        """The keys of `load` that are of this kind."""
        match self:
            case LoadKind.APPEND | LoadKind.UPSERT:
                return ()
            case LoadKind.SNAPSHOT:
                return ("of", "max_gone")
            case LoadKind.CHANGES:
                return ("operation", "insert", "update", "delete", "order", "tombstone_days")
            case _:
                assert_never(self)


class CopyUnit(StrEnum):
    """What is one whole copy of a snapshot.

    Members:
        FILE: an object.
        FOLDER: the objects of a folder, once its manifest or its `_SUCCESS` is there.
    """

    FILE = "file"
    FOLDER = "folder"

    @property
    def has_several_objects(self) -> bool:
        """Whether a copy may be more than one object."""
        match self:
            case CopyUnit.FILE:
                return False
            case CopyUnit.FOLDER:
                return True
            case _:
                assert_never(self)


# The words of Debezium (c, r, u, d) and of AWS DMS (I, U, D).
INSERT_WORDS, UPDATE_WORDS, DELETE_WORDS = ("I", "c", "r"), ("U", "u"), ("D", "d")
Words = Annotated[Names, Remedy("list the words of the operation column, such as I")]


@dataclass(frozen=True, kw_only=True)
class Load:
    """How a day's rows come into the published table: `append` and `upsert` are written as a text, the others as an object."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    kind: Annotated[
        LoadKind,
        Remedy(
            'write "append", "upsert", {{"kind": "snapshot"}} or {{"kind": "changes", ...}}',
            "the kind of meta.load is {value}",
        ),
        GetPydanticSchema(lambda _, handler: handler(LoadKind)),
        Field(description="append, upsert, snapshot or changes", examples=["snapshot"]),
    ]
    of: Annotated[
        CopyUnit,
        GetPydanticSchema(lambda _, handler: handler(CopyUnit)),
        Field(
            description="of a snapshot: what is one whole copy, a file, or a folder with its manifest or `_SUCCESS`",
            examples=["folder"],
        ),
    ] = CopyUnit.FILE
    max_gone: Annotated[
        Share,
        Field(
            description="of a snapshot: the share of the published rows that may leave with one copy before the run fails",
            examples=[0.5],
        ),
    ] = 0.5
    operation: Annotated[
        AnyText,
        Remedy("name the input column that says what a row does, such as op"),
        Field(description="of changes: the input column that says what a row does", examples=["op"]),
    ] = ""
    insert: Annotated[Words, Field(description="of changes: what it says of an insert", examples=[["I"]])] = (
        INSERT_WORDS
    )
    update: Annotated[Words, Field(description="of changes: what it says of an update", examples=[["U"]])] = (
        UPDATE_WORDS
    )
    delete: Annotated[Words, Field(description="of changes: what it says of a delete", examples=[["D"]])] = DELETE_WORDS
    order: Annotated[
        tuple[FilledText, ...],
        Remedy("list the published columns by which one change is later than another, such as changed_at"),
        Field(
            description="of changes: the published columns by which one change of a key is later than another",
            json_schema_extra={"uniqueItems": True},
            examples=[["changed_at"]],
        ),
    ] = ()
    tombstone_days: Annotated[
        Count,
        Remedy("write whole days from 1"),
        Field(
            description="of changes: how many days a deleted key is remembered, so that a late change does not bring it back",
            ge=1,
            examples=[90],
        ),
    ] = 90

    def __post_init__(self) -> None:
        """Take a suite's texts too.

        Raises:
            ValueError: one of them is none.
        """
        object.__setattr__(self, "kind", LoadKind(self.kind))
        object.__setattr__(self, "of", CopyUnit(self.of))

    @classmethod
    def from_json(cls, value: Any) -> Self | None:
        """Return what a suite has, or a load that is there already; None where it says nothing.

        Raises:
            TypeError: it has another key.
            ValueError: it is none.
        """
        if value is None or isinstance(value, cls):
            return value
        return cls(kind=LoadKind(value)) if isinstance(value, str) else cls(**value)

    @classmethod
    def from_conflicts(cls, on_conflict: ConflictPolicy) -> Self:
        """Return what `on_conflict` means, which suites wrote before there was `load`."""
        return cls(kind=LoadKind.UPSERT if on_conflict.replaces_rows else LoadKind.APPEND)

    @property
    def replaces_rows(self) -> bool:
        """Whether a newer row takes the place of an older one with its key."""
        return self.kind.replaces_rows

    @property
    def terms(self) -> str:
        """The load in words, for pages and differences."""
        match self.kind:
            case LoadKind.APPEND | LoadKind.UPSERT:
                return self.kind.value
            case LoadKind.SNAPSHOT:
                return f"snapshot of a {self.of}, at most {100 * self.max_gone:g} % gone"
            case LoadKind.CHANGES:
                words = "; ".join(f"{name} {', '.join(getattr(self, name))}" for name in ("insert", "update", "delete"))
                return (
                    f"changes by {self.operation} ({words}) in the order of {', '.join(self.order)}, deleted keys for "
                    f"{self.tombstone_days} days"
                )
            case _:
                assert_never(self.kind)


class TextAsKind:
    """Lets a suite write `"append"` for `{"kind": "append"}`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Take a text as the kind of a load."""
        return core_schema.no_info_before_validator_function(_as_object, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Say that a text may stand in the place of the object."""
        return {"anyOf": [{"enum": [*KINDS_AS_TEXT]}, handler(schema)]}


KINDS_AS_TEXT = tuple(kind.value for kind in LoadKind if not kind.options)


def _as_object(value: Any) -> Any:
    if isinstance(value, str) and value not in KINDS_AS_TEXT:
        raise wrong_value("")
    return {"kind": value} if isinstance(value, str) else value


@dataclass(frozen=True, kw_only=True)
class UniqueWithin:
    """How far back a key is looked for in the published table."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    column: Annotated[
        AnyText,
        Remedy("meta.columns has {columns}", "meta.unique_within names {value}, which is not declared"),
        Field(
            description="the published column, a date or time, that the days are counted by", examples=["started_on"]
        ),
    ]
    days: Annotated[
        Count,
        Remedy("write whole days from 1"),
        Field(
            description="how many days before the earliest of a run's rows its keys are looked for", ge=1, examples=[90]
        ),
    ]

    @property
    def terms(self) -> str:
        """The bound in words: what follows `looked for among`."""
        days = count_noun(self.days, "day")
        return f"published rows whose {self.column} is at most {days} before the earliest of a run's rows"


@dataclass(frozen=True, kw_only=True)
class KeepDays:
    """How long rows stay in the published table."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    column: Annotated[
        AnyText,
        Remedy("meta.columns has {columns}", "meta.keep_days names {value}, which is not declared"),
        Field(description="the published column of type date by which a row is old", examples=["started_on"]),
    ]
    days: Annotated[
        Count,
        Remedy("write whole days from 1"),
        Field(description="how many days a row stays; maintenance removes older ones each week", ge=1, examples=[730]),
    ]
