"""The keys of `meta` of an input suite: how raw objects are written, or which tables rows are built from."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from etl.contract.arrivals import DueArrival
from etl.contract.dialect import RFC_4180, Dialect, ExtraColumns, HeaderMatch
from etl.contract.field_kinds import (
    MISSING,
    AnyText,
    Count,
    Demand,
    Remedy,
)
from etl.contract.file_glob import is_file_glob
from etl.contract.input_column import InputColumn
from etl.contract.other_datasets import TableSource
from etl.contract.policies import CopyPolicy, PoisonPolicy
from etl.contract.record_form import RecordForm, is_record_form
from etl.contract.shared_meta import SharedMeta
from etl.contract.source_format import SourceFormat
from etl.contract.structure_levels import ALL_CRITICAL, StructureLevels

MAX_SHEET_ROWS = 1_048_576  # of Excel


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
    arrivals: Annotated[
        tuple[DueArrival, ...],
        Remedy('write a list of objects such as {{"pattern": "{dataset}/*-zone17.csv", "by": "05:30"}}'),
        Field(
            description="the objects that are due: by a time of day, of which what is missing is told, or with a manifest",
            examples=[[{"pattern": "trips/*-zone17.csv", "by": "05:30", "days": "MON-SAT"}]],
        ),
    ] = ()


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
