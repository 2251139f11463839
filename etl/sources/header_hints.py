"""How a refused CSV is more likely written than its contract says: as the line to write in the input's meta.

A hint names nothing of a file but declared names, signs and numbers of lines: a first line may be about a person.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.contract.dialect import Dialect
from etl.contract.input_column import file_source
from etl.contract.model import Contract
from etl.sources.csv_syntax import CsvSyntax

HIVE_DELIMITER = "\x01"
DELIMITERS = (",", ";", "\t", "|", "^", "~", HIVE_DELIMITER)
"""Which delimiters files have, the likeliest first."""
QUOTES = ('"', "'")
MAX_LINES_TRIED = 50


def likely_dialect(lines: Sequence[str], contract: Contract) -> str:
    """Return what would make the first lines of a file, without their ends, fit their contract: the likeliest, or ""."""
    return next(_hints(lines[:MAX_LINES_TRIED], contract), "")


def _hints(lines: Sequence[str], contract: Contract) -> Iterator[str]:
    dialect = contract.dialect
    rest = lines[dialect.skip_rows :]
    if not rest:
        return
    columns = [file_source(column) for column in contract.columns]
    others = [sign for sign in DELIMITERS if sign not in (dialect.delimiter, dialect.quote, dialect.escape)]
    if delimiter := likely_delimiter(rest[0], columns, dialect, others):
        yield f"its delimiter is {json.dumps(delimiter)}: {_dialect_line(delimiter=delimiter)}"
    if not dialect.header:
        return
    sources = [*map(str, columns)]
    for quote in QUOTES:
        if quote != dialect.quote and _fields(rest[0], replace(dialect, quote=quote)) == sources:
            yield f"its quote is {quote}: {_dialect_line(quote=quote)}"
    for number, line in enumerate(lines):
        if number != dialect.skip_rows and _fields(line, dialect) == sources:
            yield f"its header is line {number + 1}: {_dialect_line(skip_rows=number)}"
        elif number > dialect.skip_rows and (delimiter := likely_delimiter(line, columns, dialect, others)):
            words = _dialect_line(delimiter=delimiter, skip_rows=number)
            yield f"its header is line {number + 1} and its delimiter {json.dumps(delimiter)}: {words}"
    fields = [*map(str.casefold, _fields(rest[0], dialect))]
    if len(fields) == len(sources) and not {*fields} & {*map(str.casefold, sources)}:
        yield f"where it has no header, {_dialect_line(header=False)}"


def _dialect_line(**keys: str | int | bool) -> str:
    return f'write "dialect": {json.dumps(keys)} in the meta of the input'


def _fields(line: str, dialect: Dialect) -> list[str]:
    return [field or "" for field in CsvSyntax.from_dialect(dialect).split_fields(line) or ()]


def likely_delimiter(line: str, columns: Sequence[str | int], dialect: Dialect, tried: Sequence[str]) -> str:
    """Return the delimiter of some by which a line is the header, or a row of a file without one; "" where there is none.

    Args:
        line: without its end.
        columns: what each column is in the file, as `file_source` has it.
        dialect: how the line is written, but for the delimiter.
        tried: delimiters, the likeliest first.
    """
    for delimiter in tried:
        fields = _fields(line, replace(dialect, delimiter=delimiter))
        is_row = len(fields) == len(columns) > 1
        if len(fields) > 1 and (2 * len({*fields} & {*columns}) > len(columns) if dialect.header else is_row):
            return delimiter
    return ""
