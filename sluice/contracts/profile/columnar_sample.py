"""A sample of Parquet or ORC as columns of the file's own types; of a large file some of its parts."""

import re
from math import ceil
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from pyarrow import orc, parquet

from etl.contract.source_format import SourceFormat
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import declared_type
from sluice.contracts.profile.sample_bytes import SAMPLE_BYTES
from sluice.contracts.profile.sample_content import SampleContent
from sluice.contracts.profile.sampled_lines import is_sampled

LEFT_OUT = "column {} is left out: no contract can declare its type"
INDEX_LEFT_OUT = "column {} is left out: it is an index of pandas"
INDEX = re.compile(r"__index_level_[0-9]+__")
INT96 = "INT96"  # in nanoseconds, as Hive, Impala and Spark write times
PACKED = 4  # values take about so many times the room of a packed file


def read_columnar_sample(path: Path, source_format: SourceFormat) -> SampleContent:
    """Read a file whole, or every so many of its row groups or stripes.

    Columns that no contract can declare are left out, such as the index of pandas and times without a day.

    Raises:
        WrongUse: no column is left.
    """
    table = _with_instants(_read_orc(path), None) if source_format is SourceFormat.ORC else _read_parquet(path)
    left_out = [field.name for field in table.schema if not _is_declarable(field)]
    if len(left_out) == len(table.column_names):
        types = ", ".join(f"{field.name} ({field.type})" for field in table.schema)
        raise WrongUse(f"{path} has no column that a contract can declare: {types}")
    kept = table.select([name for name in table.column_names if name not in left_out]) if left_out else table
    doubts = [_why_left_out(table.schema.field(name)) for name in left_out]
    return SampleContent(kept, kept.column_names, doubts=doubts, ignores_columns=bool(left_out))


def _why_left_out(field: pa.Field) -> str:
    return (INDEX_LEFT_OUT if INDEX.fullmatch(field.name) else LEFT_OUT).format(f"{field.name} ({field.type})")


def _is_declarable(field: pa.Field) -> bool:
    """Say whether a draft has a column of a file: it is no index of pandas, has a name, and a type that tables have too."""
    is_named = bool(field.name) and not INDEX.fullmatch(field.name)
    return is_named and declared_type(field.type) is not None


def _read_parquet(path: Path) -> pa.Table:
    file = parquet.ParquetFile(path)  # of a single file the names of its folders are no columns
    table = file.read_row_groups(_parts(path, file.num_row_groups)) if is_sampled(path) else file.read()
    leaves = [file.schema.column(index) for index in range(len(file.schema))]
    return _with_instants(table, {leaf.name for leaf in leaves if leaf.physical_type == INT96})


def _read_orc(path: Path) -> pa.Table:
    file = orc.ORCFile(path)
    if not is_sampled(path):
        return file.read()
    return pa.Table.from_batches([file.read_stripe(index) for index in _parts(path, file.nstripes)])


def _parts(path: Path, number: int) -> list[int]:
    interval = max(1, ceil(PACKED * path.stat().st_size / SAMPLE_BYTES))
    return [*range(0, number, interval)]


def _with_instants(table: pa.Table, names: set[str] | None) -> pa.Table:
    """Return a table whose columns of times are in UTC, None for all: so Spark reads ORC, and Parquet's 96-bit times."""
    types = {
        field.name: pa.timestamp("ns", "UTC")
        if pa.types.is_timestamp(field.type) and (names is None or field.name in names)
        else field.type
        for field in table.schema
    }
    return cast(Any, table).cast(pa.schema([*types.items()])) if names is None or names else table
