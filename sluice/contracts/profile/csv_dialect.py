"""How a CSV is written, from its first lines: delimiter, quote, escape, and what stands before the header."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from etl.contract.dialect import RFC_4180, Dialect, Encoding
from etl.sources.csv_records import CsvRecord, iterate_records
from etl.sources.header_hints import DELIMITERS
from sluice.contracts.profile.plain_values import looks_measured, looks_typed

BLANK = " "
BLANKS_BETWEEN = 1.25  # score from which on blanks stand between values: all records agree, and most values are typed
COMMENT = "#"
HEAD_LINES = 1000
SCORED_RECORDS = 300
MIN_CONSISTENCY = 0.6  # share of records that have as many fields as most
NEARLY_ALL = 0.9
LIKELY = 0.5  # share of records from which on a quote is one
QUOTED = {quote: re.compile(rf"(?:^|[,;\t|^~\x01])\s*{quote}") for quote in ('"', "'")}
ESCAPED = re.compile(r'[^\\]\\"')


@dataclass(frozen=True)
class _Candidate:
    dialect: Dialect
    columns: int
    score: float


def dialect_entries(dialect: Dialect) -> dict[str, Any]:
    """Return the keys of `meta.dialect` that differ from the default, as a suite has them."""
    entries = {entry.name: getattr(dialect, entry.name) for entry in fields(Dialect)}
    return {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in entries.items()
        if value != getattr(RFC_4180, name)
    }


def detect_dialect(lines: Sequence[str], encoding: Encoding) -> tuple[Dialect, int]:
    """Return how lines of a CSV are written, and how many fields a record has; `lines` are its first, with their ends.

    Whether the first record is a header is not decided here.
    """
    candidates = [candidate for dialect in _dialects(lines, encoding) if (candidate := _rate(dialect, lines))]
    best = max(candidates, key=lambda candidate: candidate.score, default=None) or _between_blanks(lines, encoding)
    if best is None:
        return _with_preamble(
            _Candidate(Dialect(header=False, encoding=encoding, multi_line=_has_breaks(lines)), 1, 0), lines
        ), 1
    return _with_preamble(best, lines), best.columns


def _dialects(lines: Sequence[str], encoding: Encoding) -> Iterator[Dialect]:
    for delimiter in DELIMITERS:
        for quote, escape in _quotings(lines):
            yield Dialect(
                delimiter=delimiter, quote=quote, escape=escape, header=False, encoding=encoding, multi_line=bool(quote)
            )


def _between_blanks(lines: Sequence[str], encoding: Encoding) -> _Candidate | None:
    """Return the form with single blanks between numbers; None where blanks are a part of values: of times, groups or words."""
    typed = sum(looks_typed(line.strip()) for line in lines)
    candidate = _rate(Dialect(delimiter=BLANK, header=False, encoding=encoding, multi_line=True), lines)
    return candidate if candidate and candidate.score > BLANKS_BETWEEN and 2 * typed < len(lines) else None


def _quotings(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield '"', ""
    if any(ESCAPED.search(line) for line in lines):
        yield '"', "\\"
    if sum(bool(QUOTED["'"].search(line)) for line in lines) >= LIKELY * len(lines):
        yield "'", ""
    if any('"' in line for line in lines):
        yield "", ""


def _rate(dialect: Dialect, lines: Sequence[str]) -> _Candidate | None:
    """Return how well records of a form agree; None where they have one field, or no number of fields in common."""
    records = list(_records(lines, dialect))[:SCORED_RECORDS]
    unmarked = [record for record in records if not record.text.startswith(COMMENT)]
    # Where records below a header start with the sign it is a part of their first value.
    has_remarks = len(unmarked) > 1 and (records[0].text.startswith(COMMENT) or 2 * len(unmarked) > len(records))
    counted = unmarked if has_remarks else records
    counts = Counter(len(record.fields) for record in counted if record.fields)
    if not counts:
        return None
    columns, _ = max(counts.items(), key=lambda entry: (entry[1], entry[0]))
    fitting = [record.fields for record in records if record.fields and len(record.fields) == columns]
    marked = [record for record in records if record.text.startswith(COMMENT)] if has_remarks else []
    remarks = sum(len(record.fields or ()) != columns for record in marked)
    consistency = len(fitting) / (len(records) - remarks)
    if columns < 2 or consistency < MIN_CONSISTENCY or (not dialect.quote and _has_quoted_column(fitting)):
        return None
    values = [value for fields in fitting for value in fields if value]
    typed = sum(map(looks_typed, values)) / len(values) if values else 0
    # Where values keep their quotes, a quote is none of the form's.
    kept = sum(value[0] in QUOTED and len(value) > 1 for value in values)
    return _Candidate(dialect, columns, consistency**2 * (1 + typed / 2) - (kept / len(values) if values else 0))


def _has_quoted_column(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether almost all values of a column stand between quotes: then these are the form's, whatever is around them."""
    columns = ([bare for value in column[1:] if (bare := value.strip())] for column in zip(*rows, strict=True))
    return any(
        column and sum(len(bare) > 1 and bare[0] == bare[-1] == '"' for bare in column) >= NEARLY_ALL * len(column)
        for column in columns
    )


def _has_breaks(lines: Sequence[str]) -> bool:
    dialect = Dialect(header=False, multi_line=True)
    return any("\n" in record.text or "\r" in record.text for record in _records(lines, dialect))


def _with_preamble(best: _Candidate, lines: Sequence[str]) -> Dialect:
    """Return the form with the comment or the number of lines before its first record, and without what it needs not."""
    dialect = best.dialect
    if dialect.quote:
        dialect = replace(dialect, multi_line=_spans_lines(dialect, best.columns, lines))
    records = list(_records(lines, dialect))
    first = _first_record(records, best.columns)
    if not records:
        return dialect
    skipped = records[first].number - 1
    if not _has_comments(records, first, best.columns):
        return replace(dialect, skip_rows=skipped)
    # A blank line before the header would be taken for it.
    has_blanks = skipped > first
    is_needed = not has_blanks or any(record.text.startswith(COMMENT) for record in records[first:])
    return replace(dialect, comment=COMMENT if is_needed else "", skip_rows=skipped if has_blanks else 0)


def _records(lines: Sequence[str], dialect: Dialect) -> Iterator[CsvRecord]:
    """Yield what is no blank line, whatever number of fields it has."""
    return iterate_records(lines, dialect, columns=2)


def _spans_lines(dialect: Dialect, columns: int, lines: Sequence[str]) -> bool:
    return any(
        ("\n" in record.text or "\r" in record.text) and record.fields is not None and len(record.fields) == columns
        for record in _records(lines, replace(dialect, multi_line=True))
    )


def _first_record(records: Sequence[CsvRecord], columns: int) -> int:
    """Return the index of the first record that has as many fields as most, with one after it that has too."""

    def fits(record: CsvRecord) -> bool:
        return record.fields is not None and len(record.fields) == columns and not record.text.startswith(COMMENT)

    fitting = [index for index, record in enumerate(records) if fits(record)]
    for index, following in pairwise(fitting):
        if following == index + 1:
            break
    else:
        index = fitting[0] if fitting else 0
    # A header may start with the comment's sign too: then it is the line before, as wide as the rest.
    before = records[index - 1] if index else None
    if before and before.fields and len(before.fields) == columns > 1 and not _is_header_like(records[index]):
        return index - 1
    return index


def _is_header_like(record: CsvRecord) -> bool:
    return not any(map(looks_measured, record.fields or ()))


def _has_comments(records: Sequence[CsvRecord], first: int, columns: int) -> bool:
    """Say whether the lines that start with the comment's sign are all no records, and what is skipped is all such."""
    marked = [record for record in records if record.text.startswith(COMMENT)]
    is_header_marked = first < len(records) and records[first].text.startswith(COMMENT)
    others_before = [record for record in records[:first] if not record.text.startswith(COMMENT)]
    body_marked = [record for record in records[first:] if record.text.startswith(COMMENT)]
    fits = any(record.fields is not None and len(record.fields) == columns > 1 for record in body_marked)
    return bool(marked) and not is_header_marked and not others_before and not fits
