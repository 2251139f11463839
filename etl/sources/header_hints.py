"""What a refused CSV is more likely than what its contract says: each as the line to write in the input's meta.

A hint names nothing of the file but declared names, delimiters and numbers of lines: a first line may be about a person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.contract.dialect import Dialect, HeaderMatch
from etl.contract.input_column import file_source
from etl.contract.model import Contract
from etl.sources.csv_syntax import CsvSyntax

DELIMITERS = (",", ";", "\t", "|", "\x01")
MAX_LINES_TRIED = 50


def header_hints(lines: Sequence[str], contract: Contract) -> list[str]:
    """Return what would make the first lines of a file, without their ends, fit their contract: the likeliest, or nothing."""
    return [*dict.fromkeys(_hints(lines[:MAX_LINES_TRIED], contract))][:1]


def _hints(lines: Sequence[str], contract: Contract) -> Iterator[str]:
    dialect = contract.dialect
    rest = lines[dialect.skip_rows :]
    if not rest:
        return
    if delimiter := _likely_delimiter(rest[0], contract):
        yield f'its delimiter is {_quoted(delimiter)}: write "dialect": {{"delimiter": {_quoted(delimiter)}}}'
    if not dialect.header:
        return
    sources = [str(file_source(column)) for column in contract.columns]
    fields = _fields(rest[0], dialect)
    if sorted(fields) == sorted(sources):
        yield 'write "header_match": "by_name" where any order will do'
    folded = [source.casefold() for source in sources]
    if sorted(map(str.casefold, fields)) == sorted(folded):
        yield f'write "header_match": "{HeaderMatch.BY_NAME_IGNORE_CASE}" where capitals mean nothing'
    if set(fields) > set(sources) and len(set(fields)) == len(fields):
        yield 'write "extra_columns": "ignore" to pass over what is not declared'
    for number, line in enumerate(lines):
        if number != dialect.skip_rows and _fields(line, dialect) == sources:
            yield f'its header is line {number + 1}: write "dialect": {{"skip_rows": {number}}}'
    if len(fields) == len(sources) and not set(map(str.casefold, fields)) & set(folded):
        yield 'where it has no header, write "dialect": {"header": false}'


def _fields(line: str, dialect: Dialect) -> list[str]:
    return [field or "" for field in CsvSyntax.from_dialect(dialect).split_fields(line) or ()]


def _likely_delimiter(line: str, contract: Contract) -> str:
    """Return the delimiter by which a line is the header, or a row of a file without one; "" where there is none."""
    columns = [file_source(column) for column in contract.columns]
    for delimiter in DELIMITERS:
        if delimiter in (contract.dialect.delimiter, contract.dialect.quote, contract.dialect.escape):
            continue
        fields = _fields(line, replace(contract.dialect, delimiter=delimiter))
        is_row = len(fields) == len(columns) > 1
        if len(fields) > 1 and (2 * len({*fields} & {*columns}) > len(columns) if contract.dialect.header else is_row):
            return delimiter
    return ""


def _quoted(delimiter: str) -> str:
    return {"\t": '"\\t"', "\x01": '"\\u0001"'}.get(delimiter, f'"{delimiter}"')
