"""A sample of Parquet or ORC as columns of the file's own types; of a large file some of its parts."""

import re
from math import ceil
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from pyarrow import compute, orc, parquet

from etl.contract.source_format import SourceFormat
from sluice.cli.errors import WrongUse
from sluice.contracts.arrow_types import LOCAL_TIME, declared_type
from sluice.contracts.profile.sample_bytes import SAMPLE_BYTES
from sluice.contracts.profile.sample_content import SampleContent
from sluice.contracts.profile.sampled_lines import is_sampled

LEFT_OUT = "column {} is left out: no contract can declare its type"
UNREAD = "nothing is drafted of the values of column {}: it holds times before 1678 or after 2262"
CUT = "times of column {} are finer than a microsecond, and Spark cuts such of ORC, and 96-bit ones of Parquet, without a word"
INDEX_LEFT_OUT = "column {} is left out: it is an index of pandas"
INDEX = re.compile(r"__index_level_[0-9]+__")
INT96 = "INT96"  # in nanoseconds, as Hive, Impala and Spark write times
MICROSECOND = 1000  # nanoseconds
PACKED = 4  # values take about so many times the room of a packed file


def read_columnar_sample(path: Path, source_format: SourceFormat) -> SampleContent:
    """Read a file whole, or every so many of its row groups or stripes.

    Columns that no contract can declare are left out, such as the index of pandas and times without a day.

    Raises:
        WrongUse: no column is left.
    """
    table, doubts = _read_orc(path) if source_format is SourceFormat.ORC else _read_parquet(path)
    left_out = [field.name for field in table.schema if not _is_declarable(field)]
    if len(left_out) == len(table.column_names):
        types = ", ".join(f"{field.name} ({field.type})" for field in table.schema)
        raise WrongUse(f"{path} has no column that a contract can declare: {types}")
    kept = table.select([name for name in table.column_names if name not in left_out]) if left_out else table
    doubts = [*(_why_left_out(table.schema.field(name)) for name in left_out), *doubts]
    return SampleContent(kept, kept.column_names, doubts=doubts, ignores_columns=bool(left_out))


def _why_left_out(field: pa.Field) -> str:
    return (INDEX_LEFT_OUT if INDEX.fullmatch(field.name) else LEFT_OUT).format(f"{field.name} ({field.type})")


def _is_declarable(field: pa.Field) -> bool:
    """Say whether a draft has a column of a file: it is no index of pandas, has a name, and a type that tables have too."""
    is_named = bool(field.name) and not INDEX.fullmatch(field.name)
    return is_named and declared_type(field.type) is not None


def _read_parquet(path: Path) -> tuple[pa.Table, list[str]]:
    """Return a file's sample, and what Spark does not read of it as it stands."""
    file = parquet.ParquetFile(path)  # of a single file the names of its folders are no columns
    table = file.read_row_groups(_parts(path, file.num_row_groups)) if is_sampled(path) else file.read()
    leaves = [file.schema.column(index) for index in range(len(file.schema))]
    names = {leaf.name for leaf in leaves if leaf.physical_type == INT96}
    return _with_instants(table, names), _cut_doubts(table, names)


def _read_orc(path: Path) -> tuple[pa.Table, list[str]]:
    """Return a file's sample, and what Spark does not read of it as it stands, or Arrow does not: it has nanoseconds of a few
    centuries alone.
    """
    file = orc.ORCFile(path)
    try:
        table = _orc_columns(path, file, file.schema.names)
    except pa.ArrowInvalid as error:
        if "out of range" not in str(error):
            raise
        table, unread = _readable_columns(path, file)
        return _with_instants(table, None), [UNREAD.format(name) for name in unread]
    return _with_instants(table, None), _cut_doubts(table, None)


def _readable_columns(path: Path, file: orc.ORCFile) -> tuple[pa.Table, list[str]]:
    columns: list[Any] = []
    unread: list[str] = []
    for field in file.schema:
        try:
            columns.append(_orc_columns(path, file, [field.name]).column(0))
        except pa.ArrowInvalid:
            unread.append(field.name)
            columns.append(pa.nulls(file.nrows, field.type))
    count = min(len(column) for column in columns)  # a sample of parts has fewer rows
    return pa.table([column[:count] for column in columns], schema=file.schema), unread


def _cut_doubts(table: pa.Table, names: set[str] | None) -> list[str]:
    """Say which columns have times below a microsecond, of those that Spark cuts there: None for all."""
    doubts: list[str] = []
    for field, column in zip(table.schema, table.columns, strict=True):
        is_cut = pa.types.is_timestamp(field.type) and str(field.type).startswith("timestamp[ns")
        if is_cut and (names is None or field.name in names):
            numbers: Any = column.cast(pa.int64())
            whole = compute.multiply(compute.divide(numbers, MICROSECOND), MICROSECOND)
            doubts += [CUT.format(field.name)] if compute.any(compute.not_equal(numbers, whole)).as_py() else []
    return doubts


def _orc_columns(path: Path, file: orc.ORCFile, names: list[str]) -> pa.Table:
    if not is_sampled(path):
        return file.read(names)
    return pa.Table.from_batches([file.read_stripe(index, names) for index in _parts(path, file.nstripes)])


def _parts(path: Path, number: int) -> list[int]:
    interval = max(1, ceil(PACKED * path.stat().st_size / SAMPLE_BYTES))
    return [*range(0, number, interval)]


def _with_instants(table: pa.Table, names: set[str] | None) -> pa.Table:
    """Return a table whose columns of times are in UTC, None for all: so Spark reads ORC, and Parquet's 96-bit times.

    A column that Spark wrote into ORC as local times is one.
    """
    types = {
        field.name: _with_zone(field) if names is None or field.name in names else field.type for field in table.schema
    }
    return cast(Any, table).cast(pa.schema([*types.items()])) if names is None or names else table


def _with_zone(field: pa.Field) -> Any:
    """Return a field's type with UTC as the zone of each time in it."""
    kind: Any = field.type
    if (field.metadata or {}).items() >= LOCAL_TIME.items():
        return pa.timestamp("us")
    if pa.types.is_timestamp(kind):
        return pa.timestamp("ns", "UTC")
    if pa.types.is_list(kind):
        return pa.list_(_with_zone(kind.value_field))
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pa.struct([(part.name, _with_zone(part)) for part in fields])
    return kind
