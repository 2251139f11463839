"""A sample as columns: read as the gate reads its format, so that what is learnt from it is what the gate will see."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, assert_never, cast

import pyarrow as pa
from pyarrow import orc, parquet
from pyarrow.lib import StringBuilder

from etl.contract.source_format import SourceFormat
from etl.sources import json_syntax, text_lines
from etl.sources.compression import BrokenStream, codec_of
from etl.sources.csv_syntax import COMMAS
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.columnar_types import NO_TEXT, refuse_unpublishable
from sluice.contracts.profile.sample_bytes import open_text, refuse_unreadable

FORMATS = {ending: source_format for source_format in SourceFormat for ending in source_format.endings}
INT96 = "INT96"  # in nanoseconds, as Hive, Impala and Spark write times
BATCH_ROWS = 1 << 16  # rows that are lists of Python's texts at a time, which take ten times the room
KNOWN = ".csv and .jsonl, also as .gz or .bz2, .parquet or .orc"


# What the gate refuses of a line, by the rule that a run would name.
REFUSED = "the gate refuses such a line (structure.row)"
HALF_QUOTED = f"is no record: a quote within a field, or one that does not close in its line; {REFUSED}"


@dataclass(frozen=True)
class Sample:
    """What a file holds: `table` has text columns where the format has no types, else the file's own."""

    file: str
    format: SourceFormat
    table: pa.Table

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.table.num_rows


def read_sample(path: Path) -> Sample:
    """Read a whole file.

    Raises:
        WrongUse: its suffix is unknown, it cannot be read, or there is nothing to learn from it.
    """
    source_format = _detect_format(path)
    try:
        if source_format.is_text:
            refuse_unreadable(path)
        table = _read_table(path, source_format)
        if source_format.is_columnar:
            refuse_unpublishable(table, path)
    except FileNotFoundError:
        raise WrongUse(f"{path} does not exist; name a file with a header or keys, and some rows") from None
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path} is no UTF-8 ({error.reason}); save it as UTF-8") from error
    except (OSError, BrokenStream, pa.ArrowException) as error:
        raise WrongUse(
            f"{path} is no {source_format} that the gate could read: {_error_words(error)}; mend it, or rename it"
        ) from error
    if not table.num_rows:
        raise WrongUse(f"{path} has no rows, so there is nothing to learn from it; take a file of a usual day")
    if twice := sorted({name for name in table.column_names if table.column_names.count(name) > 1}):
        raise WrongUse(f"{path} has the column {twice[0]!r} more than once; give each a name of its own")
    return Sample(path.name, source_format, table)


def _read_table(path: Path, source_format: SourceFormat) -> pa.Table:
    match source_format:
        case SourceFormat.CSV:
            return _read_csv(path)
        case SourceFormat.JSONL:
            return _read_jsonl(path)
        case SourceFormat.PARQUET:
            table, schema = parquet.read_table(path), parquet.ParquetFile(path).schema
            leaves = [schema.column(index) for index in range(len(schema))]
            return _with_instants(table, {leaf.name for leaf in leaves if leaf.physical_type == INT96})
        case SourceFormat.ORC:
            return _with_instants(orc.read_table(path), None)
        case SourceFormat.TABLES:
            raise ValueError("a table is no file; no ending stands for it")
        case _:
            assert_never(source_format)


def _with_instants(table: pa.Table, names: set[str] | None) -> pa.Table:
    """Return a table whose columns of times are in UTC, None for all: so Spark reads ORC, and Parquet's 96-bit times."""
    types = {
        field.name: pa.timestamp("ns", "UTC")
        if pa.types.is_timestamp(field.type) and (names is None or field.name in names)
        else field.type
        for field in table.schema
    }
    return cast(Any, table).cast(pa.schema([*types.items()])) if names is None or names else table


def _detect_format(path: Path) -> SourceFormat:
    packed = codec_of(path.name) is not None
    source_format = FORMATS.get((path.with_suffix("") if packed else path).suffix.lower())
    if source_format is None or (packed and not source_format.is_text):
        raise WrongUse(f"{path.name} has no suffix that tells its format; name it {KNOWN}, which the gate reads")
    return source_format


def _error_words(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _read_csv(path: Path) -> pa.Table:
    with open_text(path) as file:
        header = _strip_line_end(next(file, ""))
        if not header:
            raise WrongUse(f"{path} is empty, so there is nothing to learn from it; take a file with a header and rows")
        names = COMMAS.split_fields(header)
        if names is None or None in names:
            raise WrongUse(f"{path} has a header with a name that is empty or half quoted; write the names as they are")
        column_names = [str(name) for name in names]
        rows = _numbered_rows(file, len(column_names), 2)
        return _build_table(
            column_names, (_parse_record(line, len(column_names), (number, path)) for line, number in rows)
        )


def _read_jsonl(path: Path) -> pa.Table:
    """Read JSON lines with each value as the text that the line has; a key that a line lacks is null there."""
    with open_text(path) as file:
        rows = [_parse_object(line, f"line {number} of {path}") for line, number in _numbered_rows(file, 2, 1)]
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: _text_array(row.get(name) for row in rows) for name in names})


def _numbered_rows(file: Iterable[str], columns: int, start: int) -> Iterator[tuple[str, int]]:
    """Yield each line that the gate takes for a row with its number; `start` is the first line's."""
    for number, ended in enumerate(file, start):
        line = _strip_line_end(ended)
        if text_lines.is_row(line, columns):
            yield line, number


def _strip_line_end(line: str) -> str:
    return line.rstrip("\r\n")


def _build_table(names: list[str], rows: Iterator[list[str | None]]) -> pa.Table:
    schema = pa.schema([(f"{index}", pa.string()) for index in range(len(names))])
    batches: list[pa.RecordBatch] = []
    while batch := list(islice(rows, BATCH_ROWS)):
        arrays = [_text_array(column) for column in zip(*batch, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema).rename_columns(names)


def _text_array(texts: Iterable[str | None]) -> pa.Array:
    builder = StringBuilder()  # `pa.array` imports pandas, half a second
    builder.append_values(list(texts))
    return builder.finish()


def _parse_record(line: str, columns: int, line_and_file: tuple[int, Path]) -> list[str | None]:
    fields = COMMAS.split_fields(line)
    if fields is not None and len(fields) == columns and text_lines.is_text(line):
        return fields
    where = "line {} of {}".format(*line_and_file)
    if fields is None:
        raise WrongUse(f"{where} {HALF_QUOTED}")
    if len(fields) != columns:
        raise WrongUse(f"{where} is no record: expected {columns} fields, got {len(fields)}; {REFUSED}")
    raise WrongUse(f"{where} {NO_TEXT}")


def _parse_object(line: str, where: str) -> dict[str, str | None]:
    try:
        pairs = json.loads(line, object_pairs_hook=list, parse_int=str, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", error)
        raise WrongUse(f"{where} cannot be read: {reason}; write one object a line") from error
    if not line.lstrip().startswith("{"):
        raise WrongUse(f"{where} is no JSON object; write one a line")
    texts = {name: _value_text(value, f"{where}: {name!r}") for name, value in pairs}
    if len(texts) < len(pairs):
        raise WrongUse(f"{where} has a key twice; keep one of them")
    if not json_syntax.is_object(line) or not all(map(text_lines.is_text, filter(None, (*texts, *texts.values())))):
        raise WrongUse(f"{where} {NO_TEXT}")
    return texts


def _no_number(name: str) -> str:
    raise ValueError(f"{name} is no number of JSON")


def _value_text(value: Any, where: str) -> str | None:
    if isinstance(value, list):  # an object comes as a list of pairs
        raise WrongUse(f"{where} is nested, and the gate takes flat objects; give its parts keys of their own")
    return str(value).lower() if isinstance(value, bool) else value
