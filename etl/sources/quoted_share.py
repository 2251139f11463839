"""How many of a CSV's first lines have quotes that hold delimiters or quotes: by it a reader takes one of its two ways."""

import io
from collections.abc import Iterator
from itertools import islice

from etl.sources.csv_syntax import CsvSyntax

PARSED_SHARE = 0.25  # of the lines: a split line takes some 4 us, a parsed one 8, one taken apart by expressions 17
MOST_LINES = 200  # that are looked at: a run may have thousands of objects


def is_parsed(text: str, lead: tuple[str, ...], fields: int, syntax: CsvSyntax) -> bool:
    """Say whether a file's lines are better parsed than split, by its first ones: a guess that changes no value.

    Args:
        text: the file's first characters.
        lead: its lines before the rows.
        fields: how many a line has.
        syntax: how they are written.
    """
    if syntax.escape or not syntax.quote or syntax.quote not in text or fields == 1:
        return False
    lines = islice(_whole_lines(text), len(lead), len(lead) + MOST_LINES)
    hard = [_is_hard(line, fields, syntax) for line in lines]
    return bool(hard) and sum(hard) >= PARSED_SHARE * len(hard)


def _whole_lines(text: str) -> Iterator[str]:
    lines = io.StringIO(text).readlines()
    return (line.rstrip("\n") for line in (lines if text.endswith("\n") else lines[:-1] or lines))


def _is_hard(line: str, fields: int, syntax: CsvSyntax) -> bool:
    return syntax.quote in line and (syntax.quote * 2 in line or line.count(syntax.delimiter) != fields - 1)
