"""What the rows that were written tell: whether a key is unique among them, and what values a column has.

The data files of the run's snapshot are read for it. Where these cannot tell, Spark looks at the rows: by sketches for a key,
by the rule's own metrics for what else is asked.
"""

import sys
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from etl.contract.masking import Masking
from etl.gate.onepass.key_sketch import are_as_many
from etl.gate.onepass.metric_queries import Distinct, OfValues, Question, Unique

if TYPE_CHECKING:
    from etl.gate.onepass.data_files import Files

FEW = 1 << 28  # rows whose hashes the driver compares: 2 GiB of its disk


@dataclass(frozen=True)
class Written:
    """What a run wrote: how many rows, read back by Spark as `rows`, from their data files by what `files` returns.

    `apart` are columns that are known to tell the rows apart; `masking` says what a warning may quote.
    """

    count: int
    rows: DataFrame
    files: "Callable[[], Files]"
    apart: list[frozenset[str]] = field(default_factory=list)
    masking: Masking = field(default_factory=Masking)

    def answers(self, asked: Mapping[Hashable, Question]) -> dict[Hashable, Any]:
        """Return the metrics' values by key, without those that are not told: for these Spark has to look at the rows."""
        unique = {key: one.columns for key, one in asked.items() if isinstance(one, Unique)}
        found: dict[Hashable, Any] = dict.fromkeys(self._proven(unique), 0)
        of_values = {key: one for key, one in asked.items() if isinstance(one, OfValues)}
        for column in sorted({one.column for one in of_values.values()}):
            with _or_by_spark("values are counted", self.masking):
                found |= self._counted(column, {key: one for key, one in of_values.items() if one.column == column})
        return found

    def _proven(self, wanted: Mapping[Hashable, tuple[str, ...]]) -> list[Hashable]:
        """Return those of `wanted` whose columns' values no two of the rows share; a pass over these columns each.

        Where fewer of the columns tell the rows apart already, all of them do: that takes no pass.
        """
        found: list[Hashable] = []
        for key, columns in sorted(wanted.items(), key=lambda one: len(one[1])):
            known = any(fewer <= {*columns} for fewer in self.apart)
            if known or self.are_unique(columns):
                self.apart.append(frozenset(columns))
                found.append(key)
        return found

    def are_unique(self, columns: Sequence[str]) -> bool:
        """Return True where no two rows agree in all columns; False where two may, which takes an exact look."""
        told = None
        if self.count <= FEW:
            with _or_by_spark("keys are proven", self.masking):
                told = self.files().differ(columns)
        return are_as_many(self.rows, columns) if told is None else told

    def _counted(self, column: str, asked: Mapping[Hashable, OfValues]) -> dict[Hashable, Any]:
        """Return the answers of one column."""
        if frozenset({column}) in self.apart and all(isinstance(one, Distinct) for one in asked.values()):
            return dict.fromkeys(asked, self.count - self.files().nulls(column))
        counts = self.files().counts(column)
        return {key: one.answer(counts, self.count) for key, one in asked.items()}


@contextmanager
def _or_by_spark(what: str, masking: Masking) -> Iterator[None]:
    """Warn of what fails within the block, an import too: no PyArrow is among the job's own dependencies."""
    try:
        yield
    except Exception as error:
        print(f"WARNING {what} by Spark: {masking.exception(error)}", file=sys.stderr, flush=True)
