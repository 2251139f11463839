"""A sample as columns: read as the gate reads its format, so that what is learnt from it is what the gate will see."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_never

import pyarrow as pa

from etl.contract.dialect import Dialect, Encoding
from etl.contract.source_format import SourceFormat
from etl.sources.compression import BrokenStream
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.avro_sample import read_avro_sample
from sluice.contracts.profile.column_names import plain_names
from sluice.contracts.profile.columnar_sample import read_columnar_sample
from sluice.contracts.profile.columnar_types import refuse_unpublishable
from sluice.contracts.profile.csv_sample import read_csv_sample
from sluice.contracts.profile.excel_sample import read_excel_sample
from sluice.contracts.profile.json_sample import read_json_sample
from sluice.contracts.profile.sample_bytes import encoding_of, refuse_unreadable
from sluice.contracts.profile.sample_content import SampleContent
from sluice.contracts.profile.sample_format import detect_format


@dataclass(frozen=True)
class Sample:
    """What a file holds: `table` has text columns where the format has no types, else the file's own.

    Attributes:
        file: its name.
        sources: by a column's name, what the file calls it, or its position; only those that differ.
        dialect: how a CSV is written.
        records: how JSON records stand.
        sheet, first_row: the sheet of Excel that was read, "" for the only one, and the row of its header.
        ignores_columns: whether the file has columns that are left out.
        nested: the type of each nested column of JSON, of which the table has the JSON.
        doubts: what of the file as a whole a person has to decide.
        files: the glob of what is data, "" where each file is.
    """

    file: str
    format: SourceFormat
    table: pa.Table
    sources: dict[str, Any] = field(default_factory=dict)
    dialect: Dialect | None = None
    records: str = ""
    sheet: str = ""
    first_row: int = 1
    doubts: tuple[str, ...] = ()
    files: str = ""
    ignores_columns: bool = False
    nested: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.table.num_rows


def read_sample(path: Path) -> Sample:
    """Read a whole file.

    Raises:
        WrongUse: its format is unknown, it cannot be read, or there is nothing to learn from it.
    """
    if not path.exists():
        raise WrongUse(f"{path} does not exist; name a file with some rows")
    source_format = detect_format(path)
    try:
        if source_format.may_be_packed:
            refuse_unreadable(path)
        content = _read_table(path, source_format)
        if source_format.is_typed:
            refuse_unpublishable(content.table, path)
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path} has a text that is no UTF-8 ({error.reason}); the gate refuses it") from error
    except (OSError, BrokenStream, pa.ArrowException) as error:
        raise WrongUse(
            f"{path} is no {source_format} that the gate could read: {_error_words(error)}; is it whole, and its name's ending "
            "that of its format?"
        ) from error
    if not content.table.num_rows:
        raise WrongUse(f"{path} has no rows, so there is nothing to learn from it; take a file of a usual day")
    return _as_sample(path, source_format, content)


def _as_sample(path: Path, source_format: SourceFormat, content: SampleContent) -> Sample:
    positions = range(1, len(content.table.column_names) + 1)
    file_names: list[Any] = [*positions] if content.has_positions else [*content.names] or [*positions]
    names = _column_names(content)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise WrongUse(f"{path} has the column {twice[0]!r} more than once; a contract tells columns by their names")
    sources = {name: source for name, source in zip(names, file_names, strict=True) if name != source}
    return Sample(
        path.name,
        source_format,
        content.table.rename_columns(names),
        sources,
        content.dialect,
        content.records,
        content.sheet,
        content.first_row,
        tuple(content.doubts),
        ignores_columns=content.ignores_columns,
        nested={names[index]: declared for index, declared in content.nested.items()},
    )


def _column_names(content: SampleContent) -> list[str]:
    if not content.names:
        return [f"column_{position}" for position in range(1, len(content.table.column_names) + 1)]
    return plain_names(content.names)


def _read_table(path: Path, source_format: SourceFormat) -> SampleContent:
    match source_format:
        case SourceFormat.CSV:
            return read_csv_sample(path, encoding_of(path))
        case SourceFormat.JSONL:
            return read_json_sample(path, _json_encoding(path))
        case SourceFormat.PARQUET | SourceFormat.ORC:
            return read_columnar_sample(path, source_format)
        case SourceFormat.AVRO:
            return read_avro_sample(path)
        case SourceFormat.EXCEL:
            return read_excel_sample(path)
        case SourceFormat.TABLES:
            raise ValueError("a table is no file; no ending stands for it")
        case _:
            assert_never(source_format)


def _json_encoding(path: Path) -> Encoding:
    encoding = encoding_of(path)
    if encoding is not Encoding.UTF_8:
        raise WrongUse(f"{path} is {encoding}, and JSON is UTF-8 (RFC 8259): the gate refuses it (structure.text)")
    return encoding


def _error_words(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
