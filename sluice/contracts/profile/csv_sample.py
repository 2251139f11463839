"""A sample of CSV as columns of text, with how it is written."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import pyarrow as pa

from etl.contract.dialect import Dialect, Encoding
from etl.sources.csv_records import CsvRecord, iterate_records
from etl.sources.csv_syntax import CsvSyntax
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.columnar_types import NO_TEXT
from sluice.contracts.profile.csv_dialect import HEAD_LINES, detect_dialect
from sluice.contracts.profile.footer_rows import COMPARED_ROWS, MOST_LINES, count_footer
from sluice.contracts.profile.header_row import is_header
from sluice.contracts.profile.plain_values import looks_measured
from sluice.contracts.profile.sample_content import SampleContent, build_table
from sluice.contracts.profile.sampled_lines import sampled_lines

# What the gate refuses of a line, by the rule that a run would name.
REFUSED = "the gate refuses such a line (structure.row)"
HALF_QUOTED = f"is no record: a quote within a field, or one that does not close; {REFUSED}"
SINGLE_BYTE = (
    "its bytes are no UTF-8 and are read as windows-1252, which has iso-8859-1 in it: look at a name with an accent"
)
NO_HEADER = (
    "the first line is read as a row, since its values could all be a row's; columns have positions, so name them"
)
NAMES_ABOVE = "the header has another number of fields than the rows, so it is left out and columns have positions"
MIN_WIDTH = 3  # columns from which on a line with one field less may be a header
NAMES_TWICE = "a name stands twice in the header, so the header is left out and columns have positions"


@dataclass
class _Body:
    """Records that were split, from the first to those that may be a footer."""

    dialect: Dialect
    columns: int
    head: list[list[str | None]] = field(default_factory=list)
    tail: deque[CsvRecord] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    odd: CsvRecord | None = None

    @cached_property
    def syntax(self) -> CsvSyntax:
        """What a record is."""
        return CsvSyntax.from_dialect(self.dialect)


def read_csv_sample(path: Path, encoding: Encoding) -> SampleContent:
    """Read a CSV; how it is written is learnt from its first lines, and its end from the last ones.

    Raises:
        WrongUse: it is empty, or a record is not split as the others are.
    """
    head = [line for _, line in islice(sampled_lines(path, encoding), HEAD_LINES)]
    if not any(line.strip() for line in head):
        raise WrongUse(f"{path} is empty, so there is nothing to learn from it; take a file with a header and rows")
    dialect, columns = detect_dialect(head, encoding)
    split = [*iterate_records(head, dialect, columns)]
    records = [_nulled(record.fields) for record in split if _fits(record, columns)]
    if not records and (broken := next((record for record in split if record.fields is None), None)):
        raise WrongUse(_odd_message(broken, columns, path))
    if not records:
        raise WrongUse(f"{path} has no rows, so there is nothing to learn from it; take a file of a usual day")
    first, *rows = records
    dialect = replace(dialect, header=is_header(first, rows, dialect.delimiter))
    content = _read_records(path, dialect, first)
    names = [] if dialect.header else _names_above(head, dialect, records)
    if not names:
        return content
    doubts = [doubt if doubt != NO_HEADER else NAMES_ABOVE for doubt in content.doubts]
    return replace(content, names=names, has_positions=True, doubts=doubts)


def _names_above(head: Sequence[str], dialect: Dialect, records: Sequence[Sequence[str | None]]) -> list[str]:
    """Return the names in the line above the first record, which has another number of fields; none where it has no names.

    Empty fields at its end are none. A line that has one name less lacks that of an empty last column, or of row names.
    """
    line = head[dialect.skip_rows - 1].rstrip("\r\n") if dialect.skip_rows else ""
    fields = CsvSyntax.from_dialect(dialect).split_fields(line) or []
    while fields and fields[-1] is None:
        fields.pop()
    names = [value.strip() for value in fields if value]
    columns = len(records[0])
    if len(names) != len(fields) or len(names) not in (columns - 1, columns) or any(map(looks_measured, names)):
        return []
    if len(names) == columns or columns < MIN_WIDTH:
        return names if len(names) == columns else []
    return [*names, ""] if all(fields[-1] is None for fields in records) else ["", *names]


def _read_records(path: Path, dialect: Dialect, first: list[str | None]) -> SampleContent:
    """Read a file by a dialect; where a quote does not close in its line, again with values over several lines."""
    body = _Body(dialect, len(first))
    lines = (line for _, line in sampled_lines(path, dialect.encoding, every=not dialect.multi_line))
    records = iterate_records(lines, dialect, len(first))
    header = next(records, None) if dialect.header else None
    table = build_table(len(first), _rows(records, body, path))
    footer = count_footer([_nulled(record.fields) for record in body.tail], body.head, dialect.delimiter)
    last = list(body.tail)[: len(body.tail) - footer]
    odd = body.odd or next((record for record in last if not _fits(record, len(first))), None)
    if odd is not None and odd.fields is None and dialect.quote and not dialect.multi_line:
        return _read_records(path, replace(dialect, multi_line=True), first)
    if odd is not None:
        raise WrongUse(_odd_message(odd, len(first), path))
    rest = build_table(len(first), (_text_fields(record, body, path) for record in last))
    names = [name or "" for name in first] if dialect.header else []
    dialect = replace(dialect, skip_footer=footer)
    doubts = list(_dialect_doubts(dialect))
    table = pa.concat_tables([table, rest])
    if header and len({*names}) < len(names):
        # Two columns of one name are told apart by their places alone.
        dialect = replace(dialect, header=False, skip_rows=header.number)
        return SampleContent(table, names, dialect=dialect, has_positions=True, doubts=[*doubts, NAMES_TWICE])
    return SampleContent(table, names, dialect=dialect, doubts=doubts)


def _dialect_doubts(dialect: Dialect) -> Iterator[str]:
    """Yield what a person should look at of how a file is written."""
    if dialect.encoding is Encoding.WINDOWS_1252:
        yield SINGLE_BYTE
    if dialect.skip_rows:
        yield f"{count_noun(dialect.skip_rows, 'line')} before the first record left out, in each file"
    if dialect.comment:
        yield f"lines that start with {dialect.comment} are read as comments"
    if not dialect.header:
        yield NO_HEADER
    if dialect.skip_footer:
        yield f"{count_noun(dialect.skip_footer, 'line')} of totals or remarks after the last record left out, in each file"


def _rows(records: Iterable[CsvRecord], body: _Body, path: Path) -> Iterator[list[str | None]]:
    """Yield the fields of the records but the last few, which may be a footer; stop at one that is of another kind."""
    for record in records:
        if len(body.tail) == MOST_LINES:
            earlier = body.tail.popleft()
            if not _fits(earlier, body.columns):
                body.odd = earlier
                body.tail.clear()
                return
            fields = _text_fields(earlier, body, path)
            if len(body.head) < COMPARED_ROWS:
                body.head.append(fields)
            yield fields
        body.tail.append(record)


def _fits(record: CsvRecord, columns: int) -> bool:
    return record.fields is not None and len(record.fields) == columns


def _text_fields(record: CsvRecord, body: _Body, path: Path) -> list[str | None]:
    if not body.syntax.is_text(record.text):
        raise WrongUse(f"line {record.number} of {path} {NO_TEXT}")
    return _nulled(record.fields)


def _nulled(fields: Sequence[str] | None) -> list[str | None]:
    """Return the fields of a record, an empty one as None; none of what is no record."""
    return [value or None for value in fields or ()]


def _odd_message(record: CsvRecord, columns: int, path: Path) -> str:
    where = f"line {record.number} of {path}"
    if record.fields is None:
        return f"{where} {HALF_QUOTED}"
    return f"{where} is no record: expected {columns} fields, got {len(record.fields)}; {REFUSED}"
