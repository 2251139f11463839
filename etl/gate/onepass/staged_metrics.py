"""What the rows that were written tell: whether a key is unique among them, and what values a column has.

The data files of the run's snapshot are read for it. Where these cannot tell, Spark computes the rule's own metrics.
"""

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from etl.contract.masking import Masking
from etl.gate.onepass.metric_queries import ColumnQuestion, Distinct, Question, Unique

if TYPE_CHECKING:
    from etl.gate.onepass.data_files import Files

MAX_HASHED_ROWS = 1 << 28  # rows whose hashes the driver compares: 2 GiB of its disk

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StagedMetrics:
    """What a run wrote: how many rows, read back by Spark as `rows`, from their data files by what `files` returns.

    `distinct_columns` are columns that are known to tell the rows apart; `masking` says what a warning may quote.
    """

    count: int
    rows: DataFrame
    files: "Callable[[], Files]"
    masking: Masking = field(default_factory=Masking)
    distinct_columns: list[frozenset[str]] = field(default_factory=list, init=False)

    def answer_questions(self, questions: Mapping[Hashable, Question]) -> dict[Hashable, Any]:
        """Return the metrics' values by key, without those that are not told: for these Spark has to look at the rows."""
        unique = {key: question.columns for key, question in questions.items() if isinstance(question, Unique)}
        answers: dict[Hashable, Any] = dict.fromkeys(self._proven_unique(unique), 0)
        of_values = {key: question for key, question in questions.items() if isinstance(question, ColumnQuestion)}
        for column in sorted({question.column for question in of_values.values()}):
            with falling_back_to_spark("values are counted", self.masking):
                answers |= self._count_answers(
                    column, {key: question for key, question in of_values.items() if question.column == column}
                )
        return answers

    def _proven_unique(self, columns_by_key: Mapping[Hashable, tuple[str, ...]]) -> list[Hashable]:
        """Return those of `columns_by_key` whose columns' values no two of the rows share; a pass over these columns each.

        Where fewer of the columns tell the rows apart already, all of them do: that takes no pass.
        """
        proven: list[Hashable] = []
        for key, columns in sorted(columns_by_key.items(), key=lambda item: len(item[1])):
            is_proven = any(fewer <= {*columns} for fewer in self.distinct_columns)
            if is_proven or self.are_unique(columns):
                self.distinct_columns.append(frozenset(columns))
                proven.append(key)
        return proven

    def are_unique(self, columns: Sequence[str]) -> bool:
        """Return True where no two rows agree in all columns; False where two may, which takes an exact look by Spark."""
        if self.count <= MAX_HASHED_ROWS:
            with falling_back_to_spark("keys are proven", self.masking):
                return self.files().all_differ(columns)
        return False

    def _count_answers(self, column: str, questions: Mapping[Hashable, ColumnQuestion]) -> dict[Hashable, Any]:
        """Return the answers of one column."""
        if frozenset({column}) in self.distinct_columns and all(
            isinstance(question, Distinct) for question in questions.values()
        ):
            return dict.fromkeys(questions, self.count - self.files().count_nulls(column))
        counts = self.files().count_values(column)
        return {key: question.answer_from(counts, self.count) for key, question in questions.items()}


@contextmanager
def falling_back_to_spark(task: str, masking: Masking) -> Iterator[None]:
    """Warn of what fails within the block, an import too: no PyArrow is among the job's own dependencies."""
    try:
        yield
    except Exception as error:
        logger.warning("%s by Spark: %s", task, masking.mask_exception(error))
