"""A sample of CSV as columns of text, with how it is written."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa

from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.columnar_types import NO_TEXT
from sluice.contracts.profile.csv_dialect import HEAD_LINES, detect_form
from sluice.contracts.profile.csv_text import CsvForm, CsvRecord, split_records
from sluice.contracts.profile.footer_rows import COMPARED_ROWS, MOST_LINES, count_footer
from sluice.contracts.profile.header_row import is_header
from sluice.contracts.profile.sample_content import SampleContent, build_table
from sluice.contracts.profile.sampled_lines import sampled_lines
from sluice.contracts.profile.text_encoding import WINDOWS_1252

# What the gate refuses of a line, by the rule that a run would name.
REFUSED = "the gate refuses such a line (structure.row)"
HALF_QUOTED = f"is no record: a quote within a field, or one that does not close; {REFUSED}"
SINGLE_BYTE = (
    "its bytes are no UTF-8 and are read as windows-1252, which has iso-8859-1 in it: look at a name with an accent"
)
NO_HEADER = (
    "the first line is read as a row, since its values could all be a row's; columns have positions, so name them"
)


@dataclass
class _Body:
    """Records that were split, from the first to those that may be a footer."""

    form: CsvForm
    columns: int
    head: list[list[str | None]] = field(default_factory=list)
    tail: deque[CsvRecord] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    odd: CsvRecord | None = None


def read_csv_sample(path: Path, encoding: str) -> SampleContent:
    """Read a CSV whole; how it is written is learnt from its first lines, and its end from the last ones.

    Raises:
        WrongUse: it is empty, or a record is not split as the others are.
    """
    head = [line for _, line in islice(sampled_lines(path, encoding), HEAD_LINES)]
    if not any(line.strip() for line in head):
        raise WrongUse(f"{path} is empty, so there is nothing to learn from it; take a file with a header and rows")
    form, columns = detect_form(head, encoding)
    first, rows = _first_records(head, form, columns)
    form = replace(form, header=is_header(first, rows, form.delimiter))
    return _read_form(path, form, first)


def _first_records(head: Sequence[str], form: CsvForm, columns: int) -> tuple[list[str | None], list[list[str | None]]]:
    records = split_records(islice(enumerate(head, 1), form.skip_rows, None), form)
    fields = [record.fields for record in records if record.fields and len(record.fields) == columns]
    return (fields[0], fields[1:]) if fields else ([], [])


def _read_form(path: Path, form: CsvForm, first: list[str | None]) -> SampleContent:
    """Read a file by a form; where a quote is open at a line's end, again with values over several lines."""
    body = _Body(form, len(first))
    lines = sampled_lines(path, form.encoding, every=not form.multi_line)
    records = split_records(islice(lines, form.skip_rows, None), form)
    if form.header:
        next(records, None)
    table = build_table(len(first), _rows(records, body, path))
    if body.odd is not None and form.quote and not form.multi_line and form.is_open(body.odd.text):
        return _read_form(path, replace(form, multi_line=True), first)
    footer = count_footer([record.fields for record in body.tail], body.head, form.delimiter)
    last = list(body.tail)[: len(body.tail) - footer]
    odd = body.odd or next((record for record in last if not _fits(record, len(first))), None)
    if odd is not None:
        raise WrongUse(_odd_message(odd, len(first), path))
    table = pa.concat_tables([table, build_table(len(first), (_text_fields(record, form, path) for record in last))])
    names = [name or "" for name in first] if form.header else []
    form = replace(form, skip_footer=footer)
    return SampleContent(table, names, form=form, doubts=list(_form_doubts(form)))


def _form_doubts(form: CsvForm) -> Iterator[str]:
    """Yield what a person should look at of how a file is written."""
    if form.encoding == WINDOWS_1252:
        yield SINGLE_BYTE
    if form.skip_rows:
        yield f"{count_noun(form.skip_rows, 'line')} before the first record left out, in each file"
    if form.comment:
        yield f"lines that start with {form.comment} are read as comments"
    if not form.header:
        yield NO_HEADER
    if form.skip_footer:
        yield f"{count_noun(form.skip_footer, 'line')} of totals or remarks after the last record left out, in each file"


def _rows(records: Iterable[CsvRecord], body: _Body, path: Path) -> Iterator[list[str | None]]:
    """Yield the fields of the records but the last few, which may be a footer; stop at one that is of another kind."""
    for record in records:
        if len(body.tail) == MOST_LINES:
            earlier = body.tail.popleft()
            if not _fits(earlier, body.columns):
                body.odd = earlier
                body.tail.clear()
                return
            fields = _text_fields(earlier, body.form, path)
            if len(body.head) < COMPARED_ROWS:
                body.head.append(fields)
            yield fields
        body.tail.append(record)


def _fits(record: CsvRecord, columns: int) -> bool:
    return record.fields is not None and len(record.fields) == columns


def _text_fields(record: CsvRecord, form: CsvForm, path: Path) -> list[str | None]:
    assert record.fields is not None  # noqa: S101  it fits
    if not form.syntax.is_text(record.text):
        raise WrongUse(f"line {record.line} of {path} {NO_TEXT}")
    return record.fields


def _odd_message(record: CsvRecord, columns: int, path: Path) -> str:
    where = f"line {record.line} of {path}"
    if record.fields is None:
        return f"{where} {HALF_QUOTED}"
    return f"{where} is no record: expected {columns} fields, got {len(record.fields)}; {REFUSED}"
