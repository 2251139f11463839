"""The numbers of rows within their objects: a few objects are read again for them, in memory that does not grow with these."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.gate.broken_rows import (
    MAX_ROWS,
    TEXT,
    TRACED_COLUMNS,
    BrokenRow,
    collect_rows,
    has_row_mark,
    line_mark,
    row_mark,
    warning_on_failure,
    with_raw_line,
)
from etl.gate.gated_plan import GatedPlan
from etl.gate.source_lines import SourceLines
from etl.sources import physical_lines
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.storage.raw_objects import S3Prefix

MAX_OBJECTS = 3  # read again


class RowSource(Protocol):
    """What rows are read from."""

    @property
    def contract(self) -> Contract:
        """The contract that the lines are read by."""
        ...

    def read_rows(self, spark: SparkSession, preflights: list[FilePreflight], plain: LineRegex, /) -> DataFrame:
        """Return the rows of some objects."""
        ...


@dataclass
class RowNumbers:
    """What the numbers are told by: a passage's source, its `lines` and the looks at its objects."""

    source: RowSource
    s3: Any
    raw_prefix: S3Prefix
    gated_plan: GatedPlan
    lines: SourceLines
    preflights: list[FilePreflight]

    def find_numbers(self, rules: Sequence[Sequence[BrokenRow]]) -> dict[BrokenRow, list[int]]:
        """Return the numbers of rows of a few objects, for each row as many as a rule has rows like it."""
        counts: dict[BrokenRow, int] = {}
        for rows in rules:
            for row, count in Counter(rows).items():
                counts[row] = max(count, counts.get(row, 0))
        places = Counter(row.object_version for row in counts if row.origin.row is None)
        chosen = [place for place, _ in places.most_common(MAX_OBJECTS)]
        sought = [row for row in counts if row.mark and row.object_version in chosen]
        source_rows = {row: [row] for row in sought if not row.staged} | self._source_rows(
            [row for row in sought if row.staged]
        )
        numbered = {
            row: [source_row.origin.row for source_row in candidates if source_row.origin.row]
            for row, candidates in source_rows.items()
        }
        # A record of a file that one task reads whole has its number already.
        if self.preflights and self.source.contract.has_lines:
            for place in chosen:
                self._count_lines(
                    place,
                    {row: candidates for row, candidates in source_rows.items() if row.object_version == place},
                    counts,
                    numbered,
                )
        return numbered

    def _count_lines(
        self,
        place: tuple[str, str],
        source_rows: Mapping[BrokenRow, list[BrokenRow]],
        counts: Mapping[BrokenRow, int],
        numbered: dict[BrokenRow, list[int]],
    ) -> None:
        """Read an object once more for the numbers of its rows' lines."""
        mark_counts: dict[str, int] = {}
        for row, candidates in source_rows.items():
            for mark in {candidate.mark for candidate in candidates if candidate.mark}:
                mark_counts[mark] = max(counts[row], mark_counts.get(mark, 0))
        with warning_on_failure():
            encoding = self.source.contract.dialect.encoding
            line_numbers = physical_lines.find_line_numbers(
                self.s3, self.raw_prefix.bucket, place, mark_counts, encoding
            )
            for row, candidates in source_rows.items():
                numbered[row] = sorted(
                    {number for candidate in candidates if candidate.mark for number in line_numbers[candidate.mark]}
                )

    def _source_rows(self, rows: Sequence[BrokenRow]) -> dict[BrokenRow, list[BrokenRow]]:
        """Judge the source's rows again; return for each staged row those of the source that it may be."""
        contract = self.source.contract
        if not rows or contract.sources or not contract.format.has_row_numbers:
            return {}
        objects = {row.origin.object for row in rows}
        preflights = [preflight for preflight in self.preflights if preflight.object.key in objects]
        lines = self.lines.unproven
        if len(preflights) < len(self.preflights):
            lines = self.source.read_rows(lines.sparkSession, preflights, LineRegex())
        frame = self.gated_plan.gated_rows(with_raw_line(lines), TRACED_COLUMNS).frame
        marks, output = {row.mark for row in rows if row.mark}, self.gated_plan.output
        marked = frame.where(has_row_mark(output, marks)).withColumn(TEXT, F.struct(row_mark(output)))
        # All partitions at once: by itself a limit has Spark look into a few first, and most have none of these rows.
        marked = marked.limit(MAX_ROWS * len(marks)).repartition(1)
        rows_by_mark: dict[tuple[str, str | None], list[BrokenRow]] = defaultdict(list)
        for candidate, row in collect_rows(marked, line_mark(), lambda values: values[0], MAX_ROWS * len(marks)):
            rows_by_mark[row.origin.object, candidate.text].append(row)
        return {row: rows_by_mark[row.origin.object, row.mark] for row in rows}
