"""The first lines of a CSV, held against the contract: which line is the header, and which field is which column's."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl.contract.input_column import file_source
from etl.contract.model import Contract
from etl.contract.structure_rules import StructureRule
from etl.sources import text_lines
from etl.sources.csv_syntax import CsvSyntax
from etl.wording import count_noun

Layout = tuple[str | None, ...]
"""The column that each field of a line is of, by the contract's name; None for a field that no column takes."""


@dataclass(frozen=True)
class CsvHead:
    """What the first lines of a CSV showed.

    Attributes:
        lead: the lines that are no rows, as a reader of lines has them.
        layout: which field is which column's.
        fault: the rule that they break, None for none.
        detail: what is wrong.
        row: the number of the line that breaks it, from 1.
    """

    lead: tuple[str, ...] = ()
    layout: Layout = ()
    fault: StructureRule | None = None
    detail: str = ""
    row: int = 1


def check_head(text: str, is_whole: bool, contract: Contract) -> CsvHead:
    """Hold the first lines of a file against the contract.

    Args:
        text: the file's first characters, without a byte-order mark.
        is_whole: whether they are all.
        contract: an input of CSV.
    """
    syntax = CsvSyntax.from_dialect(contract.dialect)
    lines = text_lines.split_lines(text)
    first = lines[0]
    fields = [field or "" for field in syntax.split_fields(first) or ()]
    if not contract.dialect.header:
        return _check_first_row(fields, contract)
    sources = [str(file_source(column)) for column in contract.columns]
    if fields != sources:
        return CsvHead(fault=StructureRule.HEADER, detail=contract.masking.describe_header_fault(fields, sources))
    if is_whole and not any(text_lines.is_row(line, len(fields)) for line in lines[1:]):
        return CsvHead(fault=StructureRule.ROWS, detail="a header and no rows")
    return CsvHead((first,), declared_layout(contract))


def _check_first_row(fields: Sequence[str], contract: Contract) -> CsvHead:
    """Hold the first row of a file without a header against the number of columns."""
    columns = contract.columns
    if len(fields) != len(columns):
        detail = f"{count_noun(len(fields), 'field')} in its first line where {len(columns)} are declared"
        return CsvHead(fault=StructureRule.HEADER, detail=detail)
    return CsvHead((), declared_layout(contract))


def declared_layout(contract: Contract) -> Layout:
    """Return which field is which column's by the contract alone: by the positions that `source` has, else in order."""
    positions = {
        position if isinstance(source := file_source(column), str) else source: column.name
        for position, column in enumerate(contract.columns, 1)
    }
    return tuple(positions.get(position) for position in range(1, max(positions) + 1))
