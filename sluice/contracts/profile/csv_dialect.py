"""How a CSV is written, from its first lines: delimiter, quote, escape, and what stands before the header."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sluice.contracts.profile.csv_text import CsvForm, CsvRecord, split_records
from sluice.contracts.profile.plain_values import looks_typed

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x01")
COMMENT = "#"
HEAD_LINES = 1000
SCORED_RECORDS = 300
MIN_CONSISTENCY = 0.6  # share of records that have as many fields as most
LIKELY = 0.5  # share of records from which on a quote is one
QUOTED = {quote: re.compile(rf"(?:^|[,;\t|^~\x01])\s*{quote}") for quote in ('"', "'")}
ESCAPED = re.compile(r'[^\\]\\"')


@dataclass(frozen=True)
class _Candidate:
    form: CsvForm
    columns: int
    score: float


def detect_form(lines: Sequence[str], encoding: str) -> tuple[CsvForm, int]:
    """Return how lines of a CSV are written, and how many fields a record has; `lines` are its first, with their ends.

    Whether the first record is a header is not decided here.
    """
    candidates = [candidate for form in _forms(lines, encoding) if (candidate := _rate(form, lines))]
    best = max(candidates, key=lambda candidate: candidate.score, default=None)
    if best is None:
        return _with_preamble(_Candidate(CsvForm(encoding=encoding, multi_line=_has_breaks(lines)), 1, 0), lines), 1
    return _with_preamble(best, lines), best.columns


def _forms(lines: Sequence[str], encoding: str) -> Iterator[CsvForm]:
    for delimiter in DELIMITERS:
        for quote, escape in _quotings(lines):
            yield CsvForm(delimiter, quote, escape, encoding=encoding, multi_line=bool(quote))


def _quotings(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield '"', ""
    if any(ESCAPED.search(line) for line in lines):
        yield '"', "\\"
    if sum(bool(QUOTED["'"].search(line)) for line in lines) >= LIKELY * len(lines):
        yield "'", ""
    if any('"' in line for line in lines):
        yield "", ""


def _rate(form: CsvForm, lines: Sequence[str]) -> _Candidate | None:
    """Return how well records of a form agree; None where they have one field, or no number of fields in common."""
    records = list(split_records(enumerate(lines, 1), form))[:SCORED_RECORDS]
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
    if columns < 2 or consistency < MIN_CONSISTENCY:
        return None
    values = [value for fields in fitting for value in fields if value]
    typed = sum(map(looks_typed, values)) / len(values) if values else 0
    # Where values keep their quotes, a quote is none of the form's.
    kept = sum(value[0] in QUOTED and len(value) > 1 for value in values)
    return _Candidate(form, columns, consistency**2 * (1 + typed / 2) - (kept / len(values) if values else 0))


def _has_breaks(lines: Sequence[str]) -> bool:
    form = CsvForm(multi_line=True)
    return any("\n" in record.text or "\r" in record.text for record in split_records(enumerate(lines, 1), form))


def _with_preamble(best: _Candidate, lines: Sequence[str]) -> CsvForm:
    """Return the form with the comment or the number of lines before its first record, and without what it needs not."""
    form = best.form
    if form.quote:
        form = replace(form, multi_line=_spans_lines(form, best.columns, lines))
    records = list(split_records(enumerate(lines, 1), form))
    first = _first_record(records, best.columns)
    before = records[:first]
    if _has_comments(records, first, best.columns):
        return replace(form, comment=COMMENT)
    return replace(form, skip_rows=records[first].line - 1) if before else form


def _spans_lines(form: CsvForm, columns: int, lines: Sequence[str]) -> bool:
    return any(
        ("\n" in record.text or "\r" in record.text) and record.fields is not None and len(record.fields) == columns
        for record in split_records(enumerate(lines, 1), replace(form, multi_line=True))
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
    return not any(value and looks_typed(value) for value in record.fields or ())


def _has_comments(records: Sequence[CsvRecord], first: int, columns: int) -> bool:
    """Say whether the lines that start with the comment's sign are all no records, and what is skipped is all such."""
    marked = [record for record in records if record.text.startswith(COMMENT)]
    is_header_marked = first < len(records) and records[first].text.startswith(COMMENT)
    others_before = [record for record in records[:first] if not record.text.startswith(COMMENT)]
    body_marked = [record for record in records[first:] if record.text.startswith(COMMENT)]
    fits = any(record.fields is not None and len(record.fields) == columns > 1 for record in body_marked)
    return bool(marked) and not is_header_marked and not others_before and not fits
