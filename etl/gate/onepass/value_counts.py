"""How many rows have each value of a column, in memory that does not grow with the rows: of columns of not too many values."""

from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from etl.gate.onepass.metric_queries import FilesInconclusive

MAX_BYTES = 1 << 24  # bytes of values with their numbers
MAX_UNMERGED = 1 << 20  # numbers that are kept apart, at least, before they are added up
VALUE, NUMBER = "value", "number"
EMPTY_TABLE = pa.table({VALUE: pa.array([], "string"), NUMBER: pa.array([], "int64")})
pc: Any = pyarrow.compute  # makes its functions as it is imported


class ColumnCounts:
    """What `questions.Counts` tells, of a column whose batches are added, by several threads if need be."""

    def __init__(self) -> None:
        """Start from no row."""
        self._tables: list[pa.Table] = []
        self._apart, self._many, self._lock = 0, False, Lock()

    def add_rows(self, column: pa.Array) -> None:
        """Count some rows.

        Raises:
            Unread: there are more values than are held in memory.
        """
        if pa.types.is_floating(column.type):
            raise AssertionError("equal floating-point numbers have several forms: they are not counted by them")
        if pa.types.is_timestamp(column.type):  # as Spark hands a time to Python
            column = column.cast(pa.timestamp("us"))
        value_counts = pc.value_counts(column.drop_null())
        table = pa.table({VALUE: value_counts.field(0), NUMBER: value_counts.field(1)})
        with self._lock:
            self._tables.append(table)
            self._apart += table.num_rows
            if self._many or self._apart > max(MAX_UNMERGED, self._tables[0].num_rows):
                self._merge_tables()

    @property
    def values(self) -> int:
        """How many values there are."""
        return int(self._sorted_table.num_rows)

    @property
    def rows(self) -> int:
        """How many rows have one."""
        return int(self._last_positions[-1]) if self.values else 0

    def most_common(self) -> list[Any]:
        """Return the values that most rows have, in their order."""
        numbers = self._sorted_table[NUMBER]
        return self._sorted_table.filter(pc.equal(numbers, pc.max(numbers)))[VALUE].to_pylist()

    def value_at(self, place: int) -> Any:
        """Return the value of the row at a place, from 1, were they put in order."""
        return self._sorted_table[VALUE][int(np.searchsorted(self._last_positions, place))].as_py()

    @cached_property
    def _sorted_table(self) -> pa.Table:
        self._merge_tables()
        return self._tables[0].sort_by(VALUE)

    @cached_property
    def _last_positions(self) -> np.ndarray:
        """The place of the last row of each value."""
        return np.cumsum(np.asarray(self._sorted_table[NUMBER]))

    def _merge_tables(self) -> None:
        if not self._many:
            combined = pa.concat_tables(self._tables or [EMPTY_TABLE])
            summed = combined.group_by(VALUE, use_threads=False).aggregate([(NUMBER, "sum")])
            self._tables, self._apart = [pa.table({VALUE: summed[VALUE], NUMBER: summed[f"{NUMBER}_sum"]})], 0
            self._many = summed.nbytes > MAX_BYTES
        if self._many:
            raise FilesInconclusive(f"the values of a column take more than {MAX_BYTES >> 20} MiB")
