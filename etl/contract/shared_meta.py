"""The keys of `meta` that either suite of a dataset may have."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from etl.contract.columns import ColumnSpec
from etl.contract.field_kinds import (
    MISSING,
    NAME,
    STRICT,
    Flag,
    Remedy,
    Share,
    Text,
    matching,
)
from etl.contract.history import HistoryBound

VERSION = r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"


@dataclass(frozen=True, kw_only=True)
class SharedMeta:
    """The meta of either suite of a dataset."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    version: Annotated[
        Text,
        matching(VERSION, "write a semantic version such as 1.0.0"),
        Field(description="semantic; sluice diff says how far to raise it", examples=["1.0.0"]),
    ]
    owner: Annotated[Text, Field(description="who answers for the data", examples=["trip-data"])]
    description: Annotated[Text, Field(description="what a row is", examples=["One trip a row."])]
    columns: Annotated[
        tuple[ColumnSpec, ...],
        Remedy("list each column's name, type and description", MISSING),
        Field(description="what a row holds, in the order of a csv file's header", min_length=1),
    ]
    max_quarantined: Annotated[
        Share,
        Field(description="share of rows, 0 to 1, that warnings may set aside before the run fails", examples=[0.05]),
    ] = 0
    draft: Annotated[
        Flag,
        Remedy("write true, or leave it out"),
        Field(description="written by sluice profile and not yet read by a person; lint asks for it", examples=[True]),
    ] = False
    doubts: Annotated[
        tuple[Text, ...],
        Remedy("write a list of texts, or leave it out"),
        Field(
            description="what sluice profile could not tell from a sample; lint repeats each until a person drops it",
            examples=[["sold_on: day or month first cannot be told from the sample"]],
        ),
    ] = ()
    history: Annotated[
        dict[str, HistoryBound],
        Remedy('write an object such as {{"rows_low": {{"metric": "row_count", "times": 0.5}}}}, or leave it out'),
        Field(
            description="bounds from the runs before, by name; rules of the suite use them as $PARAMETER. A bound of a "
            "count is a whole number by which the same counts pass: at least 2.5 rows are at least 3",
            json_schema_extra={"propertyNames": {"pattern": f"^{NAME}$"}},
            examples=[{"rows_low": {"metric": "row_count", "of": "median", "last": 14, "times": 0.5}}],
        ),
    ] = field(default_factory=dict[str, HistoryBound])
