"""Rows that broke a rule, as they are found again: what a sample shows of them, and by what the source knows them."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.sample_values import format_samples
from etl.contract.table_names import LINE, OBJECT, ORDINAL, VERSION
from etl.ledger.quarantine_table import JSON_OPTIONS
from etl.results.row_origin import Candidate, Origin
from etl.sources.provenance import PROVENANCE

RAW = "_raw"  # a row's own line, which a transform hands on
TRACED_COLUMNS = (*PROVENANCE, RAW)
TEXT, MARK = "_text", "_mark"
MAX_ROWS = 50  # looked at of a rule

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BrokenRow:
    """A row that broke a rule: where it is from, and `mark`, by which its line, or its like in the source, is found."""

    origin: Origin
    mark: str | None = None
    staged: bool = False

    @property
    def object_version(self) -> tuple[str, str]:
        """The object and its version."""
        return self.origin.object, self.origin.version


def with_raw_line(lines: DataFrame) -> DataFrame:
    """Return the lines with their own text beside it, for what tells where rows are from."""
    return lines.withColumn(RAW, F.col(LINE))


def line_mark() -> Column:
    """Return what `physical_lines` knows a line by."""
    return F.concat(F.octet_length(RAW), F.lit(":"), F.md5(F.col(RAW).cast("binary")))


def row_mark(contract: Contract) -> Column:
    """Return what a row of the output is known by, before it is staged and after: a hash of its key, and an MD5 of all."""
    columns = [_typed_column(contract, column.name).alias(column.name) for column in contract.columns]
    return F.concat(_row_hash(contract).cast("string"), F.lit(":"), F.md5(F.to_json(F.struct(*columns), JSON_OPTIONS)))


def has_row_mark(contract: Contract, marks: Collection[str]) -> Column:
    """Return where a row of the output is known by one of the marks; what is costly of it is computed of few rows."""
    hashes = sorted({int(mark.partition(":")[0]) for mark in marks})
    return _row_hash(contract).isin(hashes) & row_mark(contract).isin(sorted(marks))


def _row_hash(contract: Contract) -> Column:
    """Return a hash of the row's key, of all its columns where it has none; not all types have one."""
    names = contract.key or [column.name for column in contract.columns if not column.type.is_nested]
    return F.xxhash64(*(_typed_column(contract, name) for name in names)) if names else F.lit(0)


def _typed_column(contract: Contract, name: str) -> Column:
    types = {column.name: column.type for column in contract.columns}
    return F.col(f"`{name}`").cast(types[name])


def collect_rows(
    frame: DataFrame, mark: Column, text: Callable[[tuple[Any, ...]], Any], limit: int = MAX_ROWS
) -> list[tuple[Candidate, BrokenRow]]:
    """Return some rows of a frame; `text` makes of the values in TEXT what a sample shows of them."""
    ordinal = F.col(ORDINAL) if ORDINAL in frame.columns else F.lit(None).cast("bigint")
    staged = RAW not in frame.columns
    records = frame.select(TEXT, OBJECT, VERSION, ordinal.alias(ORDINAL), mark.alias(MARK)).limit(limit).collect()
    rows: list[tuple[Candidate, BrokenRow]] = []
    for record in records:
        number = None if record[ORDINAL] is None else record[ORDINAL] + 1
        origin = Origin(record[OBJECT], record[VERSION], number)
        rows.append(
            (Candidate(format_samples([text(tuple(record[TEXT]))])[0], origin), BrokenRow(origin, record[MARK], staged))
        )
    return rows


@contextmanager
def warning_on_failure() -> Iterator[None]:
    """Let nothing that fails in the block end the run or change its verdict: only places are lost.

    It is not told what failed, which may quote a value.
    """
    try:
        yield
    except Exception as error:
        kind = type(error).__name__
        logger.warning("rows that broke a rule could not be placed: %s", kind)
