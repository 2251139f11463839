"""A declared column: what a suite says of it, and what a table's column is."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, GetPydanticSchema

from etl.contract.field_kinds import MISSING, STRICT, Demand, Flag, Remedy, Text, matching
from etl.contract.types import COLUMN_TYPE_PATTERN, DECLARABLE_TYPES, ColumnType

# What Spark, Iceberg and a CSV header can all carry; a dot or a backtick would be read as syntax.
COLUMN_NAME = r"[^\W_][\w -]*(?<! )"
COMMENT = r"[^\r\n\u2028\u2029]{1,255}"  # what Glue takes as a column's comment (AWS Glue API, Column)
NO_UNDERSCORE = "^[^_]"
"""What an editor can check of a name: its regular expressions know no letters beyond ASCII."""


@dataclass(frozen=True)
class ColumnSpec:
    """A declared column: its name, Spark SQL type, meaning, and whether it is about a person."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: Annotated[
        Text,
        Demand(
            lambda name: not name.startswith("_"),
            "rename it",
            "column {name} starts with _, which is kept for Sluice's own columns",
            {"pattern": "^[^_]"},
        ),
        matching(
            COLUMN_NAME,
            "write letters, digits, _, - and inner spaces",
            "column {name} is no name that Spark can carry",
            schema_pattern="^[^_]",
        ),
        Field(description="as the header or the published table has it", examples=["trip_id"]),
    ]
    type: Annotated[
        ColumnType,
        GetPydanticSchema(lambda _, handler: handler(Text)),
        Remedy("give it as text", MISSING),
        Demand(
            lambda declared: ColumnType.parse(declared) is not None,
            f"declare one of {DECLARABLE_TYPES}",
            schema={"pattern": COLUMN_TYPE_PATTERN},
        ),
        Field(description="Spark SQL type; text of a csv or jsonl file is read as it", examples=["decimal(10,2)"]),
    ]
    description: Annotated[
        Text,
        matching(
            COMMENT,
            "write one line of at most 255 characters",
            "column {name} has a description that the catalog cannot keep",
            schema_pattern=r"\S",
        ),
        Field(description="one line of meaning, the column's comment in the catalog", examples=["the trip's id"]),
    ]
    pii: Annotated[
        Flag,
        Remedy("write true or false"),
        Field(description="about a person: samples are masked wherever they leave the lake", examples=[True]),
    ] = False

    non_finite: Annotated[
        Flag,
        Remedy("write true or false"),
        Field(
            description="of a double or float: NaN and the infinities are values of it; in either suite",
            examples=[True],
        ),
    ] = False

    def __post_init__(self) -> None:
        """Take the type's text too.

        Raises:
            ValueError: a contract may not declare it.
        """
        object.__setattr__(self, "type", ColumnType(self.type))
