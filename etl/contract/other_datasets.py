"""What a suite says of other datasets: keys that rows point to, tables that rows are built from, sums that both share."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from etl.contract.field_kinds import NAME, STRICT, AnyText, FilledText, Names, Pairs, Remedy, matching

DatasetName = Annotated[AnyText, matching(NAME), Remedy("name another dataset, such as orders")]
"""Another dataset. That it is not the suite's own is a cross-check."""


@dataclass(frozen=True)
class Reference:
    """A key of another dataset that rows point to: as the helper column `name` it is `column`'s value, null if unknown."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: Annotated[
        AnyText,
        matching(NAME, "write lower-case letters, digits and _, such as known_customer"),
        Field(
            description="the helper column: the value of `column` where it is known, null where not",
            examples=["known_rider"],
        ),
    ]
    column: Annotated[
        AnyText,
        Remedy("meta.columns has {columns}", "a reference's column is {value}, which is not declared"),
        Field(description="the column of this dataset that points", examples=["rider_id"]),
    ]
    dataset: Annotated[
        DatasetName,
        Remedy("name another dataset, such as shoppers"),
        Field(description="the dataset that is pointed to", examples=["riders"]),
    ]
    key: Annotated[
        FilledText,
        Remedy("name the key column of the other dataset"),
        Field(description="its key column", examples=["rider_id"]),
    ]


@dataclass(frozen=True)
class TableSource:
    """A published table that rows are built from: `columns` are read, and only a change in these counts.

    One source has `day`, its column of dates that says which day a row is built for. Each other has `on`, the column by
    which that one's rows, where it has the same name, find theirs.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    dataset: Annotated[DatasetName, Field(description="the dataset that publishes it", examples=["trips"])]
    columns: Annotated[
        Names,
        Remedy("list the columns that are read: a change in others is none", "a source's columns are {value}"),
        Field(description="what is read; a change in other columns is none", examples=[["rider_id", "started_on"]]),
    ]
    day: Annotated[
        AnyText,
        Remedy("name one of its columns"),
        Field(description="its column of dates that says which day a row is built for", examples=["started_on"]),
    ] = ""
    on: Annotated[
        AnyText,
        Remedy("name one of its columns"),
        Field(description="its column by which rows of the one with the days find it", examples=["rider_id"]),
    ] = ""


@dataclass(frozen=True)
class Reconciliation:
    """Sums that the output shares with a source: by own column, what the source calls it; `*` counts its rows."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    dataset: Annotated[DatasetName, Field(description="the source with the days", examples=["trips"])]
    by: Annotated[
        Pairs,
        Remedy("write an object: a column here, and what the source calls it"),
        Field(description="columns here, and what the source calls them", examples=[{"day": "started_on"}]),
    ]
    sums: Annotated[
        Pairs,
        Remedy("write an object: a column here, and what the source calls it"),
        Field(
            description="columns here, and what the source calls what they sum; * for its rows",
            examples=[{"trips": "*", "fares": "fare"}],
        ),
    ]
