"""Lines after the last record of a CSV: totals, numbers of rows, remarks."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation

from sluice.contracts.profile.column_inference import infer_reading
from sluice.contracts.profile.column_reading import ReadingHints

Fields = Sequence[str | None]
MOST_LINES = 10
COMPARED_ROWS = 2000
WORD = re.compile(
    r"\W*(grand |sub[- ]?)?(totals?|sum|summe|gesamt\w*|insgesamt|somme|suma|totale|average|avg|mean|durchschnitt|count|"
    r"anzahl|rows?|records?|end( of .*)?|eof|trailer|trl|source|quelle|notes?|generated|exported|\d+ (rows?|records?).*)\b.*",
    re.IGNORECASE,
)


def count_footer(tail: Sequence[Fields], body: Sequence[Fields], delimiter: str) -> int:
    """Return how many of the last records are none of the others' kind; one that could not be split has no fields.

    Args:
        tail: the last records of a file.
        body: records before them.
        delimiter: between two fields.
    """
    rows = [fields for fields in (*body, *tail) if fields]
    if not rows:
        return 0
    columns = Counter(map(len, rows)).most_common(1)[0][0]
    ragged = _count_trailing(tail, lambda fields: len(fields) != columns and _is_remark(fields))
    whole = tail[: len(tail) - ragged]
    remarks = _count_trailing(whole, _is_remark)
    before = [fields for fields in (*body, *whole[: len(whole) - remarks]) if fields and len(fields) == columns]
    if not remarks or not before:
        return ragged if before else 0
    total = whole[len(whole) - remarks]
    return ragged + remarks if _breaks_types(total, before, delimiter) else ragged


def _count_trailing(rows: Sequence[Fields], is_other: Callable[[Fields], bool]) -> int:
    number = 0
    for fields in reversed(rows):
        if not is_other(fields):
            break
        number += 1
    return number


def _is_remark(fields: Fields) -> bool:
    """Say whether a record starts as totals and remarks do; a record that is cut off does not."""
    first = next((value.strip() for value in fields if value), None)
    if len(fields) < 2 and not first:
        return False  # in a file of one column a blank line is a row
    return not first or WORD.fullmatch(first) is not None or not any(map(str.isalnum, first))


def _breaks_types(total: Fields, rows: Sequence[Fields], delimiter: str) -> bool:
    """Say whether a record's values are no values of their columns, or one is the sum of those above it."""
    hints = ReadingHints(delimiter=delimiter)
    for index, cell in enumerate(total):
        values = [value for row in rows if (value := row[index])]
        reading = infer_reading("", [*dict.fromkeys(values)], hints)
        if reading.declared.is_text or not cell:
            continue
        if infer_reading("", [*dict.fromkeys([*values, cell])], hints).declared.family is not reading.declared.family:
            return True
        if _sums_up(cell, values):
            return True
    return all(value is None for value in total)


def _sums_up(cell: str, values: Sequence[str]) -> bool:
    try:
        return len(values) > 1 and Decimal(cell) == sum(map(Decimal, values), Decimal())
    except InvalidOperation:
        return False
