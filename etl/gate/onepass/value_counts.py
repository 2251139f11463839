"""How many rows have each value of a column, in memory that does not grow with the rows: of columns of not too many values."""

from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from etl.gate.onepass.metric_queries import Unread

MOST = 1 << 24  # bytes of values with their numbers
APART = 1 << 20  # numbers that are kept apart, at least, before they are added up
VALUE, NUMBER = "value", "number"
NONE = pa.table({VALUE: pa.array([], "string"), NUMBER: pa.array([], "int64")})
pc: Any = pyarrow.compute  # makes its functions as it is imported


class Counts:
    """What `questions.Counts` tells, of a column whose batches are added, by several threads if need be."""

    def __init__(self) -> None:
        """Start from no row."""
        self._tables: list[pa.Table] = []
        self._apart, self._many, self._lock = 0, False, Lock()

    def add(self, column: pa.Array) -> None:
        """Count some rows.

        Raises:
            Unread: there are more values than are held in memory.
        """
        found = pc.value_counts(column.drop_null())
        table = pa.table({VALUE: found.field(0), NUMBER: found.field(1)})
        with self._lock:
            self._tables.append(table)
            self._apart += table.num_rows
            if self._many or self._apart > max(APART, self._tables[0].num_rows):
                self._join()

    @property
    def values(self) -> int:
        """How many values there are."""
        return int(self._ordered.num_rows)

    @property
    def rows(self) -> int:
        """How many rows have one."""
        return int(self._places[-1]) if self.values else 0

    def commonest(self) -> list[Any]:
        """Return the values that most rows have, in their order."""
        numbers = self._ordered[NUMBER]
        return self._ordered.filter(pc.equal(numbers, pc.max(numbers)))[VALUE].to_pylist()

    def at(self, place: int) -> Any:
        """Return the value of the row at a place, from 1, were they put in order."""
        return self._ordered[VALUE][int(np.searchsorted(self._places, place))].as_py()

    @cached_property
    def _ordered(self) -> pa.Table:
        self._join()
        return self._tables[0].sort_by(VALUE)

    @cached_property
    def _places(self) -> np.ndarray:
        """The place of the last row of each value."""
        return np.cumsum(np.asarray(self._ordered[NUMBER]))

    def _join(self) -> None:
        if not self._many:
            every = pa.concat_tables(self._tables or [NONE])
            added = every.group_by(VALUE, use_threads=False).aggregate([(NUMBER, "sum")])
            self._tables, self._apart = [pa.table({VALUE: added[VALUE], NUMBER: added[f"{NUMBER}_sum"]})], 0
            self._many = added.nbytes > MOST
        if self._many:
            raise Unread(f"the values of a column take more than {MOST >> 20} MiB")
