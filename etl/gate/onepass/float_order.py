"""The floating-point numbers of a column in their order, held in memory: of not too many rows."""

from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from etl.gate.onepass.metric_queries import FilesInconclusive

MAX_BYTES = 1 << 26  # of numbers: 8 million rows


class FloatOrder:
    """What `metric_queries.ValueOrder` tells, of a column whose batches are added, by several threads if need be.

    NaN is left out, as Spark's quantiles leave it out.
    """

    def __init__(self) -> None:
        """Start from no row."""
        self._parts: list[np.ndarray] = []
        self._bytes, self._lock = 0, Lock()

    def add_rows(self, column: pa.Array) -> None:
        """Take the numbers of some rows.

        Raises:
            FilesInconclusive: there are more than are held in memory.
        """
        numbers = np.asarray(column.drop_null(), dtype="float64")
        numbers = numbers[~np.isnan(numbers)]
        with self._lock:
            self._bytes += numbers.nbytes
            if self._bytes > MAX_BYTES:
                raise FilesInconclusive(f"the numbers of a column take more than {MAX_BYTES >> 20} MiB")
            self._parts.append(numbers)

    @property
    def rows(self) -> int:
        """How many rows have a number."""
        return len(self._sorted_numbers)

    def value_at(self, place: int) -> Any:
        """Return the number of the row at a place, from 1, were they put in order."""
        return float(self._sorted_numbers[place - 1])

    @cached_property
    def _sorted_numbers(self) -> np.ndarray:
        return np.sort(np.concatenate([*self._parts, np.empty(0)]))
