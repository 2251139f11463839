"""The numbers of rows within their objects: a few objects are read again for them, in memory that does not grow with these."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.gate.broken_rows import ROWS, TEXT, TRACED, Row, collected, harmless, line_mark, row_mark, traced
from etl.gate.gated_plan import Crossing
from etl.sources import physical_lines
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.storage.raw_objects import Place

OBJECTS = 3  # read again
LINES = ("csv", "jsonl")  # formats whose rows are lines
SOURCE_ROW = "_row"


class Source(Protocol):
    """What rows are read from."""

    @property
    def contract(self) -> Contract:
        """The contract that the lines are read by."""
        ...

    def read(self, spark: SparkSession, looks: list[Look], plain: Plain, /) -> DataFrame:
        """Return the rows of some objects."""
        ...


@dataclass
class RowNumbers:
    """What the numbers are told by: a passage's source, its `lines` and the looks at its objects."""

    source: Source
    s3: Any
    place: Place
    crossing: Crossing
    lines: DataFrame
    looks: list[Look]

    def of(self, rules: Sequence[Sequence[Row]]) -> dict[Row, list[int]]:
        """Return the numbers of rows of a few objects, for each row as many as a rule has rows like it."""
        counts: dict[Row, int] = {}
        for rows in rules:
            for row, count in Counter(rows).items():
                counts[row] = max(count, counts.get(row, 0))
        places = Counter(row.place for row in counts if row.origin.row is None)
        chosen = [place for place, _ in places.most_common(OBJECTS)]
        sought = [row for row in counts if row.mark and row.place in chosen]
        source_rows = {row: [row] for row in sought if not row.staged} | self._source_rows(
            [row for row in sought if row.staged]
        )
        numbered = {
            row: [source_row.origin.row for source_row in candidates if source_row.origin.row]
            for row, candidates in source_rows.items()
        }
        if self.looks and self.source.contract.format in LINES:
            for place in chosen:
                self._count_lines(
                    place,
                    {row: candidates for row, candidates in source_rows.items() if row.place == place},
                    counts,
                    numbered,
                )
        return numbered

    def _count_lines(
        self,
        place: tuple[str, str],
        source_rows: Mapping[Row, list[Row]],
        counts: Mapping[Row, int],
        numbered: dict[Row, list[int]],
    ) -> None:
        """Read an object once more for the numbers of its rows' lines."""
        mark_counts: dict[str, int] = {}
        for row, candidates in source_rows.items():
            for mark in {candidate.mark for candidate in candidates if candidate.mark}:
                mark_counts[mark] = max(counts[row], mark_counts.get(mark, 0))
        with harmless():
            line_numbers = physical_lines.find(self.s3, self.place.bucket, *place, mark_counts)
            for row, candidates in source_rows.items():
                numbered[row] = sorted(
                    {number for candidate in candidates if candidate.mark for number in line_numbers[candidate.mark]}
                )

    def _source_rows(self, rows: Sequence[Row]) -> dict[Row, list[Row]]:
        """Judge the source's rows again; return for each staged row those of the source that it may be."""
        read = self.source.contract
        if not rows or read.sources or read.format == "orc":  # no row of these has a number
            return {}
        objects = {row.origin.object for row in rows}
        looks = [look for look in self.looks if look.object.key in objects]
        lines = self.lines
        if len(looks) < len(self.looks):
            lines = self.source.read(lines.sparkSession, looks, self.crossing.beside.plain)
        frame = self.crossing.crossed(traced(lines), TRACED).frame.withColumn(
            SOURCE_ROW, row_mark(self.crossing.output)
        )
        marks = sorted({row.mark for row in rows if row.mark})
        marked = frame.where(F.col(SOURCE_ROW).isin(marks)).withColumn(TEXT, F.struct(SOURCE_ROW))
        rows_by_mark: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        for candidate, row in collected(marked, line_mark(), lambda values: values[0], ROWS * len(marks)):
            rows_by_mark[row.origin.object, candidate.text].append(row)
        return {row: rows_by_mark[row.origin.object, row.mark] for row in rows}
