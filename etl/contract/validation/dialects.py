"""What a dialect must agree on: with the format, and with what files call the columns."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.dialect import ExtraColumns, HeaderMatch
from etl.contract.faults import short_repr
from etl.contract.input_column import is_position
from etl.contract.json_values import is_object
from etl.contract.source_format import TYPED_FORMATS, SourceFormat
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault

DIALECT = ("meta", "dialect")


def dialect_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between the dialect, the format and the columns' sources."""
    dialect = sound.meta.get("dialect", {})
    if not is_object(dialect):
        return
    file_format = sound.meta.get("format", SourceFormat.CSV)
    if file_format != SourceFormat.CSV:
        if file_format == SourceFormat.EXCEL:
            yield from _name_faults(sound)
        else:
            yield from _foreign_names(sound, file_format)
        if dialect:
            yield PlacedFault(
                DIALECT, f"meta.dialect stands in an input of {file_format}", "drop it: only a csv has one"
            )
        return
    yield from _sheet_faults(sound, file_format)
    yield from _mark_faults(dialect)
    if dialect.get("header", True):
        yield from _name_faults(sound)
    else:
        if sound.meta.get("header_match", HeaderMatch.EXACT) != HeaderMatch.EXACT:
            problem = f"meta.header_match is {sound.meta['header_match']}, but the file has no header"
            yield PlacedFault(("meta", "header_match"), problem, "drop it; a column's source may be a position")
        yield from _position_faults(sound)


def _sheet_faults(sound: SoundSuite, file_format: Any) -> Iterator[PlacedFault]:
    for key in ("sheet", "first_row"):
        if key in sound.meta:
            problem = f"meta.{key} stands in an input of {file_format}, which has no sheets"
            yield PlacedFault(("meta", key), problem, 'drop it, or write "format": "excel"')


def _foreign_names(sound: SoundSuite, file_format: Any) -> Iterator[PlacedFault]:
    """Yield what is said of a header in an input of a format that has none."""
    yield from _sheet_faults(sound, file_format)
    if "header_match" in sound.meta:
        problem = f"meta.header_match stands in an input of {file_format}, where columns are told by their names"
        yield PlacedFault(("meta", "header_match"), problem, "drop it: only a csv and a sheet of excel have a header")
    yield from _foreign_sources(sound, file_format)
    yield from _shared_sources(sound, is_folded=False)


def _foreign_sources(sound: SoundSuite, file_format: Any) -> Iterator[PlacedFault]:
    """Yield the sources that stand for nothing in a format other than CSV: its columns are told by their names."""
    is_typed = file_format in TYPED_FORMATS
    for index, column in enumerate(sound.entries("columns")):
        if "source" not in column or (is_object(column["source"]) and file_format != SourceFormat.TABLES):
            continue
        source, where = column["source"], ("meta", "columns", index, "source")
        problem = f"column {column.get('name')!r} has the source {short_repr(source)} in an input of {file_format}"
        if file_format == SourceFormat.TABLES:
            yield PlacedFault(where, problem, "name the column as the table does, and drop it")
        elif is_position(source) or (is_typed and not source):
            yield PlacedFault(where, f"{problem}, whose columns have names", "write the name that the file has")


def _mark_faults(dialect: dict[str, Any]) -> Iterator[PlacedFault]:
    marks = {"delimiter": dialect.get("delimiter", ","), "quote": dialect.get("quote", '"')}
    escape = dialect.get("escape", "")
    comment = dialect.get("comment", "")
    if comment and comment in (*marks.values(), escape):
        problem = f"meta.dialect has {comment!r} as comment and as another mark"
        yield PlacedFault((*DIALECT, "comment"), problem, "give each a character of its own")
    if dialect.get("multi_line") and not marks["quote"]:
        problem = "meta.dialect has multi_line, but no quote: only a quoted field can hold a line end"
        yield PlacedFault((*DIALECT, "multi_line"), problem, "write the quote, or drop multi_line")
    if marks["delimiter"] in (marks["quote"], escape):
        problem = f"meta.dialect has {marks['delimiter']!r} as delimiter and as another mark"
        yield PlacedFault((*DIALECT, "delimiter"), problem, "give each a character of its own")


def _name_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong with the sources of a file with a header: they are names, each of one column."""
    for index, column in enumerate(sound.entries("columns")):
        source = column.get("source")
        if is_position(source):
            yield PlacedFault(
                ("meta", "columns", index, "source"),
                f"column {column.get('name')!r} has the position {source}, but the file has a header",
                'write the name in the header, or "header": false in meta.dialect',
            )
    yield from _shared_sources(sound, is_folded=sound.meta.get("header_match") == HeaderMatch.BY_NAME_IGNORE_CASE)


def _shared_sources(sound: SoundSuite, *, is_folded: bool) -> Iterator[PlacedFault]:
    sources = [column.get("source", column.get("name", "")) for column in sound.entries("columns")]
    names = [str(source) for source in sources if not is_object(source)]
    for name, times in Counter(map(str.casefold, names) if is_folded else names).items():
        if times > 1:
            problem = f"{times} columns are {short_repr(name)} in the file"
            yield PlacedFault(("meta", "columns"), problem, "give each column a source of its own")


def _position_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong with the sources of a file without a header: all columns have positions, or none has."""
    columns = [column for column in sound.entries("columns") if not is_object(column.get("source"))]
    sources = [column["source"] for column in columns if "source" in column]
    for index, column in enumerate(sound.entries("columns")):
        if "source" in column and not (is_position(column["source"]) or is_object(column["source"])):
            yield PlacedFault(
                ("meta", "columns", index, "source"),
                f"column {column.get('name')!r} has the source {short_repr(column['source'])}, but the file has no header",
                "write its position, from 1",
            )
    positions = sorted(source for source in sources if is_position(source))
    if len(positions) == len(set(positions)) == len(columns) and sound.meta.get("extra_columns") == ExtraColumns.IGNORE:
        return
    if positions and positions != [*range(1, len(columns) + 1)]:
        yield PlacedFault(
            ("meta", "columns"),
            f"the columns have the positions {', '.join(map(str, positions))}",
            f"give each of the {len(columns)} columns a position of its own from 1 to {len(columns)}, or none any",
        )
