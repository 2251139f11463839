"""The first lines of a CSV, held against the contract: which line is the header, and which field is which column's."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from etl.contract.dialect import Dialect
from etl.contract.input_column import file_source
from etl.contract.model import Contract
from etl.contract.structure_rules import StructureRule
from etl.sources import text_lines
from etl.sources.csv_records import CsvRecord, iterate_records
from etl.sources.header_hints import likely_dialect
from etl.sources.header_names import HeaderNames
from etl.wording import count_noun, shorten_text

MAX_DETAIL_BEFORE_HINT = 200
"""Characters: a sample shows few, and what to do must be among them."""
Layout = tuple[str | None, ...]
"""The column that each field of a line is of, by the contract's name; None for a field that no column takes."""


@dataclass(frozen=True)
class CsvHead:
    """What the first lines of a CSV showed.

    Attributes:
        lead: the lines before the rows that a reader of the file has: the header, and what is passed over before it.
        layout: which field is which column's.
        fault: the rule that they break, None for none.
        detail: what is wrong.
        hint: what to write in the contract where the file is as it should be, "" for nothing.
        row: the number of the line that breaks it, from 1; None where it is no line.
    """

    lead: tuple[str, ...] = ()
    layout: Layout = ()
    fault: StructureRule | None = None
    detail: str = ""
    hint: str = ""
    row: int | None = None

    @property
    def words(self) -> str:
        """What is wrong, and what to do."""
        return f"{shorten_text(self.detail, MAX_DETAIL_BEFORE_HINT)}; {self.hint}" if self.hint else self.detail


def check_head(text: str, is_whole: bool, contract: Contract) -> CsvHead:
    """Hold the first lines of a file against the contract; a layout without the columns that it may lack is one too.

    Args:
        text: the file's first characters, without a byte-order mark.
        is_whole: whether they are all.
        contract: an input of CSV.
    """
    head, smaller = _check_lines(text, is_whole, contract), contract.without_optional_columns()
    if head.fault is not StructureRule.HEADER or smaller is None:
        return head
    smaller_head = _check_lines(text, is_whole, smaller)
    return head if smaller_head.fault is StructureRule.HEADER else smaller_head


def _check_lines(text: str, is_whole: bool, contract: Contract) -> CsvHead:
    lines = io.StringIO(text, newline="").readlines()
    records = iterate_records(lines, replace(contract.dialect, skip_footer=0))
    first = next(records, None)
    if first is None:
        return CsvHead(fault=StructureRule.ROWS, detail="no line that is a row")
    fields = first.fields or []
    if not contract.dialect.header:
        head = _check_first_row(fields, contract)
    else:
        head = check_names(fields, contract, is_whole and next(records, None) is None)
    if head.fault is StructureRule.HEADER:
        head = replace(head, hint=likely_dialect([line.rstrip("\r\n") for line in lines], contract) or head.hint)
    if head.fault:
        return replace(head, row=first.number if head.fault is StructureRule.HEADER else None)
    return replace(head, lead=_lead_lines(lines, first, len(fields), contract.dialect))


def check_names(fields: Sequence[str], contract: Contract, is_last: bool = False) -> CsvHead:
    """Hold the names in a header against the contract; `is_last` says whether no row follows it."""
    form = contract.header_match.form
    names = {form(str(file_source(column))): column.name for column in contract.columns}
    layout = tuple(names.get(form(field)) for field in fields)
    named = [name for name in layout if name is not None]
    is_ordered = (
        named == contract.names if contract.header_match.is_ordered else sorted(named) == sorted(contract.names)
    )
    if not is_ordered or (None in layout and not contract.extra_columns.are_ignored):
        header = HeaderNames(fields, contract)
        return CsvHead(fault=StructureRule.HEADER, detail=header.fault, hint=header.hint)
    if is_last:
        return CsvHead(fault=StructureRule.ROWS, detail="a header and no rows")
    return CsvHead(layout=layout)


def _lead_lines(lines: Sequence[str], first: CsvRecord, columns: int, dialect: Dialect) -> tuple[str, ...]:
    """Return the lines before the rows that a reader of lines has: none that is blank or a comment."""
    header = (first.text,) if dialect.header else ()
    if dialect.takes_whole_files:
        return header
    skipped = [line.rstrip("\r\n") for line in lines[: dialect.skip_rows]]
    return (*(line for line in skipped if is_data_line(line, columns, dialect)), *header)


def is_data_line(line: str, columns: int, dialect: Dialect) -> bool:
    """Say whether a reader of lines keeps a line."""
    return text_lines.is_row(line, columns) and not (dialect.comment and line.startswith(dialect.comment))


def _check_first_row(fields: Sequence[str], contract: Contract) -> CsvHead:
    """Hold the first row of a file without a header against the number of columns."""
    layout = declared_layout(contract)
    further = len(fields) - len(layout)
    if further < 0 or (further > 0 and not contract.extra_columns.are_ignored):
        detail = f"{count_noun(len(fields), 'field')} in its first line where {len(layout)} are declared"
        return CsvHead(fault=StructureRule.HEADER, detail=detail)
    return CsvHead(layout=(*layout, *(None for _ in range(further))))


def declared_layout(contract: Contract) -> Layout:
    """Return which field is which column's by the contract alone: by the positions that `source` has, else in order."""
    positions = {
        position if isinstance(source := file_source(column), str) else source: column.name
        for position, column in enumerate(contract.columns, 1)
    }
    return tuple(positions.get(position) for position in range(1, max(positions) + 1))
