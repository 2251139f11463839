"""The `meta` of a suite, key by key: what a suite says of its dataset beside the rules."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, GetPydanticSchema

from etl.contract.columns import ColumnSpec
from etl.contract.dialect import RFC_4180, Dialect, ExtraColumns, HeaderMatch
from etl.contract.field_kinds import (
    MISSING,
    NAME,
    STRICT,
    AnyText,
    Count,
    Demand,
    Flag,
    Remedy,
    Share,
    Text,
    matching,
)
from etl.contract.file_glob import is_file_glob
from etl.contract.input_column import InputColumn
from etl.contract.other_datasets import Reconciliation, Reference, TableSource
from etl.contract.policies import ConflictPolicy, CopyPolicy, FailedNeedPolicy, PoisonPolicy
from etl.contract.record_form import RecordForm, is_record_form
from etl.contract.source_format import SourceFormat
from etl.contract.structure_levels import ALL_CRITICAL, StructureLevels

MAX_SHEET_ROWS = 1_048_576  # of Excel
MAX_FRESHNESS_HOURS = 168  # CloudWatch evaluates at most seven days of hourly periods
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


@dataclass(frozen=True, kw_only=True)
class InputMeta(SharedMeta):
    """The meta of an input suite."""

    format: Annotated[
        SourceFormat,
        Remedy("it may be {choices}"),
        Field(description="how raw objects are written; tables where rows are built from published tables"),
    ] = SourceFormat.CSV


@dataclass(frozen=True, kw_only=True)
class FileInputMeta(InputMeta):
    """The meta of an input suite whose rows arrive in raw objects."""

    columns: Annotated[
        tuple[InputColumn, ...],
        Remedy("list each column's name, type and description", MISSING),
        Field(description="what a row holds, in the order of a csv file's header", min_length=1),
    ]
    dialect: Annotated[
        Dialect,
        Remedy('write an object such as {{"delimiter": ";"}}, or leave it out'),
        Field(
            description="how a csv is written; RFC 4180 in UTF-8 with a header where absent",
            examples=[{"delimiter": ";"}],
        ),
    ] = RFC_4180
    header_match: Annotated[
        HeaderMatch,
        Field(
            description="how the names in a csv's header are the declared ones: in the order of the columns, or in any"
        ),
    ] = HeaderMatch.EXACT
    extra_columns: Annotated[
        ExtraColumns,
        Field(
            description="columns or keys that no suite declares: refuse the file, or ignore them; no sample shows a line then"
        ),
    ] = ExtraColumns.REFUSE
    on_poison: Annotated[
        PoisonPolicy,
        Field(
            description="an object that breaks the contract: block the others of its run, or isolate it and publish them"
        ),
    ] = PoisonPolicy.BLOCK
    records: Annotated[
        AnyText,
        Demand(
            is_record_form,
            'write "lines", "objects", "array", or the names that lead to the list, such as "features" or "data.items"',
        ),
        Field(
            description="how the records of a jsonl input stand in a file: lines, one a line; objects, one after the other, on "
            "as many lines as they take; array, in one; or the path to the list in one object, data.items, or $.array for "
            "a list of such a name. All but lines take one task a file; an array or a list at most 256 MB unpacked",
            examples=["data.items"],
        ),
    ] = RecordForm.LINES
    sheet: Annotated[
        AnyText,
        Demand(lambda name: bool(name.strip()), "write the sheet's name, or leave it out", schema={"pattern": r"\S"}),
        Field(
            description="the sheet of an excel workbook that is data; the only one that is shown where absent",
            examples=["Orders"],
        ),
    ] = ""
    first_row: Annotated[
        Count,
        Remedy(f"write the number of a row, from 1 to {MAX_SHEET_ROWS}"),
        Field(
            description="the row of an excel sheet that is its header, from 1; what stands above is passed over",
            ge=1,
            le=MAX_SHEET_ROWS,
            examples=[3],
        ),
    ] = 1
    copies: Annotated[
        CopyPolicy,
        Field(
            description="where rows have no key, an object with the ETag and size of another one: refuse it, or allow it "
            "and publish its rows as well",
            examples=["allow"],
        ),
    ] = CopyPolicy.REFUSE
    structure: Annotated[
        StructureLevels,
        Remedy('write an object such as {{"row": "warning"}}, or leave it out'),
        Field(
            description="whether a line that breaks structure.row, structure.text or structure.cast fails the run, or goes "
            "aside with its raw text; others of structure always fail it",
            examples=[{"row": "warning"}],
        ),
    ] = ALL_CRITICAL
    files: Annotated[
        AnyText,
        Demand(
            is_file_glob,
            "write a glob such as *.csv, exports/**/*.json or *.{{csv,csv.gz}}: without a slash it is about names in any "
            "folder, else about paths below the dataset's prefix",
            schema={"pattern": r"^[^/]"},
        ),
        Field(
            description="which objects are data, as a glob; others are passed over. Without a slash it is about names in any "
            "folder, else about paths below the dataset's prefix; * and ? stop at a slash, **/ is any folders, {a,b} either",
            examples=["*.{csv,csv.gz}"],
        ),
    ] = ""


@dataclass(frozen=True, kw_only=True)
class TableInputMeta(InputMeta):
    """The meta of an input suite whose rows are built from published tables: its format is `tables`."""

    day: Annotated[
        AnyText,
        Remedy("name the column of type date by which rows are built again"),
        Field(description="the column, a date, by which rows are built again", examples=["day"]),
    ]
    sources: Annotated[
        tuple[TableSource, ...],
        Remedy("list the tables that it is built from, objects with dataset, columns, day, on", MISSING),
        Field(description="the published tables that rows are built from; one of them has the days", min_length=1),
    ]


@dataclass(frozen=True, kw_only=True)
class OutputMeta(SharedMeta):
    """The meta of an output suite: what is published, and how."""

    key: Annotated[
        tuple[
            Annotated[AnyText, Remedy("meta.columns has {columns}", "meta.key names {value}, which is not declared")],
            ...,
        ],
        Remedy("list the columns that tell one row from another, or write [] where none do", MISSING),
        Field(
            description="the primary key: the columns that tell one row from another; [] where none do, as in a log of events",
            json_schema_extra={"uniqueItems": True},
            examples=[["trip_id"]],
        ),
    ]
    partition_by: Annotated[
        tuple[
            Annotated[
                AnyText,
                Remedy(
                    "write a declared column, or year, month, day or hour of a declared date or time",
                    "meta.partition_by has {value}",
                ),
            ],
            ...,
        ],
        Remedy("write a list of columns, or leave it out"),
        Field(
            description="columns, or year(), month() or day() of a date or time, or hour() of a time",
            json_schema_extra={"uniqueItems": True},
            examples=[["city", "month(started_on)"]],
        ),
    ] = ()
    freshness_hours: Annotated[
        Count,
        Remedy(f"write whole hours from 1 to {MAX_FRESHNESS_HOURS}"),
        Field(
            description="how old the published table may be before an alarm rings",
            ge=1,
            le=MAX_FRESHNESS_HOURS,
            examples=[26],
        ),
    ]
    references: Annotated[
        tuple[Reference, ...],
        Remedy("write a list of objects with name, column, dataset, key"),
        Field(
            description="foreign keys: keys of other datasets that rows point to, as helper columns that warnings name"
        ),
    ] = ()
    on_conflict: Annotated[
        ConflictPolicy,
        Field(
            description="a key that the table holds from another object: refuse the run, or let the newer object's row "
            "replace it"
        ),
    ] = ConflictPolicy.REFUSE
    on_failed_need: Annotated[
        FailedNeedPolicy,
        Field(
            description="a dataset that this one needs failed in the same flow: run it all the same, or stop before it"
        ),
    ] = FailedNeedPolicy.RUN
    reconciles: Annotated[
        tuple[Reconciliation, ...],
        Remedy("write a list of objects with dataset, by, sums"),
        Field(description="sums that must be those of a source; each is a rule of structure"),
    ] = ()
    transform: Annotated[
        AnyText,
        matching(NAME, "name a module of etl/datasets, such as orders; or drop it, and the dataset has one of its own"),
        Field(
            description="the module of etl/datasets that rows go through; the dataset's own where absent",
            examples=["trips"],
        ),
    ] = ""


@dataclass(frozen=True, kw_only=True)
class AnyMeta(FileInputMeta, TableInputMeta, OutputMeta):
    """Every key that a meta may have, of either stage: those that only one of them needs have defaults."""

    # A table of the job's own has plain columns; those of any suite are read as an input's, which have every key.
    columns: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        tuple[ColumnSpec, ...],
        GetPydanticSchema(lambda _, handler: handler(tuple[InputColumn, ...])),
    ]
    day: str = ""
    sources: tuple[TableSource, ...] = ()
    key: tuple[str, ...] = ()
    freshness_hours: int = 0
